"""Joins files that every page needs into one, when the static files are collected.

A style sheet's `@import` is replaced by what it names, and `core.js` by the modules that it
re-exports; other scripts then import those from `core.js`. In the source tree the same files work
as they are, a request each, so nothing has to be built to look at a change.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

Read = Callable[[str], str]
"""The source text of a static file by its name."""

CORE = "js/core.js"
STYLE = "css/everywhere.css"

_STYLE = re.compile(r'@import url\("([^"]+)"\);\n?')
_EXPORT_ALL = re.compile(r'export \* from "\./([\w-]+\.js)";')
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)


def joined_style(name: str, read: Read) -> str:
    """The style sheet with what it imports in the place of its imports."""
    folder = posixpath.dirname(name)
    return _STYLE.sub(lambda found: read(f"{folder}/{found[1]}"), read(name))


def core_parts(read: Read) -> tuple[str, ...]:
    """The modules that `core.js` stands for."""
    return tuple(_EXPORT_ALL.findall(read(CORE)))


def joined_core(read: Read) -> str:
    """The modules of the core, one after the other; what they import of one another is there."""
    parts = core_parts(read)

    def without_own_imports(text: str) -> str:
        return _IMPORT.sub(lambda found: "" if found[1] in parts else found[0], text)

    return "\n".join(without_own_imports(read(f"js/{part}")) for part in parts)


def importing_core(text: str, parts: tuple[str, ...]) -> str:
    """A script that asks the core for what is in it."""
    for part in parts:
        text = text.replace(f'from "./{part}"', 'from "./core.js"')
    return text
