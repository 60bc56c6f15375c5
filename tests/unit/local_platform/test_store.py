"""What is stored comes back, and only when all of it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flyteidl2.common.list_pb2 import ListRequest
from flyteidl2.task.task_definition_pb2 import TaskSpec

from local_platform import engine
from local_platform.store import (
    AttemptRecord,
    CacheRecord,
    RunKey,
    SecretRecord,
    Store,
    TaskRecord,
)
from local_platform.store.listing import TASKS, query
from tests.unit.local_platform.records import DOMAIN, PROJECT, action, key


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "platform.db")
    yield store
    store.close()


def test_an_action_comes_back_as_it_was(store: Store) -> None:
    created = store.actions.create(action(error=b"e", value=b"v", grp="g", ended_at=5))
    assert created.id > 0
    assert store.actions.get(created.key) == created


def test_a_change_is_answered_and_stored(store: Store) -> None:
    created = store.actions.create(action())
    changed = store.actions.change(created, phase=engine.RUNNING, updated_at=9)
    assert changed == replace(created, phase=engine.RUNNING, updated_at=9)
    assert store.actions.get(created.key) == changed


def _create_two_and_fail(store: Store) -> None:
    with store.transaction():
        store.actions.create(action("a0"))
        with store.transaction():
            store.actions.create(action("child", parent="a0"))
        raise RuntimeError


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError):
        _create_two_and_fail(store)
    assert store.actions.get(key("a0")) is None
    assert store.actions.get(key("child")) is None


def test_it_knows_what_is_open(store: Store) -> None:
    store.actions.create(action("a0", phase=engine.RUNNING))
    store.actions.create(action("open", parent="a0", phase=engine.PAUSED))
    store.actions.create(action("done", parent="a0", phase=engine.SUCCEEDED))
    assert [each.name for each in store.actions.open_anywhere()] == ["a0", "open"]
    assert [each.name for each in store.actions.children(key("a0"))] == ["open", "done"]


def test_a_run_is_read_in_batches_in_the_order_it_grew(store: Store) -> None:
    names = [f"n{number}" for number in range(25)]
    for name in names:
        store.actions.create(action(name))
    store.actions.create(action("stranger", run="r2"))
    batches = list(store.actions.of_run(RunKey(PROJECT, DOMAIN, "r1"), batch=10))
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [each.name for batch in batches for each in batch] == names


def test_attempts_keep_their_history(store: Store) -> None:
    owner = store.actions.create(action())
    first = AttemptRecord(owner.id, 1, engine.QUEUED, 1, transitions=((engine.QUEUED, 1),))
    store.attempts.create(first)
    history = ((engine.QUEUED, 1), (engine.RUNNING, 2))
    changed = store.attempts.change(first, transitions=history, events=((2, "It runs."),), pid=7)
    store.attempts.create(replace(first, number=2))
    assert store.attempts.of_action(owner.id) == [changed, replace(first, number=2)]
    assert changed.events == ((2, "It runs."),)


def test_a_spec_is_stored_once(store: Store, tmp_path: Path) -> None:
    spec = TaskSpec(short_name="square")
    assert store.specs.put(spec) == store.specs.put(TaskSpec(short_name="square"))
    assert store.specs.get(store.specs.put(spec), TaskSpec) == spec
    assert store.specs.get("", TaskSpec) == TaskSpec()


def _task(store: Store, name: str, version: str, created_at: int) -> None:
    spec_id = store.specs.put(TaskSpec(short_name=name))
    store.tasks.deploy(
        TaskRecord(
            id=0,
            project=PROJECT,
            domain=DOMAIN,
            name=name,
            version=version,
            environment="env",
            env_description="",
            function_name=name,
            short_name=name,
            short_description="",
            deployed_by="local",
            spec_id=spec_id,
            created_at=created_at,
            updated_at=created_at,
        )
    )


def test_tasks_are_listed_by_their_newest_version(store: Store) -> None:
    _task(store, "a", "v1", 1)
    _task(store, "b", "v1", 2)
    _task(store, "a", "v2", 3)
    everything = query(ListRequest(), TASKS)
    records, token = store.tasks.latest_page(everything)
    assert [(each.name, each.version) for each in records] == [("a", "v2"), ("b", "v1")]
    assert token == ""
    assert store.tasks.count_latest(everything) == 2


def test_a_task_deployed_again_keeps_its_first_time(store: Store) -> None:
    _task(store, "a", "v1", 1)
    _task(store, "a", "v1", 9)
    record = store.tasks.get(PROJECT, DOMAIN, "a", "v1")
    assert record is not None
    assert (record.created_at, record.updated_at) == (1, 9)


def test_the_nearest_secret_applies(store: Store) -> None:
    for project, domain, value in [
        ("", "", b"everyone"),
        ("", DOMAIN, b"domain"),
        (PROJECT, DOMAIN, b"project"),
    ]:
        assert store.secrets.create(SecretRecord(project, domain, "key", 0, 1), value)
    assert store.secrets.value(PROJECT, DOMAIN, "key") == b"project"
    assert store.secrets.value("other", DOMAIN, "key") == b"domain"
    assert store.secrets.value("other", "staging", "key") == b"everyone"
    assert store.secrets.value("other", "staging", "no-key") is None


def test_a_newer_result_replaces_a_cached_one(store: Store) -> None:
    for number in (1, 2):
        store.cache.put(PROJECT, DOMAIN, "key", CacheRecord(f"/out/{number}", "r", "a0", number))
    cached = store.cache.get(PROJECT, DOMAIN, "key")
    assert cached is not None
    assert cached.output_uri == "/out/2"
    assert store.cache.get("other", DOMAIN, "key") is None


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    file = tmp_path / "platform.db"
    first = Store(file)
    created = first.actions.create(action())
    first.close()
    second = Store(file)
    assert second.actions.get(created.key) == created
    second.close()
