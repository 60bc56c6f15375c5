"""What a reader has chosen to see of a run's tree: what is open, found and filtered, and how drawn.

The same text stands in a page's address and in its live subscription, so that every state can be
linked to, and two readers who see the same share what is drawn for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlencode

from dashboard.phases import PHASES
from dashboard.tree_nodes import ROOT, Node

MODES = ("tree", "timeline", "graph")
FOLDS = ("auto", "all", "none")

MAX_KEYS = 400
"""An address can't hold more; what is beyond that is folded as it would be by itself."""
MAX_KEY_CHARS = 300
MAX_SEARCH_CHARS = 100
MAX_PAGES = 500


@dataclass(frozen=True)
class TreeView:
    """A choice of lines; equal ones see the same."""

    mode: str = "tree"
    fold: str = "auto"
    """Whether what the reader said nothing about is open: `auto` (while it fits), `all`, `none`."""
    opened: frozenset[str] = frozenset()
    shut: frozenset[str] = frozenset()
    more: frozenset[tuple[str, int]] = frozenset()
    """Further pages asked for, by the key that they stand under; "" for what was found."""
    phases: frozenset[str] = frozenset()
    search: str = ""
    pin: str = ""
    """An action that is shown wherever it stands: the one that the panel is about."""
    _pages: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, text: str) -> TreeView:
        """From a query text; what makes no sense in it is left out."""
        try:
            asked = parse_qs(text, max_num_fields=4 * MAX_KEYS)
        except ValueError:
            return cls()
        return cls.of_lists(asked)

    @classmethod
    def of_lists(cls, asked: Mapping[str, list[str]]) -> TreeView:
        """From the lists of a query's values by name."""
        more = dict(filter(None, map(_page, asked.get("more", [])[:MAX_KEYS])))
        return cls(
            mode=_one_of(MODES, asked.get("view")),
            fold=_one_of(FOLDS, asked.get("fold")),
            opened=_keys(asked.get("open")),
            shut=_keys(asked.get("shut")),
            more=frozenset(more.items()),
            phases=frozenset(key for key in asked.get("phase", []) if key in PHASES),
            search=(asked.get("q") or [""])[-1].strip()[:MAX_SEARCH_CHARS],
            pin=(asked.get("i") or [""])[-1][:MAX_KEY_CHARS],
            _pages=more,
        )

    @property
    def text(self) -> str:
        """The query that stands for it; "" for what a page shows by itself. Without the pin, which
        an address has as its action."""
        return urlencode(self._pairs())

    @property
    def name(self) -> str:
        """The same for equal views, and only for those."""
        return urlencode([*self._pairs(), ("i", self.pin)])

    def _pairs(self) -> list[tuple[str, str]]:
        pairs = [("view", self.mode)] if self.mode != MODES[0] else []
        if self.fold != FOLDS[0]:
            pairs.append(("fold", self.fold))
        pairs += [("open", key) for key in sorted(self.opened)]
        pairs += [("shut", key) for key in sorted(self.shut)]
        pairs += [("more", f"{pages}:{key}") for key, pages in sorted(self.more)]
        pairs += [("phase", key) for key in sorted(self.phases)]
        if self.search:
            pairs.append(("q", self.search))
        return pairs

    @property
    def is_filtered(self) -> bool:
        """Whether it shows what was found, in place of what is open."""
        return bool(self.search or self.phases)

    def is_open(self, node: Node) -> bool:
        if node.key in self.shut:
            return False
        if node.key in self.opened or self.fold == "all":
            return True
        # A graph of dozens of boxes side by side tells less than one box with their counts.
        if self.fold == "none" or (self.mode == "graph" and node.is_gathering):
            return node.key == ROOT
        return node.family is not None and node.family.is_auto

    def pages_of(self, key: str) -> int:
        """How many pages of the children of a node are shown."""
        return 1 + self._pages.get(key, 0)

    # --- the views that its links lead to -------------------------------------------------------

    def toggled(self, key: str, *, is_open: bool) -> TreeView:
        return replace(
            self,
            opened=self.opened - {key} if is_open else self.opened | {key},
            shut=self.shut | {key} if is_open else self.shut - {key},
        )

    def with_more(self, key: str) -> TreeView:
        pages = {**self._pages, key: self.pages_of(key)}
        return replace(self, more=frozenset(pages.items()), _pages=pages)

    def with_phase(self, key: str) -> TreeView:
        """With a phase in the filter, or without it when it is there."""
        return replace(self, phases=self.phases ^ {key})

    def in_mode(self, mode: str) -> TreeView:
        return replace(self, mode=mode)

    def folded(self, fold: str) -> TreeView:
        return replace(self, fold=fold, opened=frozenset(), shut=frozenset())


def _one_of(known: tuple[str, ...], given: list[str] | None) -> str:
    return given[-1] if given and given[-1] in known else known[0]


def _keys(given: Iterable[str] | None) -> frozenset[str]:
    return frozenset(list(given or ())[:MAX_KEYS])


def _page(text: str) -> tuple[str, int] | None:
    pages, _, key = text.partition(":")
    return (key, min(int(pages), MAX_PAGES)) if pages.isdecimal() and len(pages) < 6 else None
