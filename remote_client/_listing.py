"""Listings: pages asked for one at a time, with one meaning of `limit` everywhere.

`limit` is the most items that come out, None for all. The platform's page tokens are offsets, so
an item may come twice while others are being created: an id seen lately is not given again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from remote_client.errors import Internal

__all__ = ["Page"]

T = TypeVar("T")

# The open-source backend refuses more than 200 in a page.
PAGE_SIZE = 100
# How many ids back an item is recognised as given already. Memory stays bounded on endless lists.
REMEMBERED_IDS = 2_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The items of one page, and the token of the next: "" when there is none."""

    items: list[T]
    next_token: str = ""


FetchPage = Callable[[int, str], Awaitable[Page[T]]]


def page_size_of(page_size: int) -> int:
    """The size itself. Raises ValueError when it is not between 1 and 100."""
    if not 1 <= page_size <= PAGE_SIZE:
        raise ValueError(f"page_size must be between 1 and {PAGE_SIZE}, not {page_size}.")
    return page_size


async def pages(
    fetch: FetchPage[T],
    *,
    key: Callable[[T], str],
    limit: int | None = None,
    page_size: int = PAGE_SIZE,
    what: str = "items",
) -> AsyncGenerator[list[T], None]:
    """The items of page after page, until `limit` of them; no page is asked for in vain.

    `fetch(size, token)` gets one page. Raises ValueError for a negative limit and Internal when the
    platform hands out a page token for the second time.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, and is {limit}.")
    size, left = page_size_of(page_size), limit
    fresh, tokens, token = _RecentIds(key), set[str](), ""
    while left is None or left > 0:
        page = await fetch(size if left is None else min(size, left), token)
        items = fresh.unseen(page.items)[:left]
        if items:
            yield items
        left = None if left is None else left - len(items)
        token = page.next_token
        if not token:
            return
        if token in tokens:
            raise Internal(f"Could not list {what}: the platform repeats page token {token!r}.")
        tokens.add(token)


class _RecentIds(Generic[T]):
    """Tells items that came lately from new ones."""

    def __init__(self, key: Callable[[T], str]) -> None:
        self._key = key
        self._order: deque[str] = deque()
        self._known: set[str] = set()

    def unseen(self, items: list[T]) -> list[T]:
        """Those of the items that did not come before."""
        return [item for item in items if self._is_new(self._key(item))]

    def _is_new(self, identifier: str) -> bool:
        if identifier in self._known:
            return False
        self._known.add(identifier)
        self._order.append(identifier)
        if len(self._order) > REMEMBERED_IDS:
            self._known.discard(self._order.popleft())
        return True
