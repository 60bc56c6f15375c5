"""A run or an action as text to copy: the command and the Python that start it once more.

Both name the run and keep its code and inputs, so they work from any folder and for tasks that
were never deployed.
"""

from __future__ import annotations

import shlex

from django.conf import settings

from dashboard.pages import Scope

ROOT = "a0"


def as_cli(scope: Scope, run: str, action: str = ROOT) -> str:
    """`flyte rerun …`, for a shell."""
    words = ["flyte", *_where(), "rerun", *_scope(scope)]
    if action != ROOT:
        words += ["--action-name", action]
    return shlex.join([*words, run])


def as_python(scope: Scope, run: str, action: str = ROOT) -> str:
    """The same with the SDK, for a notebook."""
    more = "" if action == ROOT else f", action_name={action!r}"
    return f"{_init(scope)}\nrun = flyte.rerun({run!r}{more})\nprint(run.url)\n"


def read_cli(scope: Scope, run: str, action: str = ROOT) -> str:
    """The command that prints an action's inputs and outputs."""
    return shlex.join(["flyte", *_where(), "get", "io", *_scope(scope), run, action])


def read_python(scope: Scope, run: str, action: str = ROOT) -> str:
    """Python that reads an action's inputs and outputs."""
    return (
        f"{_init(scope, 'import flyte.remote')}\n"
        f"action = flyte.remote.ActionDetails.get(run_name={run!r}, name={action!r})\n"
        "inputs, outputs = action.inputs(), action.outputs()\n"
    )


def signal_cli(scope: Scope, run: str, action: str) -> str:
    """The command that answers a condition; without a value it asks for one."""
    return shlex.join(["flyte", *_where(), "signal", "condition", *_scope(scope), run, action])


def _where() -> list[str]:
    words = ["--endpoint", str(settings.FLYTE_ENDPOINT)]
    return [*words, "--insecure"] if settings.FLYTE_INSECURE else words


def _scope(scope: Scope) -> list[str]:
    return ["--project", scope.project, "--domain", scope.domain]


def _init(scope: Scope, imports: str = "import flyte") -> str:
    endpoint = str(settings.FLYTE_ENDPOINT)
    address = endpoint if "://" in endpoint else f"dns:///{endpoint}"
    return (
        f"{imports}\n\n"
        f"flyte.init(\n    endpoint={address!r},\n    insecure={bool(settings.FLYTE_INSECURE)},\n"
        f"    project={scope.project!r},\n    domain={scope.domain!r},\n)"
    )
