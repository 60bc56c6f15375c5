"""Fields of a form out of what a browser posted.

A field's name is its path: `i.2.0` is the first part of the third input. Beside it travel `~n` (how
many parts), `~k` (a map's key), `~m` (how the text is meant), `~v` (a union's variant; `~v0` the
one that was drawn), `~g` (given or left out), `~kept` and `~j` (edited as JSON).
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.launching.entries import MOST_DEPTH, Entry, blank_part, chosen
from remote_client._values import Part, Shape

MOST_PARTS = 2_000


def posted(part: Part, post: Mapping[str, str], path: str, depth: int = 0) -> Entry:
    """The field of this path; as it is before anything is typed where nothing was posted."""
    if post.get(f"{path}~g") == "0":
        return Entry(given=False)
    if f"{path}~kept" in post:
        return Entry(kept=True)
    if f"{path}~j" in post:
        return Entry(as_json=True, text=_typed(post.get(path, "")))
    if part.shape.is_container:
        if f"{path}~n" not in post or depth >= MOST_DEPTH:
            return blank_part(part, depth)
        return _container(part.shape, post, path, depth)
    if path not in post and part.shape.kind != "none":
        return blank_part(part, depth)
    text, mode = _typed(post.get(path, "")), post.get(f"{path}~m", "")
    return Entry(text, mode[:200])


def is_there(post: Mapping[str, str], path: str) -> bool:
    """Whether anything was posted for the field of a path."""
    return any(f"{path}{tail}" in post for tail in ("", "~n", "~g", "~j", "~k", "~m", "~kept"))


def _typed(text: str) -> str:
    """Browsers send every end of line as two characters."""
    return text.replace("\r\n", "\n")


def _container(shape: Shape, post: Mapping[str, str], path: str, depth: int) -> Entry:
    match shape.kind:
        case "union":
            variant = min(_number(post.get(f"{path}~v")), len(shape.parts) - 1)
            if post.get(f"{path}~v0", post.get(f"{path}~v")) != post.get(f"{path}~v"):
                # Another variant than the one whose field was drawn.
                return chosen(shape, variant, depth, _typed(post.get(f"{path}.0", "")))
            inner = posted(shape.parts[variant], post, f"{path}.0", depth + 1)
            return Entry(variant=variant, parts=[inner])
        case "list" | "map":
            count = min(_number(post.get(f"{path}~n")), MOST_PARTS)
            of = Part("item", shape.parts[0].shape)
            # One number must not make a form of thousands of fields that nobody sent.
            there = [n for n in range(count) if is_there(post, f"{path}.{n}")]
            parts = [posted(of, post, f"{path}.{n}", depth + 1) for n in there]
            keys = [_typed(post.get(f"{path}.{n}~k", "")) for n in there]
            return Entry(parts=parts, keys=keys if shape.kind == "map" else [])
        case _:
            parts = [
                posted(part, post, f"{path}.{number}", depth + 1)
                for number, part in enumerate(shape.parts)
            ]
            return Entry(parts=parts)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0
