"""What a watch holds, and what of it changed."""

from __future__ import annotations

import asyncio

import pytest

from remote_client._board import Board, overlay
from tests.unit.remote_client import messages


def _board() -> Board[str]:
    return Board(lambda held, state: state)


async def test_a_slow_consumer_gets_the_newest_state_once() -> None:
    board = _board()
    for state in ("queued", "running", "succeeded"):
        board.offer("r1", state)
    board.offer("r2", "queued")
    assert await board.changes() == ["succeeded", "queued"]


async def test_what_did_not_change_is_not_told() -> None:
    board = _board()
    board.offer("r1", "running")
    await board.changes()
    board.offer("r1", "running")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(board.changes(), 0.01)


async def test_an_answer_that_was_asked_for_earlier_loses_to_what_came_since() -> None:
    board = _board()
    since = board.mark()
    board.offer("r1", "succeeded")
    board.offer("r1", "running", since=since)
    board.offer("r2", "running", since=since)
    assert await board.changes() == ["succeeded", "running"]


async def test_an_error_comes_after_the_changes_before_it() -> None:
    board = _board()
    board.offer("r1", "running")
    board.fail(LookupError("gone"))
    assert await board.changes() == ["running"]
    with pytest.raises(LookupError):
        await board.changes()


async def test_sources_stop_with_their_consumer() -> None:
    stopped = asyncio.Event()

    async def source() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with _board().fed_by(source()):
        await asyncio.sleep(0)
    assert stopped.is_set()


def test_overlaying_keeps_what_the_newer_state_does_not_tell() -> None:
    known, poorer = messages.action().metadata, messages.action().metadata
    known.executed_by.user.spec.email = "ana@example.com"
    known.executed_by.user.roles.add()
    poorer.ClearField("task")
    poorer.executed_by.user.roles.add()
    overlay(known, poorer)
    assert known.task.id.name == "env.a0"
    assert len(known.executed_by.user.roles) == 1
