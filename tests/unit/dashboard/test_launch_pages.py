"""The launch form and the form of a rerun: served, posted, refused, and what they start."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from flyteidl2.core import types_pb2
from flyteidl2.task import run_pb2

from dashboard.models import AuditEntry
from remote_client._values import to_python
from remote_client.errors import InvalidArgument
from tests.unit.dashboard.fake_launching import INT, STR, list_of, union_of
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import browser_of, person_with

BASE = "/v2/domain/development/project/shop"
LAUNCH = f"{BASE}/tasks/env.load/v1/launch"
RERUN = f"{BASE}/runs/r1/rerun/edit"
NONE = types_pb2.LiteralType(simple=types_pb2.NONE)
FILE = types_pb2.LiteralType(blob=types_pb2.BlobType())


def text_of(response: Any) -> str:
    return str(response.content.decode())


def launched(platform: FakePlatform) -> dict[str, Any]:
    """Inputs of the one run that was launched, as Python values."""
    ((_, inputs, _),) = platform.launched
    return {name: to_python(value) for name, value in inputs.items()}


async def test_a_task_is_launched_with_what_was_typed(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({"n": INT, "s": STR}, {"s": "x"})
    answer = await browser.post(LAUNCH, {"i.0": "7", "i.1": "x", "do": "launch"})
    assert answer.headers["Location"] == f"{BASE}/runs/r-new"
    assert launched(platform) == {"n": 7}
    ((_, _, options),) = platform.launched
    assert options.source == "web"
    entry = await AuditEntry.objects.aget(action="run.launch")
    assert entry.thing == "shop/development/env.load@v1"
    assert entry.detail == "as r-new"


async def test_a_wrong_value_is_said_at_the_top_and_beside_its_field_and_nothing_is_lost(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({"n": INT, "s": STR})
    sent = {"i.0": "seven", "i.1": "<b>kept</b>", "s.labels~n": "1", "s.labels.0~k": "team"}
    answer = await browser.post(LAUNCH, {**sent, "s.labels.0": "ml", "s.name": "Bad Name"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert platform.launched == []
    assert '<a href="#f-i-0">n</a>: A whole number is wanted' in page
    assert '<a href="#s-name">Run name</a>' in page
    assert 'value="seven"' in page
    assert 'aria-describedby="f-i-0-type f-i-0-error" aria-invalid="true"' in page
    assert "&lt;b&gt;kept&lt;/b&gt;" in page
    assert 'value="team"' in page


async def test_settings_reach_the_run(browser: AsyncClient, platform: FakePlatform) -> None:
    made = platform.add_task({})
    made._pb.spec.task_template.container.image = "img:1"
    await browser.post(
        LAUNCH,
        {
            "s.name": "my-run",
            "s.queue": "gpu",
            "s.concurrency": "3",
            "s.interruptible": "false",
            "s.overwrite_cache": "true",
            "s.cache_scope": "project_domain",
            "s.service_account": "robot",
            "s.raw_data_path": "s3://b/p",
            "s.env_vars~n": "2",
            "s.env_vars.0~k": "A",
            "s.env_vars.0": "one\r\ntwo",
            "s.context~n": "1",
            "s.context.0~k": "trace",
            "s.context.0": "1",
            "s.cpu": "1, 2",
            "s.memory": "1Gi",
            "s.retries": "0",
        },
    )
    ((task, _, options),) = platform.launched
    assert (options.name, options.queue, options.max_action_concurrency) == ("my-run", "gpu", 3)
    assert (options.interruptible, options.overwrite_cache) == (False, True)
    assert (options.cache_scope, options.service_account) == ("project_domain", "robot")
    assert options.raw_data_path == "s3://b/p"
    assert options.env_vars == {"A": "one\ntwo"}
    assert options.context == {"trace": "1"}
    assert task.overridden


async def test_what_a_task_cannot_override_is_told(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({})  # in no container
    answer = await browser.post(LAUNCH, {"s.cpu": "1"})
    assert answer.status_code == 422
    assert "runs in no container" in text_of(answer)


async def test_a_name_that_is_taken_is_told_at_its_field(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({})
    platform.taken_names.add("busy")
    answer = await browser.post(LAUNCH, {"s.name": "busy"})
    assert "A run of this name exists already." in text_of(answer)
    checked = await browser.post(LAUNCH, {"s.name": "busy", "do": "check"})
    assert "A run of this name exists already." in text_of(checked)
    free = await browser.post(LAUNCH, {"s.name": "idle", "do": "check"})
    assert "The name <code>idle</code> is free." in text_of(free)
    assert platform.launched == []


async def test_what_the_platform_refuses_is_told_and_the_form_stays(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({"n": INT})
    platform.launch_error = InvalidArgument("The cluster has no queue 'x'.")
    answer = await browser.post(LAUNCH, {"i.0": "7"})
    assert answer.status_code == 422
    assert "The cluster has no queue &#x27;x&#x27;." in text_of(answer)
    assert 'value="7"' in text_of(answer)


async def test_items_are_added_without_script(browser: AsyncClient, platform: FakePlatform) -> None:
    platform.add_task({"xs": list_of(INT)})
    answer = await browser.post(LAUNCH, {"i.0~n": "1", "i.0.0": "4", "do": "add:i.0"})
    page = text_of(answer)
    assert 'name="i.0~n" value="2"' in page
    assert 'name="i.0.0" value="4"' in page
    assert 'name="i.0.1" value=""' in page


async def test_a_number_of_items_alone_makes_no_fields(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({"xs": list_of(list_of(INT))})
    answer = await browser.post(LAUNCH, {"i.0~n": "2000", "i.0.7~n": "2000", "do": "draw:"})
    assert 'name="i.0~n" value="1"' in text_of(answer)
    assert 'name="i.0.0~n" value="0"' in text_of(answer)


async def test_a_script_gets_the_form_alone(browser: AsyncClient, platform: FakePlatform) -> None:
    platform.add_task({"xs": list_of(INT)})
    answer = await browser.post(LAUNCH, {"do": "add:i.0"}, headers={"X-Form-Part": "1"})
    assert text_of(answer).startswith("<form")


async def test_a_link_fills_the_form_in(browser: AsyncClient, platform: FakePlatform) -> None:
    platform.add_task({"n": union_of(INT, STR, NONE), "s": STR})
    inputs = json.dumps({"n": {"$type": "str", "value": "5"}, "s": "<i>"})
    page = text_of(await browser.get(f"{LAUNCH}?{urlencode({'inputs': inputs})}"))
    assert '<option value="1" selected>str</option>' in page
    assert "&lt;i&gt;" in page
    unknown = urlencode({"inputs": json.dumps({"who": 1})})
    odd = text_of(await browser.get(f"{LAUNCH}?{unknown}"))
    assert "There is no input &#x27;who&#x27;. The task takes n, s." in odd


async def test_json_and_fields_are_two_views_of_the_same_values(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({"n": INT, "xs": list_of(INT)})
    sent = {"i.0": "12345678901234567", "i.1~n": "1", "i.1.0": "oops", "do": "view:json"}
    page = text_of(await browser.post(LAUNCH, sent))
    assert "&quot;n&quot;: 12345678901234567" in page
    assert "&quot;oops&quot;" in page
    bad = text_of(await browser.post(LAUNCH, {"view": "json", "json": "{", "do": "view:fields"}))
    assert 'name="json"' in bad
    assert "This is no JSON" in bad
    await browser.post(LAUNCH, {"view": "json", "json": '{"n": 1, "xs": [2, 3]}'})
    assert launched(platform) == {"n": 1, "xs": [2, 3]}


async def test_a_file_is_uploaded_and_its_address_stays_in_the_field(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({"f": FILE})
    file = SimpleUploadedFile("../a b.csv", b"1,2")
    answer = await browser.post(LAUNCH, {"i.0": "", "i.0~f": file, "do": "draw:"})
    assert platform.uploads == [("a_b.csv", b"1,2")]
    assert 'value="s3://bucket/content/a_b.csv"' in text_of(answer)


async def test_a_viewer_gets_neither_form_nor_run(
    transactional_db: None, platform: FakePlatform, upstreams: None
) -> None:
    platform.add_task({})
    viewer = await browser_of(await person_with("vera", ("viewer", "shop")))
    assert (await viewer.get(LAUNCH)).status_code == 403
    assert (await viewer.post(LAUNCH, {})).status_code == 403
    assert "/launch" not in text_of(await viewer.get(f"{BASE}/tasks"))
    assert platform.launched == []


async def test_an_unknown_task_or_version_is_named(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    assert (await browser.get(LAUNCH)).status_code == 404
    platform.add_task({}, version="v2")
    page = await browser.get(LAUNCH)
    assert page.status_code == 404
    assert "Versions of env.load" in text_of(page)
    latest = await browser.get(LAUNCH.replace("/v1/", "/latest/") + "?view=json")
    assert latest.headers["Location"] == LAUNCH.replace("/v1/", "/v2/") + "?view=json"


# --- reruns with changes --------------------------------------------------------------------------


def earlier_spec() -> Any:
    spec = run_pb2.RunSpec(queue="gpu", cluster_pool="pool", max_action_concurrency=4)
    spec.labels.values["team"] = "ml"
    spec.annotations.values["note"] = "n"
    spec.envs.values.add(key="A", value="1")
    spec.interruptible.value = False
    spec.raw_data_storage.raw_data_prefix = "s3://raw"
    spec.security_context.run_as.k8s_service_account = "robot"
    spec.cache_config.cache_lookup_scope = 1
    spec.notification_rules.rules.add(delivery_config_name="mail")
    return spec


async def test_a_rerun_begins_with_everything_of_the_original(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_run({"n": INT}, {"n": 5}, earlier_spec())
    page = text_of(await browser.get(RERUN))
    for value in ("5", "gpu", "pool", "4", "s3://raw", "robot", "team", "note", "A"):
        assert f'value="{value}"' in page
    assert "No change against <code>r1</code>" in page
    assert "1 notification rule" in page
    assert "flyte.rerun(" in page
    assert "deployed-task" not in page


async def sent_back(browser: AsyncClient) -> dict[str, str]:
    """The form as a browser without script reads it."""
    from tests.browser.plain_forms import _Reader

    reader = _Reader()
    reader.feed(text_of(await browser.get(RERUN)))
    return reader.values


async def test_a_rerun_sends_only_what_changed_and_drops_no_setting(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_run({"n": INT, "s": STR}, {"n": 5, "s": "same"}, earlier_spec())
    form = await sent_back(browser)
    answer = await browser.post(RERUN, {**form, "i.0": "6", "s.queue": "cpu"})
    assert answer.headers["Location"] == f"{BASE}/runs/r1-changed"
    ((run, action, inputs, options),) = platform.rerun_changes
    assert (run, action) == ("r1", "a0")
    assert {name: to_python(value) for name, value in inputs.items()} == {"n": 6}
    spec = options.onto(earlier_spec())
    wanted = earlier_spec()
    wanted.queue = "cpu"
    wanted.overwrite_cache = wanted.cache_config.overwrite_cache = False
    assert spec == wanted
    entry = await AuditEntry.objects.aget(action="run.rerun")
    assert entry.detail == "as r1-changed, changed: n, queue"


async def test_a_rerun_can_take_a_label_away(browser: AsyncClient, platform: FakePlatform) -> None:
    platform.add_run({}, {}, earlier_spec())
    form = await sent_back(browser)
    await browser.post(RERUN, {**form, "s.labels.0~k": "", "s.labels.0": ""})
    ((_, _, _, options),) = platform.rerun_changes
    assert dict(options.onto(earlier_spec()).labels.values) == {}


async def test_what_changes_is_marked_and_summed_up(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_run({"n": INT}, {"n": 5}, earlier_spec())
    form = await sent_back(browser)
    sent = {**form, "i.0": "6", "s.labels.0": "ops", "do": "draw:"}
    page = text_of(await browser.post(RERUN, sent))
    assert "2 changes against <code>r1</code>" in page
    assert "<del>5</del>" in page
    assert "<ins>6</ins>" in page
    assert "Labels: team" in page
    assert "Rerun with 2 changes" in page
    assert platform.rerun_changes == []
    back = text_of(await browser.post(RERUN, {**form, "i.0": "6", "do": "restore:i.0"}))
    assert 'name="i.0" value="5"' in back


async def test_an_input_that_cannot_be_shown_is_kept(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_run({"n": INT, "s": STR}, {"n": 5, "s": "x"})
    platform.given["s"].Clear()
    page = text_of(await browser.get(RERUN))
    assert "Kept as it was." in page
    await browser.post(RERUN, await sent_back(browser))
    ((_, _, inputs, _),) = platform.rerun_changes
    assert inputs == {}


async def test_an_input_that_is_too_large_for_a_form_is_kept(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_run({"xs": list_of(INT), "n": INT}, {"xs": [7] * 100_000, "n": 5})
    page = text_of(await browser.get(RERUN))
    assert "Kept as it was." in page
    assert len(page) < 100_000
    await browser.post(RERUN, {**await sent_back(browser), "i.1": "6"})
    ((_, _, inputs, _),) = platform.rerun_changes
    assert list(inputs) == ["n"]


async def test_enter_in_a_field_starts_nothing(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_task({"n": INT})
    page = text_of(await browser.get(LAUNCH))
    form = page.partition('id="launch"')[2]
    assert 'value="check"' in form.partition("<button")[2].partition(">")[0]


async def test_a_rerun_can_take_over_what_succeeded(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_run({"n": INT}, {"n": 5})
    form = await sent_back(browser)
    await browser.post(RERUN, {**form, "s.recover": "true"})
    assert platform.recovered == ["r1"]


async def test_one_action_of_a_run_is_run_again(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.add_run({"n": INT}, {"n": 5})
    platform.details_there["fit"] = platform.details_there["a0"]
    page = text_of(await browser.get(f"{RERUN}?action=fit"))
    assert f'action="{RERUN}?action=fit"' in page


async def test_an_unknown_run_is_named(browser: AsyncClient, platform: FakePlatform) -> None:
    answer = await browser.get(RERUN.replace("r1", "nowhere"))
    assert answer.status_code == 404
    assert "No such run" in text_of(answer)
