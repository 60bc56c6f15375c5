"""The filter form of a list: its controls out of a query, and a query out of what was chosen."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from dashboard.phases import PHASES, PhaseStyle
from dashboard.run_lists.query import RunQuery
from dashboard.run_lists.query_terms import ME, SOURCES, WORD, Term
from dashboard.run_lists.query_words import quoted

SINCE = (("1h", "last hour"), ("24h", "last day"), ("7d", "last week"), ("30d", "last month"))
"""Quick choices of the time range."""

LENGTHS = ("1m", "10m", "1h", "6h", "1d")

_TEXTS = ("task", "name", "owner", "trigger", "version")
_SINGLE = ("since", "until", "longer", "shorter")
_LISTED = ("phase", "source")
_OFFERED = (*_LISTED, *_TEXTS, *_SINGLE, "label", WORD)


@dataclass(frozen=True)
class PhaseBox:
    style: PhaseStyle
    is_chosen: bool


@dataclass(frozen=True)
class FilterForm:
    """The controls as they stand for a query; `rest` is what they can't say of it."""

    phases: tuple[PhaseBox, ...]
    sources: tuple[tuple[str, bool], ...]
    task: str
    name: str
    owner: str
    trigger: str
    version: str
    label: str
    since: str
    until: str
    longer: str
    shorter: str
    words: str
    rest: str
    since_choices: tuple[tuple[str, str], ...] = SINCE
    length_choices: tuple[str, ...] = LENGTHS
    me: str = ME


@dataclass(frozen=True)
class Chip:
    """One filter that is on."""

    text: str
    url: str
    """The list without it."""


def form_of(query: RunQuery) -> FilterForm:
    firsts = _firsts(query)
    phases, sources = query.values("phase"), query.values("source")
    return FilterForm(
        phases=tuple(PhaseBox(style, key in phases) for key, style in PHASES.items()),
        sources=tuple((source, source in sources) for source in SOURCES),
        words=" ".join(term.text() for term in query.terms if _is_word(term)),
        rest=" ".join(term.text() for term in query.terms if not _is_offered(term, firsts)),
        task=_said(query, "task"),
        name=_said(query, "name"),
        owner=_said(query, "owner"),
        trigger=_said(query, "trigger"),
        version=_said(query, "version"),
        label=_said(query, "label"),
        since=_said(query, "since"),
        until=_said(query, "until"),
        longer=_said(query, "longer"),
        shorter=_said(query, "shorter"),
    )


def query_of(given: QueryDict) -> str:
    """The text of a query that says what the form's controls do; may be a bad one."""
    parts = [given.get("rest", ""), given.get("words", "")]
    for field in _LISTED:
        values = [value for value in given.getlist(field) if value]
        parts += [f"{field}:{','.join(values)}"] if values else []
    for field in (*_TEXTS, "label", *_SINGLE):
        # A quick choice of the time range is a button of the same form.
        quick = given.get("quick", "") if field == "since" else ""
        value = quick or given.get(field, "").strip()
        parts += [f"{field}:{_listed(value)}"] if value else []
    return " ".join(part for part in parts if part.strip())


def _said(query: RunQuery, field: str) -> str:
    """The field's values as its control holds them; `_listed` reads them back."""
    values = query.values(field)
    texts = [quoted(value) for value in values]
    return (", " if texts == list(values) else ",").join(texts)


def _listed(value: str) -> str:
    """Names with commas between them, as a person writes a list; with quotes, as in a query."""
    if '"' in value:
        return value
    return ",".join(quoted(part.strip()) for part in value.split(",") if part.strip()) or '""'


def _is_word(term: Term) -> bool:
    return term.field == WORD and not term.is_negated


def _firsts(query: RunQuery) -> frozenset[Term]:
    """The first condition of each field that may have several: the form has one control."""
    firsts: dict[str, Term] = {}
    for term in query.terms:
        if not term.is_negated and term.field != WORD:
            firsts.setdefault(term.field, term)
    return frozenset(firsts.values())


def _is_offered(term: Term, firsts: frozenset[Term]) -> bool:
    if term.is_negated or term.field not in _OFFERED:
        return False
    return term.field == WORD or term in firsts
