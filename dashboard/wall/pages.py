"""What the wall's templates may use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.wall.figures import Figures


@dataclass(frozen=True)
class WallPage:
    where: str
    args: str
    """JSON: the args of the live topic."""
    figures: Figures | None
    read_at: datetime | None
    lost_since: datetime | None
    """Since when the platform can't be reached."""
    release: str
    links_url: str = ""
    """Where links are made; empty for who may not, and on a wall that a link shows."""
    runs_url: str = ""


@dataclass(frozen=True)
class LinkRow:
    id: int
    label: str
    where: str
    made_by: str
    made_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class LinksPage:
    where: str
    wall_url: str
    links: tuple[LinkRow, ...]
    new_url: str = ""
    """Shown once: only its hash is kept."""
    error: str = ""
    has_whole: bool = False
    """Whether a link for all of the project's domains can be asked for."""
