"""The code that an action ran: the archive that was uploaded for it, opened within limits.

An archive comes from whoever submitted the run. It is only read, in memory: nothing of it is
written to a disk or imported, and one that unpacks to more than the limits is read no further.
"""

from __future__ import annotations

import asyncio
import io
import tarfile
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from dashboard.action_tabs import stores
from dashboard.action_tabs.stores import Unreadable
from dashboard.upstream import platform
from remote_client import ActionDetails

MOST_ARCHIVE_BYTES = 32 * 1024 * 1024
MOST_FILES = 2_000
MOST_KEPT_BYTES = 16 * 1024 * 1024
MOST_FILE_BYTES = 512 * 1024
MOST_UNPACKED_BYTES = 256 * 1024 * 1024
KEPT_BUNDLES = 4


@dataclass(frozen=True)
class SourceFile:
    path: str
    size: int
    text: str | None
    """None for what is no text, or too large to show."""


@dataclass(frozen=True)
class Bundle:
    files: tuple[SourceFile, ...]
    is_cut: bool
    """The archive has more than is read of it."""

    def file(self, path: str) -> SourceFile | None:
        return next((each for each in self.files if each.path == path), None)


_kept: OrderedDict[tuple[str, str], Bundle] = OrderedDict()


async def bundle_of(details: ActionDetails) -> Bundle:
    """Raises Unreadable, with a sentence that says why there is nothing to show."""
    task = details.task
    uri = task.code_bundle if task else ""
    if not uri:
        raise Unreadable("The task's code came with its image, so the platform has no copy of it.")
    if uri.endswith((".pkl", ".pkl.gz")):
        raise Unreadable("The code was sent as a pickled function, which is not opened here.")
    key = (platform().identity, uri)
    if key not in _kept:
        data = await _archive(details, uri)
        _kept[key] = await asyncio.to_thread(opened, data)
        while len(_kept) > KEPT_BUNDLES:
            _kept.popitem(last=False)
    return _kept[key]


async def _archive(details: ActionDetails, uri: str) -> bytes:
    """From the platform where it links code, else from a store that we may read."""
    try:
        linked = await platform().code_bundle(details, max(details.attempts, 1), MOST_ARCHIVE_BYTES)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if linked is not None:
        return linked
    stored = await stores.find(uri)
    if stored.size > MOST_ARCHIVE_BYTES:
        raise Unreadable(f"The code has more than {MOST_ARCHIVE_BYTES:,} bytes.")
    return await stores.first_bytes(stored, MOST_ARCHIVE_BYTES)


def opened(data: bytes) -> Bundle:
    """The files of an archive, by path. Raises Unreadable."""
    files: list[SourceFile] = []
    is_cut, unpacked, kept = False, 0, 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r|*") as archive:
            for member in archive:
                unpacked += member.size
                if len(files) >= MOST_FILES or unpacked > MOST_UNPACKED_BYTES:
                    is_cut = True
                    break
                if not member.isfile():
                    continue
                is_small = member.size <= MOST_FILE_BYTES and kept + member.size <= MOST_KEPT_BYTES
                text = _text(archive, member) if is_small else None
                kept += member.size if text is not None else 0
                files.append(SourceFile(member.name.removeprefix("./"), member.size, text))
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError) as error:
        raise Unreadable(f"The code is no readable archive ({type(error).__name__}).") from None
    return Bundle(tuple(sorted(files, key=lambda each: each.path)), is_cut)


def _text(archive: Any, member: tarfile.TarInfo) -> str | None:
    source = archive.extractfile(member)
    body = source.read() if source else b""
    if b"\0" in body:
        return None
    return str(body.decode("utf-8", "replace"))
