"""The language of queries: what texts mean, what is refused and how that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.query import BadQuery, RunQuery

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
RUN = RunFacts(
    "shop",
    "development",
    "r1abc",
    "failed",
    task="etl.main",
    version="v3",
    owner="Ana@example.org",
    owner_id="u-1",
    source="cli",
    trigger="nightly",
    labels=(("stage", "beta"), ("team", "ml")),
    started=NOW - timedelta(hours=2),
    ended=NOW - timedelta(hours=1),
    duration=timedelta(hours=1),
    error_line="ValueError: column 'price' missing",
)


def passes(text: str, run: RunFacts = RUN) -> bool:
    return RunQuery.parse(text).matches(run, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "phase:failed",
        "phase:FAILED,timed-out",
        "-phase:succeeded",
        "task:etl.main",
        "task:etl*",
        "task:*main",
        "task:train,etl.*",
        "name:r1*c",
        "owner:ana@example.org",
        "owner:*EXAMPLE*",
        "owner-id:u-1",
        "source:cli,web",
        "trigger:nightly",
        "version:v3",
        "label:team",
        "label:team=ml",
        "label:team=m*",
        "label:team=ml label:stage=beta",
        "label:team=ops,team=ml",
        "-label:team=ops",
        "since:3h",
        "since:2026-05-04 until:2026-05-04",
        "until:1h",
        "ended-since:1h",
        "ended-until:30m",
        "longer:1h",
        "shorter:1h1s",
        "PRICE missing",
        "\"column 'price'\"",
        "val*missing",
        "team=ml",
        "-nonsense",
    ],
)
def test_a_run_passes(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "phase:succeeded",
        "-phase:failed",
        "task:etl",
        "task:ETL*",
        "owner:ana",
        "source:unknown",
        "label:team=ops",
        "label:team=ml label:stage=live",
        "-label:team",
        "since:1h",
        "until:3h",
        "ended-since:30m",
        "longer:61m",
        "shorter:1h",
        "price nonsense",
        '"missing column"',
        "-price",
    ],
)
def test_a_run_does_not_pass(text: str) -> None:
    assert not passes(text)


def test_what_goes_on_lasts_until_now_and_has_no_end() -> None:
    running = replace(RUN, phase="running", ended=None, duration=None)
    assert passes("longer:2h", running)
    assert not passes("shorter:2h", running)
    assert not passes("ended-until:1s", running)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("boom  phase:timed_out,failed", "phase:failed,timed_out boom"),
        ("task:b task:a", "task:a,b"),
        ("-task:b -task:a", "-task:a,b"),
        ('task:"with blank" "free  words" "-x" "a:b"', 'task:"with blank" "-x" "a:b" "free words"'),
        ('task:"a,b"', 'task:"a,b"'),
        ("since:7d since:1d", "since:1d since:7d"),
        ("phase:failed phase:failed boom boom", "phase:failed boom"),
        ('trigger:""', 'trigger:""'),
    ],
)
def test_queries_that_say_the_same_have_one_text(text: str, canonical: str) -> None:
    query = RunQuery.parse(text)
    assert query.text() == canonical
    assert RunQuery.parse(canonical) == query


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("boom phse:failed", 5, "Did you mean phase?"),
        ("phase:broken", 0, "It is one of queued"),
        ("since:soon", 0, "since:7d"),
        ("longer:ten", 0, "longer:10m"),
        ("-since:7d", 0, "no minus"),
        ('task:"open', 5, "not closed"),
        ("label:=x", 0, "needs a key"),
        ("ValueError: x", 0, "put it in quotes"),
        ("a\x00b", 1, "control character"),
        ("x" * 2001, 2000, "at most 2,000"),
        ("longer:999999999w", 0, "no length of time"),
        ("since:0001-01-01", 0, "no moment"),
    ],
)
def test_nonsense_is_refused_with_the_place_and_what_would_do(
    text: str, at: int, words: str
) -> None:
    with pytest.raises(BadQuery) as refused:
        RunQuery.parse(text)
    assert refused.value.at == at
    assert words in str(refused.value)


def test_an_order_is_a_column_of_the_list() -> None:
    assert RunQuery.parse("", "-duration").to_address() == {"sort": "-duration"}
    assert RunQuery.parse("", "-started").to_address() == {}
    with pytest.raises(BadQuery, match="Sort by one of"):
        RunQuery.parse("", "colour")


def test_older_addresses_keep_their_meaning() -> None:
    query = RunQuery.from_request({"q": "boom", "phase": "failed", "task": "etl main"})
    assert query.text() == 'phase:failed task:"etl main" boom'
    with pytest.raises(BadQuery):
        RunQuery.from_request({"phase": "nonsense"})


def test_a_page_can_put_terms_in_and_take_them_out() -> None:
    query = RunQuery.parse("phase:failed boom")
    assert query.with_term("phase", "aborted").values("phase") == ("failed", "aborted")
    assert query.without("phase").text() == "boom"
    assert query.values("task") == ()


def test_me_is_whoever_looks() -> None:
    query = RunQuery.parse("owner:me,bo")
    mine = query.resolved(["ana", "ana@example.org", ""])
    assert mine.text() == "owner:ana,ana@example.org,bo"
    assert mine.matches(RUN, NOW)
    assert not query.resolved([]).matches(RUN, NOW)


def test_relative_times_are_counted_from_when_it_is_asked() -> None:
    query = RunQuery.parse("since:3h")
    assert query.text() == "since:3h"
    assert query.matches(RUN, NOW)
    assert not query.matches(RUN, NOW + timedelta(hours=2))
