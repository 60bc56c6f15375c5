"""What the kept settings mean for a new run here: labels, annotations, environment, base folder.

The others name queues, clusters and limits, of which this platform has none.
"""

from __future__ import annotations

from typing import Any

from flyteidl2.settings.settings_definition_pb2 import SETTING_STATE_INHERIT, Settings
from flyteidl2.task.run_pb2 import RunSpec

from local_platform.store import Store


def with_settings(store: Store, project: str, domain: str, spec: RunSpec) -> RunSpec:
    """The run's own settings, completed by those that hold in its project and domain."""
    levels = [
        Settings.FromString(kept.settings)
        for place in ((project, domain), ("", domain), ("", ""))
        if (kept := store.settings.get(*place)) is not None
    ]
    if not levels:
        return spec
    complete = RunSpec()
    complete.CopyFrom(spec)
    _fill(complete.labels.values, _map([level.labels for level in levels]))
    _fill(complete.annotations.values, _map([level.annotations for level in levels]))
    own = {pair.key for pair in complete.envs.values}
    for key, value in _map([level.environment_variables for level in levels]).items():
        if key not in own:
            complete.envs.values.add(key=key, value=value)
    if not complete.run_base_dir:
        base = _nearest([level.run.run_base_dir for level in levels])
        complete.run_base_dir = base.string_value if base is not None else ""
    return complete


def _map(settings: list[Any]) -> dict[str, str]:
    found = _nearest(settings)
    return dict(found.map_value.entries) if found is not None else {}


def _nearest(settings: list[Any]) -> Any | None:
    """The narrowest level that says something, "nothing" included."""
    return next((each for each in settings if each.state != SETTING_STATE_INHERIT), None)


def _fill(own: Any, more: dict[str, str]) -> None:
    for key, value in more.items():
        if key not in own:
            own[key] = value
