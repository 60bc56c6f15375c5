"""An action's inputs or outputs as their templates draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dashboard import links
from dashboard.action_tabs import stores
from dashboard.action_tabs.value_copies import as_json, as_python
from dashboard.action_tabs.value_pages import FileRef, ValueNode, ValueView
from dashboard.action_tabs.value_trees import TreeMaker
from dashboard.pages import Scope
from remote_client._values import DataFrame, Dir, Offloaded, Schema

MOST_COPIED = 20_000
"""Characters of a value that the page itself holds for copying; more is a download."""

PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "avif")
TABLES = ("parquet", "csv", "tsv")
PAGES = ("html", "htm")
TEXTS = ("txt", "md", "json", "jsonl", "yaml", "yml", "toml", "log", "py", "xml", "sql", "ini")


@dataclass(frozen=True)
class Place:
    """Which values: of an action, `inputs` or `outputs`."""

    scope: Scope
    run: str
    action: str
    side: str

    def url(self, name: str, what: str, **query: str) -> str:
        return links.value_url(self.scope, self.run, self.action, (self.side, name), what, **query)


def value_views(place: Place, values: Iterable[Any]) -> tuple[ValueView, ...]:
    """From `remote_client`'s typed values."""
    return tuple(_view(place, value) for value in values)


def _view(place: Place, value: Any) -> ValueView:
    json_url = place.url(value.name, "json")
    if not value.is_whole:
        note = ValueNode("text", "", value.name, value.type_name, text=value.text, is_open=False)
        return ValueView(
            value.name, value.type_name, value.description, note, "", "", json_url, value.size
        )
    maker = TreeMaker(lambda pointer, ref: file_ref(place, value.name, pointer, ref))
    node = maker.node(value.value, key="", path=value.name, pointer="", type_name=value.type_name)
    return ValueView(
        name=value.name,
        type_name=value.type_name,
        description=value.description,
        node=node,
        as_json=_short(as_json, value),
        as_python=_short(as_python, value),
        json_url=json_url,
        size=value.size,
    )


def _short(write: Callable[[Any], str], value: Any) -> str:
    """The text to copy; a value that is long on the wire is not written out to find that out."""
    text = write(value.value) if value.size <= MOST_COPIED else ""
    return text if len(text) <= MOST_COPIED else ""


def file_ref(place: Place, name: str, pointer: str, reference: Any) -> FileRef:
    """What a page shows of a file, folder or table, without asking its store."""
    kind = _kind(reference)
    form = str(getattr(reference, "format", "") or "")
    file_name = reference.uri.rstrip("/").rpartition("/")[2]
    is_reachable = stores.is_covered(reference.uri)
    at = {"at": pointer} if pointer else {}
    return FileRef(
        kind=kind,
        uri=reference.uri,
        name=file_name or reference.uri,
        format=form,
        is_reachable=is_reachable,
        download_url=place.url(name, "download", **at) if is_reachable else "",
        preview_url=place.url(name, "preview", **at) if is_reachable else "",
        preview_kind=_preview_kind(kind, file_name, form) if is_reachable else "",
        columns=tuple(getattr(reference, "columns", ())),
    )


def _kind(reference: Any) -> str:
    if isinstance(reference, DataFrame | Schema):
        return "table"
    if isinstance(reference, Offloaded):
        return "offloaded"
    return "dir" if isinstance(reference, Dir) else "file"


def _preview_kind(kind: str, name: str, form: str) -> str:
    ending = ending_of(name) or form.lower()
    if kind in ("table", "dir") or ending in PICTURES + TABLES:
        return "auto"
    return "ask" if kind == "file" else ""


def ending_of(name: str) -> str:
    """The file's ending in small letters, "" for none."""
    return name.rpartition(".")[2].lower() if "." in name else ""
