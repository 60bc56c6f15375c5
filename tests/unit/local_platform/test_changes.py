"""Watchers get the newest state of what changed, and an end."""

from __future__ import annotations

import asyncio

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError

from local_platform import changes, engine
from local_platform.changes import Changes
from tests.unit.local_platform.records import DOMAIN, PROJECT, action, key


async def test_a_slow_watcher_gets_the_newest_state_of_each_action() -> None:
    hub = Changes()
    with hub.subscribe(changes.of_run(key().run_key)) as subscription:
        hub.publish(action("a0", id=1))
        hub.publish(action("child", id=2, parent="a0"))
        hub.publish(action("a0", id=1, phase=engine.RUNNING))
        taken = await subscription.take()
    assert [(each.name, each.phase) for each in taken] == [
        ("a0", engine.RUNNING),
        ("child", engine.QUEUED),
    ]


async def test_a_wait_ends_with_the_next_change() -> None:
    hub = Changes()
    with hub.subscribe(changes.of_action(key())) as subscription:
        waiting = asyncio.ensure_future(subscription.take())
        await asyncio.sleep(0)
        assert not waiting.done()
        hub.publish(action("a0"))
        assert len(await waiting) == 1


@pytest.mark.parametrize(
    ("topic", "heard"),
    [
        (changes.of_action(key("a0")), ["a0"]),
        (changes.of_children(key("a0")), ["child"]),
        (changes.of_run(key().run_key), ["a0", "child"]),
        (changes.of_roots(PROJECT, DOMAIN), ["a0"]),
        (changes.of_roots(), ["a0"]),
        (changes.of_roots("other", DOMAIN), []),
        (changes.of_run(key(run="r2").run_key), []),
    ],
)
async def test_topics_are_kept_apart(topic: changes.Topic, heard: list[str]) -> None:
    hub = Changes()
    with hub.subscribe(topic) as subscription:
        hub.publish(action("a0", id=1))
        hub.publish(action("child", id=2, parent="a0"))
        subscription.wake()
        assert [each.name for each in await subscription.take()] == heard


async def test_nothing_is_kept_for_who_left() -> None:
    hub = Changes()
    with hub.subscribe(changes.of_action(key())):
        pass
    hub.publish(action("a0"))
    assert not hub._subscriptions


async def test_the_end_comes_after_the_last_changes() -> None:
    hub = Changes()
    with hub.subscribe(changes.of_action(key())) as subscription:
        hub.publish(action("a0"))
        hub.stop()
        assert len(await subscription.take()) == 1
        with pytest.raises(ConnectError) as caught:
            await subscription.take()
    assert caught.value.code == Code.UNAVAILABLE


async def test_a_wait_ends_when_the_platform_stops() -> None:
    hub = Changes()
    with hub.subscribe(changes.of_action(key())) as subscription:
        waiting = asyncio.ensure_future(subscription.take())
        await asyncio.sleep(0)
        hub.stop()
        with pytest.raises(ConnectError):
            await waiting
