"""The filter texts of ListProjects."""

from __future__ import annotations

import pytest
from connectrpc.errors import ConnectError

from local_platform.services.project_filters import matcher
from local_platform.store import ProjectRecord

RECORD = ProjectRecord("orchard", "The Orchard", "apples", '{"team": "fruit"}', 1, 1, 1)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("eq(state,1)", True),
        ("eq(state, 0)", False),
        ("ne(state,0)+contains(name,Orch)", True),
        ("eq(identifier,orchard)+eq(state,0)", False),
        ("value_in(identifier,meadow;orchard)", True),
        ("value_in(id,meadow)", False),
        ("contains(labels,fruit)", True),
    ],
)
def test_terms_hold_together(text: str, matches: bool) -> None:
    test = matcher(text)
    assert test is not None
    assert test(RECORD) is matches


@pytest.mark.parametrize("text", ["state=1", "like(name,x)", "eq(colour,red)", "eq(state)"])
def test_a_bad_text_is_refused(text: str) -> None:
    with pytest.raises(ConnectError):
        matcher(text)


def test_no_text_is_no_filter() -> None:
    assert matcher("") is None
