"""What the pages about saved views may use."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.pages import Scope


@dataclass(frozen=True)
class ViewRow:
    """One saved view as its menu and its list show it."""

    id: int
    name: str
    url: str
    """The list with this view."""
    query: str
    sort: str
    where: str
    """`every project`, or the scope."""
    owner: str
    is_own: bool
    is_shared: bool
    is_default: bool
    """The reader's list of this scope opens with it."""
    may_change: bool


@dataclass(frozen=True)
class ViewsPage:
    scope: Scope
    views: tuple[ViewRow, ...]
    runs_url: str
    may_share: bool
    error: str = ""
    """Why a view was not kept."""
    undo: ViewRow | None = None
    """The view that was just deleted."""
