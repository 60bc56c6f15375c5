"""Which runs a list shows, and in which order: parsed from text, told as text, asked of runs.

    phase:failed,timed_out owner:me task:etl* since:7d longer:10m -label:team=ml "free words"

A term with several values takes any of them, and a run must meet every term; `-` turns one round.
`*` stands for any characters. Times such as `7d` stay relative: they are counted from when the
query is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.query_terms import LENGTHS, ME, MOMENTS, WORD, Term, term_of
from dashboard.run_lists.query_words import BadQuery, Piece, pieces

if TYPE_CHECKING:
    from dashboard.run_lists.query_platform import PlatformPart

__all__ = ["COLUMNS", "NEWEST_FIRST", "BadQuery", "RunQuery", "Sort"]

COLUMNS = (
    "phase", "task", "name", "owner", "source", "version", "started", "ended", "duration",
)  # fmt: skip
"""What a list can be sorted by."""


@dataclass(frozen=True)
class Sort:
    """An order: `started` oldest first, `-started` newest first."""

    column: str = "started"
    is_descending: bool = True

    @classmethod
    def parse(cls, text: str) -> Sort:
        """Raises BadQuery."""
        column = text.removeprefix("-")
        if column not in COLUMNS:
            choices = ", ".join(COLUMNS)
            raise BadQuery(f"There is no column {column!r}.", 0, f"Sort by one of {choices}.")
        return cls(column, text.startswith("-"))

    def text(self) -> str:
        return f"-{self.column}" if self.is_descending else self.column


NEWEST_FIRST = Sort()


@dataclass(frozen=True)
class RunQuery:
    """Terms in canonical order, none twice; queries that say the same are equal."""

    terms: tuple[Term, ...] = ()
    sort: Sort = NEWEST_FIRST

    # --- as text --------------------------------------------------------------------------------

    @classmethod
    def parse(cls, text: str, sort: str = "") -> RunQuery:
        """The query that a person typed, or that an address holds. Raises BadQuery."""
        return cls.of(
            (term_of(piece) for piece in pieces(text)), Sort.parse(sort) if sort else NEWEST_FIRST
        )

    @classmethod
    def of(cls, terms: Iterable[Term], sort: Sort = NEWEST_FIRST) -> RunQuery:
        """Of terms in any order. The same field twice takes the values of both."""
        return cls(tuple(sorted(_joined(terms), key=lambda term: term.rank)), sort)

    @classmethod
    def from_request(cls, given: Mapping[str, str]) -> RunQuery:
        """From an address's `q` and `sort`, and the older `phase` and `task`. Raises BadQuery."""
        query = cls.parse(given.get("q", ""), given.get("sort", ""))
        for field in ("phase", "task"):
            if value := given.get(field, "").strip():
                query = query.with_term(field, value)
        return query

    def text(self) -> str:
        """The canonical text, without the order: `RunQuery.parse` of it is this query."""
        return " ".join(term.text() for term in self.terms)

    def to_address(self) -> dict[str, str]:
        """`q` and `sort` of an address; what is as by default is left out."""
        address = {"q": self.text()} if self.terms else {}
        return address if self.sort == NEWEST_FIRST else {**address, "sort": self.sort.text()}

    # --- its parts, for pages that offer them as controls ---------------------------------------

    def values(self, field: str) -> tuple[str, ...]:
        """What the field is asked to be; () when it isn't asked for."""
        return next((t.values for t in self.terms if t.field == field and not t.is_negated), ())

    def with_term(self, field: str, *values: str, is_negated: bool = False) -> RunQuery:
        """This query and one more term. Raises BadQuery."""
        term = term_of(Piece(0, is_negated, field, values))
        return RunQuery.of((*self.terms, term), self.sort)

    def without(self, field: str) -> RunQuery:
        """This query with no term of the field left."""
        return replace(self, terms=tuple(term for term in self.terms if term.field != field))

    def sorted_by(self, sort: Sort) -> RunQuery:
        return replace(self, sort=sort)

    # --- for one viewer -------------------------------------------------------------------------

    @property
    def asks_for_me(self) -> bool:
        return any(term.field == "owner" and ME in term.values for term in self.terms)

    def resolved(self, names: Iterable[str]) -> RunQuery:
        """With the viewer's names in the place of `owner:me`; without names, nobody's."""
        if not self.asks_for_me:
            return self
        own = tuple(name for name in names if name) or ("",)
        return RunQuery.of((_resolved(term, own) for term in self.terms), self.sort)

    # --- asked ----------------------------------------------------------------------------------

    def matches(self, facts: RunFacts, now: datetime | None = None) -> bool:
        """Whether the list shows the run. `owner:me` must be resolved before."""
        at = now or datetime.now(UTC)
        return all(term.matches(facts, at) for term in self.terms)

    def platform_part(self, now: datetime | None = None) -> PlatformPart:
        """What of it the platform's lists can be asked: it lets through all that match."""
        from dashboard.run_lists.query_platform import platform_part

        return platform_part(self, now or datetime.now(UTC))

    def rest(self) -> RunQuery:
        """What the platform's part leaves to be asked here, of the runs that it let through."""
        from dashboard.run_lists.query_platform import unanswered

        return replace(self, terms=unanswered(self.terms))


def _joined(terms: Iterable[Term]) -> list[Term]:
    found: dict[object, Term] = {}
    for term in terms:
        if term.field == WORD and not term.values[0]:
            continue
        # Each span, word and label is a condition of its own; "not a" and "not b" are "not a, b".
        stands_alone = term.field in (*MOMENTS, *LENGTHS, WORD, "label") and not (
            term.field == "label" and term.is_negated
        )
        key = term if stands_alone else (term.field, term.is_negated)
        known = found.get(key)
        if known is None:
            found[key] = term
        elif known != term:
            joined = term_of(Piece(0, term.is_negated, term.field, known.values + term.values))
            found[key] = joined
    return list(found.values())


def _resolved(term: Term, names: tuple[str, ...]) -> Term:
    if term.field != "owner" or ME not in term.values:
        return term
    others = tuple(value for value in term.values if value != ME)
    return replace(term, values=tuple(sorted({*others, *names})))
