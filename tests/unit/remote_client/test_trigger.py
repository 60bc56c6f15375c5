"""Triggers and their schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flyteidl2.core import types_pb2
from flyteidl2.task import task_service_pb2
from flyteidl2.trigger import trigger_service_pb2

from remote_client import ClientSet, Cron, FixedRate, RunOptions, Trigger, TriggerRevision
from remote_client._schedule import schedule_from_wire, schedule_to_wire
from tests.unit.remote_client.fake_platform import FakePlatform


def _serve(fake: FakePlatform) -> None:
    task = task_service_pb2.GetTaskDetailsResponse()
    task.details.task_id.name = "env.main"
    variables = task.details.spec.task_template.interface.inputs.variables
    variables.add(key="x").value.type.simple = types_pb2.INTEGER
    variables.add(key="at").value.type.simple = types_pb2.DATETIME
    fake.answer("TaskService.GetTaskDetails", task)

    def deploy(request: Any, context: Any) -> Any:
        answer = trigger_service_pb2.DeployTriggerResponse()
        answer.trigger.id.name.CopyFrom(request.name)
        answer.trigger.spec.CopyFrom(request.spec)
        answer.trigger.automation_spec.CopyFrom(request.automation_spec)
        return answer

    fake.answer("TriggerService.DeployTrigger", deploy)


async def test_a_trigger_is_created_with_its_inputs(fake: FakePlatform, client: ClientSet) -> None:
    _serve(fake)
    trigger = await Trigger.create(
        "nightly",
        "env.main",
        Cron("0 2 * * *", "Europe/Berlin"),
        task_version="v1",
        inputs={"x": 3},
        kickoff_time_input="at",
        description="every night",
    )
    assert (trigger.name, trigger.task_name, trigger.task_version) == ("nightly", "env.main", "v1")
    assert (trigger.is_active, trigger.inputs) == (True, {"x": 3})
    assert str(trigger.schedule) == "0 2 * * * (Europe/Berlin)"
    assert trigger.description == "every night"
    (request,) = fake.requests("TriggerService.DeployTrigger")
    assert request.automation_spec.schedule.kickoff_time_input_arg == "at"
    assert trigger.url.endswith("/triggers/env.main/nightly")


async def test_triggers_are_listed_paused_and_deleted(
    fake: FakePlatform, client: ClientSet
) -> None:
    answer = trigger_service_pb2.ListTriggersResponse()
    one = answer.triggers.add(active=True)
    one.id.name.name, one.id.name.task_name = "nightly", "env.main"
    fake.answer("TriggerService.ListTriggers", answer)
    fake.answer("TriggerService.UpdateTriggers", trigger_service_pb2.UpdateTriggersResponse())
    fake.answer("TriggerService.DeleteTriggers", trigger_service_pb2.DeleteTriggersResponse())
    (trigger,) = [found async for found in Trigger.listall("env.main")]
    assert (trigger.is_active, trigger.schedule, trigger.project) == (True, None, "p")
    await trigger.set_active(False)
    await trigger.delete()
    (update,) = fake.requests("TriggerService.UpdateTriggers")
    (delete,) = fake.requests("TriggerService.DeleteTriggers")
    assert (update.names[0].name, update.active) == ("nightly", False)
    assert (delete.names[0].task_name, delete.names[0].domain) == ("env.main", "d")


@pytest.mark.parametrize(
    "schedule",
    [
        Cron("*/5 * * * *"),
        Cron("0 2 * * *", "Europe/Berlin"),
        FixedRate(timedelta(minutes=90)),
        FixedRate(timedelta(hours=6)),
        FixedRate(timedelta(days=2)),
    ],
)
def test_a_schedule_comes_back_as_it_was_sent(schedule: Cron | FixedRate) -> None:
    assert schedule_from_wire(schedule_to_wire(schedule)) == schedule


def test_an_impossible_rate_is_refused() -> None:
    for every in (timedelta(seconds=30), timedelta(seconds=90), timedelta()):
        with pytest.raises(ValueError, match="whole minutes"):
            FixedRate(every)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "words", "following"),
    [
        (Cron("0 2 * * *", "Europe/Berlin"), "At 02:00 every day", "2026-05-05T00:00"),
        (Cron("CRON_TZ=Asia/Tokyo 0 2 * * *"), "At 02:00 every day", "2026-05-04T17:00"),
        (Cron("@hourly"), "At the start of every hour", "2026-05-04T13:00"),
        (FixedRate(timedelta(minutes=15), _at("2026-05-04T12:10")), "Every 15 minutes", None),
    ],
)
def test_schedules_tell_their_times(schedule: Any, words: str, following: str | None) -> None:
    assert schedule.words == words
    found = next(schedule.upcoming(_at("2026-05-04T12:00")))
    assert found == _at(following or "2026-05-04T12:10")


def test_a_rate_without_a_start_counts_from_when_it_was_switched_on() -> None:
    hourly = FixedRate(timedelta(hours=1))
    assert hourly.words == "Every hour"
    assert list(hourly.upcoming(_at("2026-05-04T12:00"))) == []
    moments = hourly.upcoming(_at("2026-05-04T12:30"), since=_at("2026-05-04T10:10"))
    assert [next(moments), next(moments)] == [_at("2026-05-04T13:10"), _at("2026-05-04T14:10")]


@pytest.mark.parametrize("cron", [Cron("often"), Cron("0 0 31 2 *"), Cron("0 2 * * *", "Mars/X")])
def test_a_cron_expression_that_cannot_be_says_so(cron: Cron) -> None:
    with pytest.raises(ValueError, match=r"cron expression|time zone"):
        list(cron.upcoming(_at("2026-05-04T12:00")))


def test_a_rates_start_travels() -> None:
    rate = FixedRate(timedelta(minutes=5), _at("2026-05-04T12:00"))
    assert schedule_from_wire(schedule_to_wire(rate)) == rate


async def test_a_trigger_tells_its_history_and_each_revision(
    fake: FakePlatform, client: ClientSet
) -> None:
    _serve(fake)
    trigger = await Trigger.create(
        "nightly",
        "env.main",
        Cron("0 2 * * *"),
        task_version="v1",
        inputs={"x": 3},
        kickoff_time_input="at",
        options=RunOptions(labels={"team": "ml"}, env_vars={"A": "1"}, context={"who": "ana"}),
        revision=4,
    )
    (request,) = fake.requests("TriggerService.DeployTrigger")
    assert request.revision == 4
    options = trigger.options
    assert (options.labels, options.env_vars, options.context) == (
        {"team": "ml"},
        {"A": "1"},
        {"who": "ana"},
    )
    history = trigger_service_pb2.GetTriggerRevisionHistoryResponse()
    one = history.triggers.add(action=3)
    one.id.revision = 5
    one.created_at.FromDatetime(_at("2026-05-04T12:00"))
    one.metadata.updated_by.user.spec.user_handle = "otto"
    fake.answer("TriggerService.GetTriggerRevisionHistory", history)
    assert await trigger.history() == [
        TriggerRevision(5, "deactivate", _at("2026-05-04T12:00"), "otto")
    ]
    then = trigger_service_pb2.GetTriggerRevisionDetailsResponse()
    then.trigger.spec.task_version = "v0"
    fake.answer("TriggerService.GetTriggerRevisionDetails", then)
    assert (await trigger.at_revision(2)).task_version == "v0"
