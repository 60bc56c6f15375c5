"""What a browser may send, and how frames look."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.live import protocol
from dashboard.live.protocol import (
    Ack,
    BadMessage,
    Error,
    LogArgs,
    RunsArgs,
    Snapshot,
    State,
    Subscribe,
    Unsubscribe,
    framed,
    parse,
)

WITHIN = {"project": "shop", "domain": "development"}
LOG = {**WITHIN, "run": "r1", "action": "a0", "attempt": 2}


def subscribe(topic: Any = "log", args: Any = LOG, **more: Any) -> str:
    return json.dumps({"type": "subscribe", "id": "x", "topic": topic, "args": args, **more})


def test_it_reads_what_a_page_sends() -> None:
    assert parse(subscribe(cursor="17")) == Subscribe(
        "x", "log", LogArgs("shop", "development", "r1", "a0", 2), "17"
    )
    assert parse(subscribe("runs", {**WITHIN, "first": False}, cursor=None)) == Subscribe(
        "x", "runs", RunsArgs("shop", "development", False), None
    )
    assert parse('{"type":"unsubscribe","id":"x"}') == Unsubscribe("x")
    assert parse('{"type":"ack","seq":3}') == Ack(3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "null",
        "[" * 10_000,
        "{}",
        '{"type":["subscribe"]}',
        '{"type":"ack"}',
        '{"type":"ack","seq":true}',
        '{"type":"ack","seq":0}',
        '{"type":"ack","seq":1.5}',
        '{"type":"ack","seq":1,"more":1}',
        '{"type":"unsubscribe"}',
        '{"type":"unsubscribe","id":""}',
        json.dumps({"type": "unsubscribe", "id": "x" * 65}),
        subscribe(topic="secrets"),
        subscribe(topic={}),
        subscribe(args=None),
        subscribe(args={}),
        subscribe(args={**LOG, "attempt": "2"}),
        subscribe(args={**LOG, "attempt": True}),
        subscribe(args={**LOG, "attempt": -1}),
        subscribe(args={**LOG, "run": ""}),
        subscribe(args={**LOG, "run": "a\0b"}),
        subscribe(args={**LOG, "run": "x" * 256}),
        subscribe(args={**LOG, "org": "x"}),
        subscribe("runs", {**WITHIN, "first": 1}),
        subscribe(cursor=7),
        subscribe(cursor="x" * 300),
        subscribe(args={**LOG, "run": "x" * 20_000}),
    ],
)
def test_it_refuses_everything_else(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


def test_a_refusal_names_the_subscription_when_it_is_known() -> None:
    with pytest.raises(BadMessage) as refused:
        parse(subscribe(topic="secrets"))
    assert refused.value.subscription == "x"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
kinds = st.sampled_from(["subscribe", "unsubscribe", "ack", "x"])


@given(json_values, json_values, json_values, kinds)
def test_no_message_breaks_it(one: Any, two: Any, three: Any, kind: str) -> None:
    message = {"type": kind, "id": one, "topic": "log", "args": two, "seq": three, "cursor": one}
    try:
        parse(json.dumps(message))
    except BadMessage:
        return


def test_a_frame_is_one_json_object() -> None:
    body = Snapshot("e.1", '"rows":[]').body()
    assert json.loads(framed(3, "runs", body)) == {
        "seq": 3,
        "id": "runs",
        "type": "snapshot",
        "cursor": "e.1",
        "rows": [],
    }
    assert json.loads(framed(4, None, Error("invalid", 'a "b"').body()))["message"] == 'a "b"'


def test_a_state_tells_moments_in_utc() -> None:
    body = State("reconnecting", datetime(2026, 5, 4, 12, tzinfo=UTC), None, "gone").body()
    frame = json.loads(framed(1, "x", body))
    assert frame["since"] == "2026-05-04T12:00:00.000Z"
    assert frame["retry_at"] is None


def test_every_message_and_topic_is_documented() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "live.md").read_text()
    messages = ("Subscribe", "Unsubscribe", "Ack", "Snapshot", "Update", "State", "Error")
    types = [getattr(protocol, name).type for name in messages]
    codes = ["not_found", "denied", "invalid", "signed_out", "failed"]
    states = ["connecting", "live", "reconnecting", "ended"]
    for word in [*types, *protocol.TOPICS, *codes, *states]:
        assert f"`{word}`" in page, word
