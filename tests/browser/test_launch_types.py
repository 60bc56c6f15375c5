"""Every kind of value goes through the launch form into a task of the real SDK and out again.

The form is driven as a browser without script would: it is read, filled in and posted. What the
task's own code saw comes back as a `repr`, beside the values themselves.
"""

from __future__ import annotations

import asyncio
import math
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from remote_client import ClientSet, Run
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE
from tests.browser.plain_forms import PlainForm
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

HOSTILE = "<script>alert(1)</script> {{ x }} ' \" \\ &amp; \t\n\nلا 日本 𝔘 e\u0301 \u202e end"
PROGRAM = Path(__file__).with_name("types_program.py")


@pytest.fixture(scope="session")
def kinds(platform: PlatformProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`types_program.py`, deployed by the real SDK."""
    folder = tmp_path_factory.mktemp("kinds")
    command = FlyteCommand(platform.port, folder)
    shutil.copy(PROGRAM, folder / "kinds.py")
    command("deploy", "kinds.py", "env")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http(dashboard: DashboardProcess) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in, without script."""
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as client:
        await client.get(dashboard.sign_in_link())
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(platform: PlatformProcess) -> AsyncIterator[ClientSet]:
    async with await ClientSet.for_endpoint.aio(
        platform.endpoint, insecure=True, project="flytesnacks", domain="development"
    ) as made:
        yield made


async def form_of(http: httpx.AsyncClient, task: str, query: str = "") -> PlainForm:
    address = f"{SCOPE}/tasks/kinds.{task}/latest/launch{query}"
    found = await http.get(address, follow_redirects=False)
    return await PlainForm(http, str(found.headers["location"])).open()


def paths(form: PlainForm, *names: str) -> list[str]:
    """Paths of inputs by name."""
    found = dict(re.findall(r'id="f-i-(\d+)-name">(\w+)</', form.html))
    numbers = {name: number for number, name in found.items()}
    return [f"i.{numbers[name]}" for name in names]


async def outputs_of(form: PlainForm, client: ClientSet) -> dict[str, Any]:
    """Launch, wait, and give the outputs by name."""
    await form.press("launch")
    assert form.status == 302, problems(form)
    run = await Run.get.aio(form.went_to.rpartition("/")[2], client=client)
    await run.wait.aio(quiet=True)
    outputs: dict[str, Any] = (await run.outputs.aio()).named_outputs
    return outputs


def problems(form: PlainForm) -> str:
    return form.html.partition('id="problems"')[2].partition("</section>")[0] or form.html[:2000]


@pytest.mark.parametrize(
    ("i", "f", "s", "b", "c"),
    [
        ("0", "0.1", "", "true", "RED"),
        (str(2**63 - 1), "inf", HOSTILE, "false", "BLUE"),
        (str(-(2**63)), "-1e-320", "\n leading line, trailing \n", "true", "RED"),
        ("9007199254740993", "nan", "\\u0000 \\n", "false", "RED"),
    ],
)
async def test_numbers_texts_flags_and_enums(
    kinds: None, http: httpx.AsyncClient, client: ClientSet, i: str, f: str, s: str, b: str, c: str
) -> None:
    form = await form_of(http, "scalars")
    for path, text in zip(paths(form, "i", "f", "s", "b", "c"), (i, f, s, b, c), strict=True):
        form.set(path, text)
    back = await outputs_of(form, client)
    number = float(f)
    assert back["o0"] == int(i)
    assert back["o1"] == number or (math.isnan(number) and math.isnan(back["o1"]))
    assert (back["o2"], back["o3"], back["o4"]) == (s, b == "true", c)
    assert repr(s) in back["o5"]
    assert repr(int(i)) in back["o5"]


async def test_signs_that_no_text_field_holds_go_through_the_json_view(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    text = "\x00\x07\r\n\r\x1b[31m\x7f"
    form = await form_of(http, "scalars")
    await form.press("view:json")
    form.set(
        "json",
        '{"i": 1, "f": "-Infinity", "b": true, "c": "BLUE", "s": "\\u0000\\u0007'
        '\\r\\n\\r\\u001b[31m\\u007f"}',
    )
    await form.press("view:fields")
    back = await outputs_of(form, client)
    assert back["o2"] == text
    assert back["o1"] == -math.inf


@pytest.mark.parametrize(
    ("at", "zone", "took", "moment", "length"),
    [
        (
            "2026-05-04 12:30:00.123456",
            "UTC",
            "1h 2m 3.000004s",
            datetime(2026, 5, 4, 12, 30, 0, 123456, UTC),
            timedelta(hours=1, minutes=2, seconds=3, microseconds=4),
        ),
        (
            "2026-07-01T09:00",
            "Europe/Berlin",
            "-1 day, 23:59:59.999999",
            datetime(2026, 7, 1, 7, 0, tzinfo=UTC),
            timedelta(microseconds=-1),
        ),
        (
            "1969-12-31T23:59:59.999999+05:30",
            "UTC",
            "PT0S",
            datetime(1969, 12, 31, 18, 29, 59, 999999, UTC),
            timedelta(),
        ),
        (
            "2026-01-01",
            "-03:00",
            "-250ms",
            datetime(2026, 1, 1, 3, tzinfo=UTC),
            timedelta(milliseconds=-250),
        ),
    ],
)
async def test_moments_and_lengths_of_time(
    kinds: None,
    http: httpx.AsyncClient,
    client: ClientSet,
    at: str,
    zone: str,
    took: str,
    moment: datetime,
    length: timedelta,
) -> None:
    form = await form_of(http, "moments")
    when, duration, day = paths(form, "at", "took", "day")
    form.set(when, at, m=zone)
    form.set(duration, took)
    form.set(day, "2026-02-28", m="UTC")
    back = await outputs_of(form, client)
    assert (back["o0"], back["o1"]) == (moment, length)
    assert repr(length) in back["o2"]
    assert "datetime.date(2026, 2, 28)" in back["o2"]


async def test_none_and_each_variant_of_a_union(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    form = await form_of(http, "optionals")
    a, b, c, d = paths(form, "a", "b", "c", "d")
    empty = await form_of(http, "optionals")
    empty.set(f"{c}.0", "1")
    first = await outputs_of(empty, client)
    assert (first["o0"], first["o1"], first["o3"]) == (None, None, None)

    form.values |= {f"{a}~v": "0", f"{b}~v": "1", f"{c}~v": "1", f"{d}~v": "0"}
    await form.press("choose:i")
    form.set(f"{a}.0", "-5")
    form.set(f"{b}.0", "5")
    form.set(f"{c}.0", "2")
    form.set(f"{d}.0", "")
    back = await outputs_of(form, client)
    assert (back["o0"], back["o1"], back["o3"]) == (-5, "5", "")
    assert isinstance(back["o2"], float)
    assert back["o4"] == repr((-5, "5", 2.0, ""))


async def test_lists_and_maps_with_items_added_moved_and_removed(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    form = await form_of(http, "containers")
    xs, names, deep, rows = paths(form, "xs", "names", "deep", "rows")
    for _ in range(3):
        await form.press(f"add:{xs}")
    for number, text in enumerate(("1", "2", "3")):
        form.set(f"{xs}.{number}", text)
    await form.press(f"up:{xs}.2")
    await form.press(f"remove:{xs}.0")
    await form.press(f"add:{names}")
    form.set(f"{names}.0", HOSTILE, k="key\n<b>")
    await form.press(f"add:{deep}")
    form.values[f"{deep}.0~k"] = ""
    await form.press(f"add:{deep}.0")
    await form.press(f"add:{deep}.0")
    form.values[f"{deep}.0.0~v"] = "0"
    await form.press("draw:")
    form.set(f"{deep}.0.0.0", "4")
    await form.press(f"add:{rows}")
    form.set(f"{rows}.0.0", str(2**62 + 1))
    back = await outputs_of(form, client)
    assert back["o0"] == [3, 2]
    assert back["o1"] == {"key\n<b>": HOSTILE}
    assert back["o2"] == {"": [4, None]}
    assert back["o3"] == [{"n": 2**62 + 1, "tags": []}]


async def test_empty_lists_and_maps(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    back = await outputs_of(await form_of(http, "containers"), client)
    assert [back[f"o{number}"] for number in range(4)] == [[], {}, {}, []]


async def test_dataclasses_and_pydantic_models_within_one_another(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    inputs = """{
      "o": {"inner": {"n": 1, "tags": ["", "é"]}, "when": "2026-05-04T12:00:00.000001+02:00",
            "took": "-PT1.5S", "ratio": 3, "by_name": {"k k": {"n": -1}}, "either": "7",
            "maybe": {"n": 9007199254740993}, "more": []},
      "m": {"x": 0, "o": 0.5, "nested": [{"n": 2}], "c": "BLUE", "d": "PT90S"},
      "t": {"v": 1, "kids": [{"v": 2, "kids": [{"v": 3}]}, {"v": 4}]}
    }"""
    form = await form_of(http, "models", f"?inputs={quote(inputs)}")
    back = await outputs_of(form, client)
    assert back["o0"]["inner"] == {"n": 1, "tags": ["", "é"]}
    assert back["o0"]["either"] == "7"
    assert back["o0"]["maybe"]["n"] == 9007199254740993
    seen = back["o3"]
    assert "ratio=3.0" in seen
    assert "either='7'" in seen
    assert "took=datetime.timedelta(days=-1, seconds=86398, microseconds=500000)" in seen
    assert "datetime.datetime(2026, 5, 4, 12, 0, 0, 1, tzinfo=" in seen
    assert "c=<Colour.BLUE: 'blue'>" in seen
    assert "d=datetime.timedelta(seconds=90)" in seen
    assert "Tree(v=1, kids=[Tree(v=2, kids=[Tree(v=3, kids=[])]), Tree(v=4, kids=[])])" in seen


async def test_models_field_by_field(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    """What a schema's defaults leave open is typed; the rest stays as it was drawn."""
    form = await form_of(http, "models")
    o, _, t = paths(form, "o", "m", "t")
    order = ["inner", "when", "took", "ratio", "by_name", "either", "maybe", "more"]
    number = {name: f"{o}.{order.index(name)}" for name in order[:6]}
    form.set(f"{number['inner']}.0", "5")
    form.set(number["when"], "2026-05-04 12:00", m="+02:00")
    form.set(number["took"], "90s")
    form.set(number["ratio"], "-inf")
    form.set(f"{number['either']}.0", "8")
    form.set(f"{t}.0", "1")
    back = await outputs_of(form, client)
    assert "either=8" in back["o3"]
    assert "ratio=-inf" in back["o3"]
    assert "Model(x=3, name='é', o=None, nested=[], c=<Colour.RED: 'red'>" in back["o3"]


async def test_tuples_and_untyped_data(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    tuples = await form_of(http, "tuples")
    t, p, d = paths(tuples, "t", "p", "d")
    for path, text in ((t, "x"), (p, "y"), (d, "z")):
        tuples.set(f"{path}.0", "1")
        tuples.set(f"{path}.1", text)
    untyped = await form_of(http, "untyped")
    data, keyed = paths(untyped, "d", "k")
    untyped.set(data, '{"a": [1, 2.5, null, {"b": true}], "": "é"}')
    untyped.set(keyed, "{1: 'one', -2: 'two'}", m="python")
    first, second = await asyncio.gather(outputs_of(tuples, client), outputs_of(untyped, client))
    assert "(1, 'x')" in first["o0"]
    assert "Pair(a=1, b='y')" in first["o0"]
    assert "{'a': 1, 'b': 'z'}" in first["o0"]
    assert second["o0"] == {"a": [1, 2.5, None, {"b": True}], "": "é"}
    assert "{1: 'one', -2: 'two'}" in second["o1"]


async def test_what_the_sdk_pickles(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    form = await form_of(http, "pickled")
    raw, numbers, whatever = paths(form, "raw", "s", "whatever")
    form.set(raw, r"b'\x00\xff'", m="python")
    form.set(numbers, "{3, 1}", m="python")
    form.set(whatever, "(1, {'k': [None, 2.5]})", m="python")
    back = await outputs_of(form, client)
    assert back["o0"] == r"(b'\x00\xff', {1, 3}, (1, {'k': [None, 2.5]}))"


async def test_files_are_uploaded_through_the_server(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    form = await form_of(http, "files")
    file, folder = paths(form, "f", "d")
    await form.press("draw:", {f"{file}~f": ("a b <x>.txt", "naïve\n".encode())})
    assert form.values[file].endswith(".txt")
    await form.press("draw:", {f"{folder}~f": ("one.csv", b"1")})
    back = await outputs_of(form, client)
    assert back["o0"] == "naïve\n"
    assert back["o1"] == "one.csv"


async def test_a_table_is_named_by_its_address(
    kinds: None, http: httpx.AsyncClient, client: ClientSet, tmp_path: Path
) -> None:
    form = await form_of(http, "table")
    (df,) = paths(form, "df")
    form.set(df, str(tmp_path / "rows"), m="parquet")
    assert (await outputs_of(form, client))["o0"] == f"{tmp_path / 'rows'} parquet"


async def test_defaults_are_sent_as_they_are(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    untouched = await outputs_of(await form_of(http, "defaults"), client)
    assert untouched["o0"].startswith("""(7, 'a "quoted" <b>', [1, 2], Model(x=9""")


async def test_a_form_without_inputs_launches(
    kinds: None, http: httpx.AsyncClient, client: ClientSet
) -> None:
    assert (await outputs_of(await form_of(http, "nothing"), client))["o0"] == "nothing"
