"""The snippets of the specification, cut out of its text.

The text has lost its layout: code stands in the middle of sentences and has no indentation. A
snippet is found by how it begins and ends; its blocks are indented again by their colons.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPECIFICATION = Path(__file__).parents[2] / "docs" / "remote-platform-api.txt"

# A line that begins so is not part of the block above it.
_OUTDENTED = ("from ", "import ", "@", "# ", "await run", "action = ", "task_v1 = ")


@dataclass(frozen=True)
class Snippet:
    """`begins` with its first line and `ends` with these words; `after` narrows where to look."""

    name: str
    begins: str
    ends: str
    after: str = ""

    def source(self) -> str:
        """The code, for `remote_client` instead of the SDK."""
        text = SPECIFICATION.read_text(encoding="utf-8")
        start = text.index(self.begins, text.index(self.after))
        end = text.index(self.ends, start) + len(self.ends)
        return _for_remote_client(_indented(_uncommented(text[start:end])))

    async def run(
        self, placeholders: Mapping[str, str] | None = None, /, **names: Any
    ) -> dict[str, Any]:
        """Run it with these names defined; returns all names that it knows then.

        `placeholders` are texts which a reader is told to replace by their own.
        """
        source = self.source()
        for placeholder, value in (placeholders or {}).items():
            assert placeholder in source
            source = source.replace(placeholder, value)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, f"<{self.name}>", "exec", flags=flags)
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result
        return names


def _uncommented(code: str) -> str:
    """The example that stands in comments, as code."""
    lines = code.splitlines()
    if not all(line.startswith("#") for line in lines):
        return code
    return "\n".join(line[1:].strip() for line in lines[1:])


def _indented(code: str) -> str:
    depth, lines = 0, []
    for line in code.splitlines():
        if line.startswith(_OUTDENTED):
            depth = 0
        lines.append("    " * depth + line)
        depth += line.endswith(":")
    return "\n".join(lines)


def _for_remote_client(code: str) -> str:
    code = re.sub(r"\bflyte\.remote\b", "remote_client", code)
    return re.sub(r"^(\s*from )flyte\b", r"\1remote_client", code, flags=re.MULTILINE)


FOR_ENDPOINT = Snippet(
    "for_endpoint",
    "from flyte.remote._client.controlplane import ClientSet",
    "insecure=False)",
)
FOR_API_KEY = Snippet(
    "for_api_key",
    "from flyte.remote._client.controlplane import ClientSet",
    '("your-api-key-string")',
    after="By API Key",
)
PROJECT_GET = Snippet(
    "project_get", "from flyte.remote._project import Project", 'State: {project.state}")'
)
PROJECT_LISTALL = Snippet(
    "project_listall",
    "from flyte.remote._project import Project",
    'print(f"Found project: {p.name}")',
    after="Listing Projects",
)
TASK_LISTALL = Snippet(
    "task_listall",
    "from flyte.remote._task import Task",
    'Version: {t.version}")',
    after="Listing Tasks",
)
TASK_GET = Snippet(
    "task_get",
    "from flyte.remote._task import Task",
    'Task.get(name="my_task", version="v1.0.0")',
    after="Retrieving Task Details",
)
TASK_CALL = Snippet(
    "task_call",
    "# Example within a task context (conceptual)",
    'print(f"Remote task output: {result}")',
)
TASK_OVERRIDE = Snippet(
    "task_override",
    "from flyte.remote._task import Task",
    'print(f"Overridden task resources: {overridden_task.resources}")',
    after="Overriding Task Properties",
)
LISTALL = Snippet(
    "listall",
    "from flyte.remote._run import Run",
    'print(f"Action: {a.name}, Phase: {a.phase}")',
    after="Listing Runs and Actions",
)
GET = Snippet(
    "get",
    "from flyte.remote._run import Run",
    'print(f"Action Runtime: {action.runtime}")',
    after="Retrieving Run and Action Details",
)
MONITOR = Snippet("monitor", "# Wait for a run to complete", "break")
DATA = Snippet("data", "inputs = await action.inputs()", 'print(f"Action Outputs: {outputs}")')
ABORT = Snippet("abort", "await run.abort()", 'print(f"Run {run.name} aborted.")')
LOCAL_SECRET = Snippet("local_secret", "from flyte import task, Secret", '{api_key[:5]}...")')
SECRET_CREATE = Snippet(
    "secret_create", "from flyte.remote._secret import Secret", 'value="super-secret-value")'
)
SECRET_GET = Snippet(
    "secret_get", "remote_secret = await Secret.get(", 'Type: {remote_secret.type}")'
)
SECRET_LISTALL = Snippet(
    "secret_listall",
    "async for s in Secret.listall():",
    'print(f"Found remote secret: {s.name}")',
)
SECRET_DELETE = Snippet(
    "secret_delete",
    'await Secret.delete(name="my-remote-secret")',
    "print(f\"Remote secret 'my-remote-secret' deleted.\")",
)
LOGS_TAIL = Snippet(
    "logs_tail", "from flyte.remote._logs import Logs", 'print(line.message, end="")'
)
CREATE_VIEWER = Snippet(
    "create_viewer", "# Launch an interactive log viewer for an action", "in a rich panel\n)"
)
TO_JSON = Snippet(
    "to_json",
    "from flyte.remote._project import Project",
    "print(project.to_json())",
    after="Serialization (ToJSONMixin)",
)
