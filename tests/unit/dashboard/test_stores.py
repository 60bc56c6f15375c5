"""Files of tasks are read from named roots alone, whatever address a task made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.action_tabs import stores
from dashboard.action_tabs.stores import Unreadable


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """A named folder with files, beside a secret that is outside of it."""
    folder = tmp_path / "raw"
    (folder / "d" / "deep").mkdir(parents=True)
    (folder / "d" / "a b#%.txt").write_bytes(b"hello")
    (folder / "d" / "deep" / "x.bin").write_bytes(bytes(range(256)) * 4000)
    (tmp_path / "raw2").mkdir()
    (tmp_path / "raw2" / "secret").write_text("secret")
    settings.FILE_STORES = [str(folder)]
    return folder


async def test_a_file_is_found_and_read_whole_or_in_part(root: Path) -> None:
    found = await stores.find(str(root / "d" / "deep" / "x.bin"))
    content = bytes(range(256)) * 4000
    assert found.size == len(content)
    assert b"".join([c async for c in stores.chunks(found, 0, found.size)]) == content
    assert b"".join([c async for c in stores.chunks(found, 300, 700)]) == content[300:700]
    assert await stores.first_bytes(found, 10) == content[:10]


async def test_names_may_hold_any_sign(root: Path) -> None:
    found = await stores.find(f"file://{root}/d/a b#%.txt")
    assert (found.name, await stores.first_bytes(found, 99)) == ("a b#%.txt", b"hello")


async def test_a_folder_lists_its_files_by_path(root: Path) -> None:
    found, has_more = await stores.listing(str(root / "d"))
    assert [each.uri[len(str(root)) :] for each in found] == ["/d/a b#%.txt", "/d/deep/x.bin"]
    assert not has_more


@pytest.mark.parametrize(
    "uri",
    [
        "/etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "s3://bucket/key",
        "file:///etc/passwd",
        "{root}2/secret",
        "{root}/../raw2/secret",
        "{root}/d/../../raw2/secret",
        "",
    ],
)
async def test_no_other_address_is_read(root: Path, uri: str) -> None:
    with pytest.raises(Unreadable):
        await stores.find(uri.format(root=root))
    with pytest.raises(Unreadable):
        await stores.listing(uri.format(root=root))


async def test_a_link_out_of_the_folder_is_not_followed(root: Path) -> None:
    (root / "d" / "link").symlink_to(root.parent / "raw2" / "secret")
    (root / "d" / "folder").symlink_to(root.parent / "raw2")
    for name in ("link", "folder/secret"):
        with pytest.raises(Unreadable):
            await stores.find(str(root / "d" / name))


async def test_a_link_inside_the_folder_is(root: Path) -> None:
    (root / "latest").symlink_to(root / "d" / "a b#%.txt")
    assert await stores.first_bytes(await stores.find(str(root / "latest")), 9) == b"hello"


@pytest.mark.parametrize("inside", ["../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a\0b", ""])
def test_a_file_of_a_folder_stays_in_it(inside: str) -> None:
    with pytest.raises(Unreadable):
        stores.joined("/data/raw/d", inside)


async def test_what_is_gone_says_so(root: Path) -> None:
    with pytest.raises(Unreadable, match="not there any more"):
        await stores.find(str(root / "nothing"))


async def test_without_a_named_root_nothing_is_read(settings: Any, tmp_path: Path) -> None:
    settings.FILE_STORES = []
    (tmp_path / "x").write_text("x")
    with pytest.raises(Unreadable):
        await stores.find(str(tmp_path / "x"))
