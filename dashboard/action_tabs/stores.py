"""Reads the files that tasks wrote: only below the roots that `FILE_STORES` names.

A task may name any address as its output. So an address is read only when an operator named a
folder or bucket that holds it, never by following what it says: no link out of a folder, no `..`,
no host of its choice. Whose data it is has been asked before, of the platform and of our roles.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import obstore
from django.conf import settings
from obstore.store import LocalStore, from_url

CHUNK_BYTES = 256 * 1024
MOST_LISTED = 500
"""Files of a folder that are listed; more are said to be there."""


class Unreadable(Exception):
    """The file can't be read; the text is a sentence for people."""


@dataclass(frozen=True)
class Stored:
    """One file in a store."""

    uri: str
    store: Any
    path: str
    size: int
    modified: datetime | None

    @property
    def name(self) -> str:
        return self.uri.rstrip("/").rpartition("/")[2]


def is_covered(uri: str) -> bool:
    """Whether a root is named that holds this address; asks no store."""
    return _root_of(_plain(uri)) is not None


async def find(uri: str) -> Stored:
    """The file at an address. Raises Unreadable, also when it is a folder."""
    store, path = await _place(uri)
    try:
        meta = await obstore.head_async(store, path)
    except FileNotFoundError:
        raise Unreadable("The file is not there any more.") from None
    except Exception as error:
        raise _refusal(error) from None
    return Stored(uri, store, path, int(meta["size"]), meta["last_modified"])


async def listing(uri: str) -> tuple[list[Stored], bool]:
    """The files below an address by path, at most `MOST_LISTED`, and whether there are more."""
    store, path = await _place(uri)
    found: list[Stored] = []
    base = uri.rstrip("/")
    try:
        async for batch in obstore.list(store, path or None, chunk_size=MOST_LISTED):
            for meta in batch:
                inside = str(meta["path"])[len(path) :].lstrip("/") if path else str(meta["path"])
                if inside:
                    where = f"{base}/{inside}"
                    entry = (where, store, str(meta["path"]), int(meta["size"]))
                    found.append(Stored(*entry, meta["last_modified"]))
            if len(found) > MOST_LISTED:
                break
    except FileNotFoundError:
        raise Unreadable("The folder is not there any more.") from None
    except Exception as error:
        raise _refusal(error) from None
    found.sort(key=lambda each: each.path)
    return found[:MOST_LISTED], len(found) > MOST_LISTED


async def first_bytes(stored: Stored, most: int) -> bytes:
    """The beginning of a file."""
    if not stored.size:
        return b""
    try:
        end = min(most, stored.size)
        return bytes(await obstore.get_range_async(stored.store, stored.path, start=0, end=end))
    except Exception as error:
        raise _refusal(error) from None


async def chunks(stored: Stored, start: int, end: int) -> AsyncIterator[bytes]:
    """The bytes from `start` up to `end`, as they are read."""
    if start >= end:
        return
    answer = await obstore.get_async(stored.store, stored.path, options={"range": (start, end)})
    async for chunk in answer.stream(min_chunk_size=CHUNK_BYTES):
        yield bytes(chunk)


def reader(stored: Stored) -> io.RawIOBase:
    """A file to read from in a thread: only what is asked for is fetched."""
    return _Reader(stored)


class _Reader(io.RawIOBase):
    """A stored file by ranges, in the form that libraries of Python's expect of a file."""

    def __init__(self, stored: Stored) -> None:
        self._stored, self._at = stored, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stored.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, into: Any) -> int:
        end = min(self._at + len(into), self._stored.size)
        if self._at >= end:
            return 0
        data = obstore.get_range(self._stored.store, self._stored.path, start=self._at, end=end)
        length = len(data)
        into[:length] = memoryview(data)
        self._at += length
        return length


def joined(uri: str, inside: str) -> str:
    """The address of a file inside a folder. Raises Unreadable for a path that leads out of it."""
    parts = inside.split("/")
    if inside.startswith("/") or "" in parts or "." in parts or ".." in parts or "\0" in inside:
        raise Unreadable("There is no such file in this folder.")
    return f"{uri.rstrip('/')}/{inside}"


async def _place(uri: str) -> tuple[Any, str]:
    """The store of an address and the path in it. Raises Unreadable."""
    plain = _plain(uri)
    root = _root_of(plain)
    if root is None or ".." in plain.split("/"):
        raise Unreadable("Flightboard has no access to the store that this file is in.")
    if not root.startswith("/"):
        return _bucket(root), plain[len(root) :].strip("/")
    inside = await asyncio.to_thread(_without_links, root, plain)
    return _folder(root), inside


def _without_links(root: str, path: str) -> str:
    """The path below the root, its links followed. Raises Unreadable when they lead elsewhere."""
    real, base = os.path.realpath(path), os.path.realpath(root)
    if real != base and not real.startswith(f"{base}{os.sep}"):
        raise Unreadable("Flightboard has no access to the store that this file is in.")
    return real[len(base) :].lstrip(os.sep)


def _root_of(plain: str) -> str | None:
    for root in _roots(tuple(settings.FILE_STORES)):
        if plain == root or plain.startswith(f"{root}/"):
            return root
    return None


@lru_cache(maxsize=8)
def _roots(named: tuple[str, ...]) -> tuple[str, ...]:
    """The roots, the most particular one first."""
    return tuple(sorted((_plain(root).rstrip("/") for root in named), key=len, reverse=True))


def _plain(uri: str) -> str:
    return uri.removeprefix("file://")


@lru_cache(maxsize=32)
def _folder(root: str) -> LocalStore:
    return LocalStore(prefix=Path(os.path.realpath(root)))


@lru_cache(maxsize=32)
def _bucket(root: str) -> Any:
    # Credentials come from the environment, under the names that each store's own tools use.
    return from_url(root)


def _refusal(error: Exception) -> Unreadable:
    # The library's texts hold paths, hosts and whole requests: the kind of error is enough.
    return Unreadable(f"The store could not be read ({type(error).__name__}).")
