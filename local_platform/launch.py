"""The command line and the environment of an attempt, as the SDK's runtime expects them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flyteidl2.core.tasks_pb2 import TaskTemplate
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.task.task_definition_pb2 import TaskSpec
from google.protobuf.json_format import MessageToDict

from local_platform import clock
from local_platform.executor import Launch
from local_platform.fork_server import environment
from local_platform.layout import AttemptFiles
from local_platform.store.records import ActionRecord, RunRecord

ORG = "local"  # a0 insists on an org; nothing here tells orgs apart
_TEMPLATE = re.compile(r"\{\{\s*[.$](\w+)\s*\}\}")
# What a task may see of the server's own environment. A list of what is let through, since the
# server may hold secrets of other programs; on a cluster a task sees nothing of it either.
_INHERITED = frozenset(
    [
        "PATH",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "TERM",
        "USER",
        "LOGNAME",
        "SHELL",
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "LD_LIBRARY_PATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "CUDA_VISIBLE_DEVICES",
    ]
)


class CannotLaunchError(Exception):
    """The attempt cannot be started as asked; the sentence says why."""


def _open_to_all(action: ActionRecord, attempt: int, files: AttemptFiles) -> dict[str, str]:
    return {"_U_INSECURE": "true"}


@dataclass(frozen=True, slots=True)
class Site:
    """What does not change from attempt to attempt.

    `access` makes the variables with which an attempt's process may call the platform.
    """

    endpoint: str  # must say "localhost": only then the SDK speaks plain text
    home: Path
    access: Callable[[ActionRecord, int, AttemptFiles], dict[str, str]] = _open_to_all


def prepare(
    site: Site,
    action: ActionRecord,
    attempt: int,
    run: RunRecord,
    spec: TaskSpec,
    secrets: Mapping[str, str],
    files: AttemptFiles,
) -> Launch:
    """Everything needed to start one attempt. CannotLaunchError when the task is not for here."""
    template = spec.task_template
    argv = _command(template, _values(action, attempt, run, files))
    env = inherited() | _declared(template) | _run_env(run) | dict(secrets)
    env |= _identity(action, attempt) | _plumbing(site, action, files)
    env |= site.access(action, attempt, files)
    return Launch(argv=argv, env=env, files=files)


def outputs_folder(action: ActionRecord, attempt: int) -> Path:
    """Where an attempt leaves outputs.pb or error.pb."""
    return Path(action.run_base) / action.name / str(attempt)


def _command(template: TaskTemplate, values: Mapping[str, str]) -> list[str]:
    words = _words(template)
    if not words:
        raise CannotLaunchError(
            f'a task of type "{template.type}" has no command that can run on this machine'
        )
    lowered = {name.lower(): value for name, value in values.items()}
    filled = [_TEMPLATE.sub(lambda found: _fill(found, lowered), word) for word in words]
    if filled[0] == "a0":  # the SDK's entry point, run by this server's own interpreter
        return [sys.executable, "-m", "flyte._bin.runtime", *filled]
    return filled


def _fill(found: re.Match[str], values: Mapping[str, str]) -> str:
    return values.get(found[1].lower(), found[0])


def _words(template: TaskTemplate) -> list[str]:
    if template.HasField("container"):
        return [*template.container.command, *template.container.args]
    container = _primary_container(template)
    return [*container.get("command", []), *container.get("args", [])]


def _declared(template: TaskTemplate) -> dict[str, str]:
    """Variables of the task's environment."""
    if template.HasField("container"):
        return {pair.key: pair.value for pair in template.container.env}
    variables = _primary_container(template).get("env", [])
    return {item["name"]: item.get("value", "") for item in variables if "name" in item}


def _primary_container(template: TaskTemplate) -> dict[str, list]:  # type: ignore[type-arg]
    """The container that runs the task in a pod template; {} when there is none."""
    if not template.HasField("k8s_pod"):
        return {}
    containers = MessageToDict(template.k8s_pod.pod_spec).get("containers", [])
    wanted = template.k8s_pod.primary_container_name
    named = [one for one in containers if one.get("name") == wanted]
    return dict((named or containers or [{}])[0])


def _values(
    action: ActionRecord, attempt: int, run: RunRecord, files: AttemptFiles
) -> dict[str, str]:
    outputs = outputs_folder(action, attempt)
    return {
        "input": action.input_uri,
        "inputPrefix": str(Path(action.input_uri).parent),
        "outputPrefix": str(outputs),
        "rawOutputDataPrefix": str(files.raw),
        "checkpointOutputPrefix": str(outputs / "_flytecheckpoints"),
        "prevCheckpointPrefix": _previous_checkpoint(action, attempt),
        "perRetryUniqueKey": f"{action.run}-{action.name}-{attempt - 1}",
        "runName": action.run,
        "actionName": action.name,
        "podName": f"{action.run}-{action.name}-{attempt - 1}",
        "namespace": f"{action.project}-{action.domain}",
        "runStartTime": clock.isoformat(run.started),
    }


def _previous_checkpoint(action: ActionRecord, attempt: int) -> str:
    if attempt == 1:
        return ""
    return str(outputs_folder(action, attempt - 1) / "_flytecheckpoints")


def inherited() -> dict[str, str]:
    """What every attempt has of the server's own environment."""
    env = {name: value for name, value in os.environ.items() if name in _INHERITED}
    scripts = str(Path(sys.executable).parent)  # so that `python` in a task is this one
    env["PATH"] = os.pathsep.join([scripts, env.get("PATH", os.defpath)])
    return env


def _run_env(run: RunRecord) -> dict[str, str]:
    spec = RunSpec.FromString(run.run_spec)
    return {pair.key: pair.value for pair in spec.envs.values}


def _identity(action: ActionRecord, attempt: int) -> dict[str, str]:
    return {
        "ACTION_NAME": action.name,
        "RUN_NAME": action.run,
        "_U_ORG_NAME": ORG,
        "FLYTE_ATTEMPT_NUMBER": str(attempt - 1),  # the SDK counts from 0
        "FLYTE_INTERNAL_EXECUTION_ID": action.run,
        "FLYTE_INTERNAL_EXECUTION_PROJECT": action.project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": action.domain,
        "FLYTE_INTERNAL_TASK_PROJECT": action.task_project,
        "FLYTE_INTERNAL_TASK_DOMAIN": action.task_domain,
        "FLYTE_INTERNAL_TASK_NAME": action.task_name,
        "FLYTE_INTERNAL_TASK_VERSION": action.task_version,
    }


def _plumbing(site: Site, action: ActionRecord, files: AttemptFiles) -> dict[str, str]:
    return {
        "_U_RUN_BASE": action.run_base,
        "_U_EP_OVERRIDE": site.endpoint,
        "_U_USE_ACTIONS": "1",
        **environment.FIXED,
        # Never the developer's: a0 reads ~/.flyte and a task may write there.
        "HOME": str(site.home),
        # Kept for good: outputs may refer to files that a task made with tempfile.
        "TMPDIR": str(files.tmp),
    }
