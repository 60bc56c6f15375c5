"""A form as the command and as the Python that start the same run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings as configuration

from dashboard.launching.form import LaunchForm
from dashboard.launching.reading import Reading
from dashboard.launching.texts import escaped_json
from dashboard.launching.to_json import json_of
from remote_client._values import Chosen, DataFrame, Dir, File, Opaque, Schema

_MISSING = "…"


def cli(form: LaunchForm) -> str:
    """`flyte run … deployed-task`, with what was changed from the defaults."""
    blueprint, settings = form.blueprint, form.settings
    words = ["flyte", "--endpoint", str(configuration.FLYTE_ENDPOINT)]
    words += ["--insecure"] if configuration.FLYTE_INSECURE else []
    words += ["run"]
    words += ["--project", blueprint.scope.project, "--domain", blueprint.scope.domain]
    if name := settings.text("name"):
        words += ["--name", name]
    words += ["deployed-task", f"{blueprint.task_name}:{blueprint.version}"]
    for number, part in enumerate(blueprint.parts):
        entry = form.entries[number]
        if entry.given and not entry.kept and form.is_changed(number):
            words += [f"--{part.name}", _word(json_of(part.shape, entry))]
    return shlex.join(words)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else escaped_json(value)


def python(form: LaunchForm) -> str:
    """The same by the SDK."""
    blueprint, settings = form.blueprint, form.settings
    scope = blueprint.scope
    endpoint = str(configuration.FLYTE_ENDPOINT)
    address = {
        "endpoint": endpoint if "://" in endpoint else f"dns:///{endpoint}",
        "insecure": bool(configuration.FLYTE_INSECURE),
        "project": scope.project,
        "domain": scope.domain,
    }
    task = f"{blueprint.task_name!r}, version={blueprint.version!r}"
    lines = ["import flyte", "import flyte.remote", *_imports(form), ""]
    lines += [f"flyte.init({_call(address)})", f"task = flyte.remote.Task.get({task})"]
    context = {
        "name": settings.text("name"),
        "labels": dict(settings.tables.get("labels", [])),
        "annotations": dict(settings.tables.get("annotations", [])),
        "env_vars": dict(settings.tables.get("env_vars", [])),
        "overwrite_cache": settings.text("overwrite_cache") == "true",
    }
    given = {key: value for key, value in context.items() if value}
    runner = f"flyte.with_runcontext({_call(given)})" if given else "flyte"
    lines += [f"run = {runner}.run(task{_arguments(form)})", "print(run.url)"]
    return "\n".join(lines)


def _call(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _arguments(form: LaunchForm) -> str:
    found = []
    for number, part in enumerate(form.blueprint.parts):
        entry = form.entries[number]
        if not entry.given or entry.kept or not form.is_changed(number):
            continue
        reading = Reading()
        value = reading.value(part.shape, entry, "")
        found.append(f", {part.name}={_MISSING if reading.problems else written(value)}")
    return "".join(found)


def _imports(form: LaunchForm) -> list[str]:
    """Imports that the arguments need."""
    arguments = _arguments(form)
    names = [name for name in ("datetime", "timedelta", "date", "time") if f"{name}(" in arguments]
    found = [f"from datetime import {', '.join([*names])}"] if names else []
    return found + (["import flyte.io"] if "flyte.io." in arguments else [])


def written(value: Any) -> str:
    """A value as Python that makes it."""
    match value:
        case Chosen():
            return written(value.value)
        case File():
            return f"flyte.io.File.from_existing_remote({value.uri!r})"
        case Dir():
            return f"flyte.io.Dir.from_existing_remote({value.uri!r})"
        case DataFrame() | Schema():
            return f"flyte.io.DataFrame.from_existing_remote({value.uri!r})"
        case Opaque():
            return _MISSING
        case datetime() if value.tzinfo is not None:
            return f"datetime.fromisoformat({value.isoformat()!r})"
        case datetime() | date() | time():
            return f"{type(value).__name__}.fromisoformat({value.isoformat()!r})"
        case timedelta():
            return _timedelta(value)
        case float() if value != value or value in (float("inf"), float("-inf")):
            return f"float({str(value)!r})"
        case list():
            return f"[{', '.join(map(written, value))}]"
        case tuple():
            return f"({', '.join(map(written, value))}{',' if len(value) == 1 else ''})"
        case dict():
            return "{" + ", ".join(f"{k!r}: {written(v)}" for k, v in value.items()) + "}"
        case _:
            return repr(value)


def _timedelta(length: timedelta) -> str:
    parts = {"days": length.days, "seconds": length.seconds, "microseconds": length.microseconds}
    return f"timedelta({_call({name: part for name, part in parts.items() if part})})"
