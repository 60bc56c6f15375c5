"""Links that sign in or show a wall are in no log."""

from __future__ import annotations

import logging

import pytest

from dashboard.redacting import WithoutLinkTokens


@pytest.mark.parametrize("path", ["/wall/link/", "/sign-in/link/"])
def test_the_token_of_a_link_is_left_out(path: str) -> None:
    text, args = "Internal Server Error: %s", (f"{path}Se-c_ret1",)
    record = logging.LogRecord("django.request", logging.ERROR, "x", 1, text, args, None)
    assert WithoutLinkTokens().filter(record)
    assert record.getMessage() == f"Internal Server Error: {path}…"


def test_other_texts_stay_as_they_are() -> None:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s of %s", (1, 2), None)
    assert WithoutLinkTokens().filter(record)
    assert record.getMessage() == "1 of 2"
