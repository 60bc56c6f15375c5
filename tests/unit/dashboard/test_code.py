"""The code tab: archives are opened within limits, and source is text."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest

from dashboard.action_tabs import Asked, bundles, code
from dashboard.action_tabs.bundles import opened
from dashboard.action_tabs.stores import Unreadable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import SCOPE, details

SOURCE = 'import flyte\n\n\nasync def main(x: str = "<b>") -> str:\n    return x\n'


def archive(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return body.getvalue()


@pytest.fixture
def ran(platform: FakePlatform) -> Any:
    """Details of an action whose code was uploaded."""
    bundles._kept.clear()
    found = details("a0", "succeeded")
    template = found._pb.task.task_template
    template.metadata.code_bundle_uri = "/elsewhere/fast123.tar.gz"
    template.container.args.extend(
        ["a0", "--tgz", "/elsewhere/fast123.tar.gz", "mod", "flows.etl", "instance", "main"]
    )
    return found


async def shown(found: Any, **query: str) -> dict[str, Any]:
    template, context = await code.panel_part(SCOPE, "r1", found, Asked(0, query))
    assert template == "runs/_code.html"
    return context


async def test_the_entry_file_is_shown_with_its_function_marked(
    platform: FakePlatform, ran: Any
) -> None:
    platform.bundle = archive({"./src/flows/etl.py": SOURCE.encode(), "./README.md": b"# Hi"})
    context = await shown(ran)
    assert [each.path for each in context["files"]] == ["README.md", "src/flows/etl.py"]
    assert context["shown"].path == "src/flows/etl.py"
    assert [line.number for line in context["lines"] if line.is_entry] == [4]
    text = "".join(line.html for line in context["lines"])
    assert "<b>" not in text
    assert "&lt;b&gt;" in text


async def test_another_file_is_chosen_by_the_address(platform: FakePlatform, ran: Any) -> None:
    platform.bundle = archive({"flows/etl.py": b"x = 1\n", "a.html": b"<script>1</script>\n"})
    context = await shown(ran, file="a.html")
    assert "<script>" not in "".join(line.html for line in context["lines"])
    assert (await shown(ran, file="none.py"))["missing"] == "none.py"


async def test_an_archive_is_opened_once(platform: FakePlatform, ran: Any) -> None:
    platform.bundle = archive({"flows/etl.py": b"x = 1\n"})
    await shown(ran)
    platform.bundle = None
    assert (await shown(ran))["shown"].path == "flows/etl.py"


async def test_it_says_why_there_is_no_code(platform: FakePlatform, ran: Any) -> None:
    assert "no access" in (await shown(ran))["note"]
    ran.__dict__.pop("task")  # it is remembered
    ran._pb.task.task_template.metadata.code_bundle_uri = "s3://b/x.pkl.gz"
    assert "pickled" in (await shown(ran))["note"]
    assert "image" in (await shown(details("a0", "succeeded")))["note"]


def test_what_is_no_text_or_too_large_is_named_and_not_shown() -> None:
    bundle = opened(archive({"a.bin": b"\0\1", "b.txt": b"x" * (bundles.MOST_FILE_BYTES + 1)}))
    assert [(each.path, each.text) for each in bundle.files] == [("a.bin", None), ("b.txt", None)]


def test_an_archive_that_unpacks_to_too_much_is_left_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bundles, "MOST_UNPACKED_BYTES", 10_000)
    bundle = opened(archive({"a.txt": b"a" * 9_000, "b.txt": b"b" * 9_000, "c.txt": b"c"}))
    assert [each.path for each in bundle.files] == ["a.txt"]
    assert bundle.is_cut


@pytest.mark.parametrize("data", [b"", b"not an archive", archive({"a": b"1"})[:-20]])
def test_a_broken_archive_says_so(data: bytes) -> None:
    with pytest.raises(Unreadable, match="no readable archive"):
        opened(data)
