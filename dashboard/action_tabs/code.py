"""The code tab: the files that the action ran, one of them with line numbers and colours."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from dashboard import links
from dashboard.action_tabs import Asked, Part
from dashboard.action_tabs.bundles import Bundle, SourceFile, bundle_of
from dashboard.action_tabs.stores import Unreadable
from dashboard.pages import Scope
from remote_client import ActionDetails
from remote_client.errors import RemoteError

MOST_COLOURED_CHARS = 200_000
MOST_LINES = 5_000


@dataclass(frozen=True)
class FileRow:
    path: str
    url: str
    size: int
    is_shown: bool
    is_entry: bool


@dataclass(frozen=True)
class CodeLine:
    number: int
    html: SafeString
    is_entry: bool
    """The task's function begins here."""


async def panel_part(scope: Scope, run: str, details: ActionDetails, asked: Asked) -> Part:
    link = details.task.source_link if details.task else ""
    known = {"source_link": link if link.startswith(("https://", "http://")) else ""}
    try:
        bundle = await bundle_of(details)
    except (Unreadable, RemoteError) as error:
        return "runs/_code.html", {"note": str(error), **known}
    return "runs/_code.html", {**known, **await _shown(scope, run, details, bundle, asked)}


async def _shown(
    scope: Scope, run: str, details: ActionDetails, bundle: Bundle, asked: Asked
) -> dict[str, object]:
    module, function = _address(details)
    entry = _entry(bundle, module)
    wanted = asked.query.get("file", "") or entry
    shown = bundle.file(wanted) or (bundle.files[0] if bundle.files else None)
    begins = function if shown is not None and shown.path == entry else ""
    rows = [
        FileRow(
            each.path,
            links.code_url(scope, run, details.name, each.path),
            each.size,
            shown is not None and each.path == shown.path,
            each.path == entry,
        )
        for each in bundle.files
    ]
    lines = await asyncio.to_thread(_lines, shown, begins) if shown else []
    missing = wanted if wanted and bundle.file(wanted) is None else ""
    return {
        "files": rows,
        "shown": shown,
        "lines": lines,
        "more_lines": shown.text.count("\n") + 1 - len(lines) if shown and shown.text else 0,
        "is_cut": bundle.is_cut,
        "missing": missing,
    }


def _address(details: ActionDetails) -> tuple[str, str]:
    """The module and the function that the task's command names; "" for what it does not."""
    words = details.task.code_address.split() if details.task else []
    named = dict(zip(words[::2], words[1::2], strict=False))
    return named.get("mod", ""), named.get("instance", "")


def _entry(bundle: Bundle, module: str) -> str:
    """The file of the module, wherever in the archive its root is."""
    path = module.replace(".", "/")
    ends = [f"{path}.py", f"{path}/__init__.py"] if path else []
    for end in ends:
        for each in bundle.files:
            if each.path == end or each.path.endswith(f"/{end}"):
                return each.path
    return ""


def _lines(file: SourceFile, function: str) -> list[CodeLine]:
    if file.text is None:
        return []
    begins = re.compile(rf"^\s*(async )?def {re.escape(function)}\b") if function else None
    plain = file.text.splitlines()[:MOST_LINES]
    coloured = _coloured(file)[: len(plain)]
    return [
        CodeLine(number, html, bool(begins and begins.match(text)))
        for number, (text, html) in enumerate(zip(plain, coloured, strict=False), start=1)
    ]


def _coloured(file: SourceFile) -> list[SafeString]:
    """Each line's HTML: Pygments escapes the text, and names its parts by class alone."""
    from pygments import highlight  # its lexers take a while to load
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TextLexer, get_lexer_for_filename
    from pygments.util import ClassNotFound

    text = file.text or ""
    try:
        is_short = len(text) <= MOST_COLOURED_CHARS
        lexer = get_lexer_for_filename(file.path, stripnl=False) if is_short else None
    except ClassNotFound:
        lexer = None
    lexer = lexer or TextLexer(stripnl=False)
    html = highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="code-"))
    return [mark_safe(line) for line in html.split("\n")]  # noqa: S308 - escaped by Pygments
