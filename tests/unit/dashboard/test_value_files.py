"""What is served of files that values point at: previews, downloads, and under which guard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import AsyncClient

from remote_client._values import DataFrame, Dir, File, TypedValue
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.test_access_matrix import content
from tests.unit.dashboard.things import details

HERE = "/v2/domain/development/project/shop/runs/r1/actions/a0/values/outputs"
HOSTILE = "<script>alert(1)</script>"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    settings.FILE_STORES = [str(folder)]
    return folder


@pytest.fixture
def outputs(platform: FakePlatform) -> FakePlatform:
    platform.details_there["a0"] = details("a0", "succeeded")
    return platform


def give(platform: FakePlatform, value: Any) -> None:
    platform.values["outputs"] = [TypedValue("o0", "any", "", value)]


async def test_a_download_is_byte_exact_and_never_shown(
    browser: AsyncClient, outputs: FakePlatform, root: Path
) -> None:
    body = bytes(range(256)) * 3000
    (root / 'na"me.html').write_bytes(body)
    give(outputs, File(str(root / 'na"me.html')))
    response = await browser.get(f"{HERE}/o0/download")
    assert b"".join([chunk async for chunk in response.streaming_content]) == body
    assert response.headers["Content-Disposition"] == 'attachment; filename="na\\"me.html"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    ("asked", "status", "piece"),
    [
        ("bytes=0-4", 206, slice(0, 5)),
        ("bytes=10-", 206, slice(10, 1000)),
        ("bytes=-7", 206, slice(993, 1000)),
        ("bytes=5-99999", 206, slice(5, 1000)),
        ("bytes=1000-", 416, None),
        ("bytes=1-2,4-5", 200, slice(0, 1000)),
        ("lines=1-2", 200, slice(0, 1000)),
    ],
)
async def test_a_download_goes_on_where_it_broke_off(
    browser: AsyncClient,
    outputs: FakePlatform,
    root: Path,
    asked: str,
    status: int,
    piece: slice | None,
) -> None:
    body = bytes(n % 251 for n in range(1000))
    (root / "x").write_bytes(body)
    give(outputs, File(str(root / "x")))
    response = await browser.get(f"{HERE}/o0/download", headers={"Range": asked})
    assert response.status_code == status
    if piece is not None:
        assert b"".join([chunk async for chunk in response.streaming_content]) == body[piece]


async def test_a_file_of_a_folder_is_downloaded_and_nothing_beside_it(
    browser: AsyncClient, outputs: FakePlatform, root: Path
) -> None:
    (root / "d" / "e").mkdir(parents=True)
    (root / "d" / "e" / "x.txt").write_text("inside")
    (root / "secret").write_text("beside")
    give(outputs, Dir(str(root / "d")))
    assert await content(await browser.get(f"{HERE}/o0/download?file=e/x.txt")) == "inside"
    for wrong in ("../secret", "/etc/passwd", "e/../../secret", "e/none"):
        assert (await browser.get(f"{HERE}/o0/download", {"file": wrong})).status_code == 404


async def test_only_what_the_value_points_at_is_served(
    browser: AsyncClient, outputs: FakePlatform, root: Path
) -> None:
    give(outputs, {"f": File("/etc/passwd"), "n": 3})
    for query in ("", "?at=/f", "?at=/n", "?at=/none", "?at=/f&file=x"):
        assert (await browser.get(f"{HERE}/o0/download{query}")).status_code == 404
    assert (await browser.get(f"{HERE}/none/download")).status_code == 404
    assert (await browser.get(f"{HERE}/o0/other")).status_code == 404


async def test_a_picture_is_known_by_its_bytes(
    browser: AsyncClient, outputs: FakePlatform, root: Path
) -> None:
    (root / "a.txt").write_bytes(PNG)
    (root / "b.png").write_text(HOSTILE)
    give(outputs, [File(str(root / "a.txt")), File(str(root / "b.png"))])
    shown = await browser.get(f"{HERE}/o0/inline?at=/0")
    assert (shown.headers["Content-Type"], shown.content) == ("image/png", PNG)
    assert (await browser.get(f"{HERE}/o0/inline?at=/1")).status_code == 404
    assert "<img" in await content(await browser.get(f"{HERE}/o0/preview?at=/0"))


async def test_a_page_of_a_task_is_shown_as_nobody(
    browser: AsyncClient, outputs: FakePlatform, root: Path
) -> None:
    (root / "a.html").write_text(HOSTILE)
    give(outputs, File(str(root / "a.html")))
    inside = await browser.get(f"{HERE}/o0/inline")
    policy = inside.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    assert "connect-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    frame = await content(await browser.get(f"{HERE}/o0/preview?part=1"))
    assert 'sandbox="allow-scripts"' in frame
    assert HOSTILE not in frame


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.json", "a.tsv"])
async def test_text_in_a_file_is_text(
    browser: AsyncClient, outputs: FakePlatform, root: Path, name: str
) -> None:
    (root / name).write_text(f"{HOSTILE},{HOSTILE}\n{HOSTILE},2\n")
    give(outputs, File(str(root / name)))
    page = await content(await browser.get(f"{HERE}/o0/preview"))
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


async def test_a_table_is_paged_by_rows(
    browser: AsyncClient, outputs: FakePlatform, root: Path
) -> None:
    frame = pa.table({"n": list(range(120)), HOSTILE: [None, HOSTILE] * 60})
    pq.write_table(frame.slice(0, 70), root / "1.parquet", row_group_size=30)
    (root / "t").mkdir()
    pq.write_table(frame.slice(0, 70), root / "t" / "0.parquet", row_group_size=30)
    pq.write_table(frame.slice(70), root / "t" / "1.parquet")
    give(outputs, DataFrame(str(root / "t"), "parquet"))
    first = await content(await browser.get(f"{HERE}/o0/preview?part=1"))
    assert "Rows 1 to 50 of 120" in first
    assert ">49</td>" in first
    assert HOSTILE not in first
    last = await content(await browser.get(f"{HERE}/o0/preview?part=1&page=3"))
    assert "Rows 101 to 120 of 120" in last
    assert ">119</td>" in last
    beyond = await content(await browser.get(f"{HERE}/o0/preview?part=1&page=99999"))
    assert "Rows 101 to 120 of 120" in beyond


async def test_a_broken_table_says_so(
    browser: AsyncClient, outputs: FakePlatform, root: Path
) -> None:
    (root / "x.parquet").write_bytes(b"PAR1 not really PAR1")
    give(outputs, DataFrame(str(root / "x.parquet")))
    page = await browser.get(f"{HERE}/o0/preview")
    assert page.status_code == 200
    assert "no readable parquet table" in await content(page)


async def test_a_value_is_downloaded_as_json(browser: AsyncClient, outputs: FakePlatform) -> None:
    give(outputs, {"a": [1, HOSTILE]})
    response = await browser.get(f"{HERE}/o0/json")
    assert response.json() == {"a": [1, HOSTILE]}
    assert response.headers["Content-Disposition"].startswith("attachment")
