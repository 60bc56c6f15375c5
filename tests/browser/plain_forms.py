"""A browser without script: reads a page's form, types into it, presses a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class PlainForm:
    """The launch form of a page as a browser without script would send it."""

    client: httpx.AsyncClient
    url: str
    values: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    """What is in the page, by the words of a field's head: input's name → path."""
    html: str = ""
    status: int = 0
    went_to: str = ""

    async def open(self) -> PlainForm:
        self._read(await self.client.get(self.url))
        return self

    async def press(self, do: str, files: dict[str, tuple[str, bytes]] | None = None) -> PlainForm:
        """Send the form by this button, and read what comes back."""
        # As browsers do: the ends of lines in what was typed are two characters on the wire.
        data = {name: _crlf(text) for name, text in self.values.items()}
        answer = await self.client.post(
            self.url,
            data={**data, "do": do},
            files=files or {"none~f": ("", b"")},
            headers={"Referer": self.url},
        )
        self._read(answer)
        return self

    def _read(self, answer: httpx.Response) -> None:
        self.status, self.html = answer.status_code, answer.text
        self.went_to = answer.headers.get("location", "")
        if self.went_to:
            return
        reader = _Reader()
        reader.feed(answer.text)
        self.values = reader.values

    def set(self, path: str, text: str, **beside: str) -> None:
        """Type into the field of a path; `m="base64"` sets what travels beside it as `~m`."""
        assert path in self.values or beside, f"no field {path}: {sorted(self.values)}"
        self.values[path] = text
        for tail, more in beside.items():
            self.values[f"{path}~{tail}"] = more


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


class _Reader(HTMLParser):
    """Names and values of the controls of the launch form."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self._inside = False
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id") == "launch"
        if not self._inside:
            return
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in ("file", "submit"):
            self.values[name] = given.get("value", "")
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            is_first = self._select not in self.values
            if is_first or "selected" in given:
                self.values[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            # The line feed after the tag belongs to the markup.
            self.values[self._area] = self._text.removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False
