"""What can be shown of a file, folder or table without downloading it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dashboard.action_tabs import stores, tables
from dashboard.action_tabs.sandbox import picture_type
from dashboard.action_tabs.stores import Stored, Unreadable
from dashboard.action_tabs.value_views import PAGES, PICTURES, ending_of
from remote_client._values import DataFrame, Dir, Schema

MOST_TEXT_BYTES = 128 * 1024
MOST_PICTURE_BYTES = 32 * 1024 * 1024
MOST_PAGE_BYTES = 16 * 1024 * 1024
SNIFFED_BYTES = 512


@dataclass(frozen=True)
class Entry:
    """A file of a folder, by its path in it."""

    path: str
    size: int


@dataclass(frozen=True)
class Preview:
    """One of these is filled; `note` says why none is."""

    size: int | None = None
    entries: tuple[Entry, ...] = ()
    has_more: bool = False
    table: tables.Table | None = None
    text: str = ""
    is_cut: bool = False
    is_picture: bool = False
    is_page: bool = False
    note: str = ""


async def preview_of(reference: Any, inside: str, page: int) -> Preview:
    """Of what a value points at; `inside` names a file of a folder. Never raises Unreadable."""
    try:
        if inside:
            found = await stores.find(stores.joined(reference.uri, inside))
            return await _of_file(found, ending_of(inside), page)
        return await _of_reference(reference, page)
    except Unreadable as error:
        return Preview(note=str(error))


async def _of_reference(reference: Any, page: int) -> Preview:
    if isinstance(reference, DataFrame | Schema):
        return await _of_table(reference, page)
    if isinstance(reference, Dir):
        return await _of_folder(reference.uri)
    found = await stores.find(reference.uri)
    ending = ending_of(found.name) or str(getattr(reference, "format", "")).lower()
    return await _of_file(found, ending, page)


async def _of_folder(uri: str) -> Preview:
    found, has_more = await stores.listing(uri)
    base = len(uri.rstrip("/")) + 1
    entries = tuple(Entry(each.uri[base:], each.size) for each in found)
    note = "" if entries else "The folder is empty."
    return Preview(sum(each.size for each in found), entries, has_more, note=note)


async def _of_table(reference: Any, page: int) -> Preview:
    """A table is a parquet file, or a folder of them; each is looked up by itself."""
    try:
        files = [await stores.find(reference.uri)]
    except Unreadable:
        found, _ = await stores.listing(reference.uri)
        files = [await stores.find(each.uri) for each in found if each.size][:50]
    files = [file for file in files if file.size]
    if not files:
        return Preview(note="The table has no files.")
    if ending_of(files[0].name) == "csv" or getattr(reference, "format", "") == "csv":
        return await _of_file(files[0], "csv", page)
    table = await tables.parquet_page(files, page)
    return Preview(sum(file.size for file in files), table=table)


async def _of_file(stored: Stored, ending: str, page: int) -> Preview:
    if ending == "parquet":
        return Preview(stored.size, table=await tables.parquet_page([stored], page))
    if ending in ("csv", "tsv"):
        separator = "," if ending == "csv" else "\t"
        return Preview(stored.size, table=await tables.csv_page(stored, separator))
    if ending in PAGES and stored.size <= MOST_PAGE_BYTES:
        return Preview(stored.size, is_page=True)
    head = await stores.first_bytes(stored, SNIFFED_BYTES)
    if picture_type(head, ending):
        if stored.size > MOST_PICTURE_BYTES:
            return Preview(stored.size, note="The picture is too large to show. Download it.")
        return Preview(stored.size, is_picture=True)
    if ending in PICTURES or b"\0" in head:
        return Preview(stored.size, note="Its bytes are no text, so there is nothing to show.")
    return await _of_text(stored, ending)


async def _of_text(stored: Stored, ending: str) -> Preview:
    if not stored.size:
        return Preview(0, note="The file is empty.")
    data = await stores.first_bytes(stored, MOST_TEXT_BYTES)
    text, is_cut = data.decode("utf-8", "replace"), len(data) < stored.size
    if ending == "json" and not is_cut:
        text = _indented(text)
    return Preview(stored.size, text=text, is_cut=is_cut)


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
