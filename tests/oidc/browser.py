"""A browser without a window: follows redirects, fills forms in, keeps cookies."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx

# What a person types, by the names of the fields.
TYPED = {"login": "ana", "password": "whatever"}
MOST_PAGES = 15


class Page(HTMLParser):
    """The first form and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.links: list[str] = []
        self._in_form = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action, self._in_form = values["action"], True
        elif tag == "input" and self._in_form and "name" in values:
            name = values["name"]
            self.fields[name] = TYPED.get(name, values.get("value", ""))
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False


async def approve(link: str) -> httpx.Response:
    """Sign in and agree to everything; returns the page without a form at the end."""
    return await _go(link, refusing=False)


async def refuse(link: str) -> httpx.Response:
    """Go on until a page offers to end the sign-in, and take that; returns where it leads."""
    return await _go(link, refusing=True)


async def _go(link: str, *, refusing: bool) -> httpx.Response:
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False, timeout=30) as session:
        response = await session.get(link)
        for _ in range(MOST_PAGES):
            page = Page(response.text)
            ends = [href for href in page.links if href.endswith("/abort")]
            if refusing and ends:
                return await session.get(response.url.join(ends[0]))
            if page.action is None:
                return response
            response = await session.post(response.url.join(page.action), data=page.fields)
        raise AssertionError(f"No end of forms, the last one at {response.url}")
