"""The filters that a query is made of: their fields, what each accepts, and which runs pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache

from dashboard.phases import PHASES
from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.query_times import length_of, moment_of
from dashboard.run_lists.query_words import BadQuery, Piece, quoted

SOURCES = ("web", "cli", "schedule", "tracked", "artifact", "unknown")
ME = "me"

CHOICES: dict[str, tuple[str, ...]] = {"phase": (*PHASES, "unknown"), "source": SOURCES}
"""Fields whose values are a fixed set."""

TEXTS = ("task", "name", "owner", "owner-id", "trigger", "version", "label")
"""Fields whose values are names, with `*` for any characters."""

MOMENTS = ("since", "until", "ended-since", "ended-until")
LENGTHS = ("longer", "shorter")
WORD = ""
"""The field of a free word."""

FIELDS = (*CHOICES, *TEXTS, *MOMENTS, *LENGTHS)
_ORDER = {field: place for place, field in enumerate((*FIELDS, WORD))}


@dataclass(frozen=True)
class Term:
    """One condition; its values are alternatives. A query is met when all its terms are."""

    field: str
    values: tuple[str, ...]
    is_negated: bool = False

    def text(self) -> str:
        minus = "-" if self.is_negated else ""
        if self.field == WORD:
            return minus + quoted(self.values[0], is_word=True)
        return f"{minus}{self.field}:{','.join(quoted(value) for value in self.values)}"

    def matches(self, facts: RunFacts, now: datetime) -> bool:
        found = any(_TESTS[self.field](facts, value, now) for value in self.values)
        return found is not self.is_negated

    @property
    def rank(self) -> tuple[object, ...]:
        """Where it stands in the canonical text."""
        return (_ORDER[self.field], self.is_negated, self.values)


def term_of(piece: Piece) -> Term:
    """The condition that a piece of a query stands for. Raises BadQuery."""
    if not piece.field:
        return Term(WORD, (" ".join(piece.values[0].split()),), piece.is_negated)
    if piece.field not in FIELDS:
        raise _unknown_field(piece)
    values = tuple(_checked(piece, value) for value in piece.values)
    if piece.field in MOMENTS + LENGTHS:
        if piece.is_negated or len(values) > 1:
            raise BadQuery(
                f"{piece.field} takes one value and no minus.", piece.at, f"Say {_example(piece)}."
            )
        return Term(piece.field, values)
    return Term(piece.field, _in_order(piece.field, values), piece.is_negated)


def _in_order(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    choices = CHOICES.get(field)
    return tuple(sorted(set(values), key=choices.index if choices else None))


def _checked(piece: Piece, value: str) -> str:
    if piece.field in CHOICES:
        return _choice(piece, value)
    if piece.field in MOMENTS + LENGTHS:
        try:
            read = length_of if piece.field in LENGTHS else _any_moment
            read(value)
        except (ValueError, OverflowError):
            what = "length of time" if piece.field in LENGTHS else "moment"
            raise BadQuery(
                f"{piece.field}:{value} names no {what}.", piece.at, f"Say {_example(piece)}."
            ) from None
    elif piece.field == "label" and not value.partition("=")[0]:
        raise BadQuery("label needs a key.", piece.at, f"Say {_example(piece)}.")
    return value


def _choice(piece: Piece, value: str) -> str:
    chosen = value.lower().replace("-", "_")
    if chosen in CHOICES[piece.field]:
        return chosen
    choices = ", ".join(CHOICES[piece.field])
    raise BadQuery(f"There is no {piece.field} {value!r}.", piece.at, f"It is one of {choices}.")


def _any_moment(value: str) -> datetime:
    return moment_of(value, datetime.now().astimezone())


def _unknown_field(piece: Piece) -> BadQuery:
    close = get_close_matches(piece.field, FIELDS, n=1)
    meant = f"Did you mean {close[0]}? " if close else ""
    return BadQuery(
        f"There is no filter {piece.field!r}.",
        piece.at,
        f"{meant}Filters are {', '.join(FIELDS)}. To look for the text itself, put it in quotes.",
    )


def _example(piece: Piece) -> str:
    values = {"label": "team=ml", "longer": "10m", "shorter": "90s"}
    return f"{piece.field}:{values.get(piece.field, '7d')}, {_MORE.get(piece.field, '')}".rstrip(
        ", "
    )


_MORE = {
    **dict.fromkeys(MOMENTS, "a day such as 2026-05-04, or a moment such as 2026-05-04T12:30Z"),
    "label": "or a key alone",
    "longer": "1h30m or 2d",
    "shorter": "1h30m or 2d",
}


# --- which runs pass ----------------------------------------------------------------------------


@lru_cache(maxsize=512)
def pattern(value: str) -> re.Pattern[str]:
    """What a value with wildcards matches, whole."""
    return re.compile(".*".join(re.escape(part) for part in value.split("*")), re.DOTALL)


def _is_like(text: str, value: str) -> bool:
    return pattern(value).fullmatch(text) is not None if "*" in value else text == value


def _owner(facts: RunFacts, value: str, now: datetime) -> bool:
    return _is_like(facts.owner.lower(), value.lower())


def _label(facts: RunFacts, value: str, now: datetime) -> bool:
    key, equals, wanted = value.partition("=")
    return any(key == own and (not equals or _is_like(at, wanted)) for own, at in facts.labels)


def _word(facts: RunFacts, value: str, now: datetime) -> bool:
    return pattern(f"*{value.lower()}*").fullmatch(facts.search_text) is not None


def _longer(facts: RunFacts, value: str, now: datetime) -> bool:
    took = facts.duration_at(now)
    return took is not None and took >= length_of(value)


def _shorter(facts: RunFacts, value: str, now: datetime) -> bool:
    took = facts.duration_at(now)
    return took is not None and took < length_of(value)


def _from(at: datetime | None, value: str, now: datetime) -> bool:
    return at is not None and at >= moment_of(value, now)


def _before(at: datetime | None, value: str, now: datetime) -> bool:
    return at is not None and at < moment_of(value, now, is_end=True)


_TESTS: dict[str, Callable[[RunFacts, str, datetime], bool]] = {
    "phase": lambda facts, value, now: facts.phase == value,
    "source": lambda facts, value, now: (facts.source or "unknown") == value,
    "task": lambda facts, value, now: _is_like(facts.task, value),
    "name": lambda facts, value, now: _is_like(facts.name, value),
    "owner": _owner,
    "owner-id": lambda facts, value, now: _is_like(facts.owner_id, value),
    "trigger": lambda facts, value, now: _is_like(facts.trigger, value),
    "version": lambda facts, value, now: _is_like(facts.version, value),
    "label": _label,
    "since": lambda facts, value, now: _from(facts.started, value, now),
    "until": lambda facts, value, now: _before(facts.started, value, now),
    "ended-since": lambda facts, value, now: _from(facts.ended, value, now),
    "ended-until": lambda facts, value, now: _before(facts.ended, value, now),
    "longer": _longer,
    "shorter": _shorter,
    WORD: _word,
}
