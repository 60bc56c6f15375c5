"""Settings: defaults that a platform keeps for the whole org, a domain, or a project in a domain.

A narrower level overrides a wider one, setting by setting. `SettingsLevels.get` reads all levels
that matter to a scope; `save` replaces what one level says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flyteidl2.settings import settings_definition_pb2, settings_service_pb2

from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import Entity
from remote_client._json import message_to_dict
from remote_client._scope import Scope
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["Setting", "SettingLevel", "SettingsLevels"]

Kind = Literal["string", "int", "bool", "map", "quantity", "other"]

_INHERIT = settings_definition_pb2.SETTING_STATE_INHERIT
_UNSET = settings_definition_pb2.SETTING_STATE_UNSET
_VALUE = settings_definition_pb2.SETTING_STATE_VALUE
_KINDS: dict[str, tuple[Kind, str]] = {
    "StringSetting": ("string", "string_value"),
    "Int64Setting": ("int", "int_value"),
    "BoolSetting": ("bool", "bool_value"),
    "StringMapSetting": ("map", "map_value"),
    "QuantitySetting": ("quantity", "quantity_value"),
    "AcceleratorSetting": ("other", "accelerator_value"),
}


@dataclass(frozen=True, slots=True)
class SettingLevel:
    """One level and what it says by the settings' names; None stands for "explicitly nothing"."""

    project: str
    domain: str
    version: int
    """0 while it says nothing."""
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """ "org", "domain" or "project"."""
        if self.project:
            return "project"
        return "domain" if self.domain else "org"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it holds in a scope."""

    name: str
    """Such as "run.default_queue"."""
    kind: Kind
    value: Any
    """None where it is not set, or explicitly nothing."""
    level: str
    """The level that it comes from; "" where none says anything."""


class SettingsLevels(Entity):
    """The levels that matter to a scope, the widest first."""

    @syncify.classmethod
    @classmethod
    async def get(
        cls,
        *,
        client: ClientSet | None = None,
        project: str = "",
        domain: str = "",
        org: str | None = None,
    ) -> SettingsLevels:
        """All levels of a project in a domain, of a domain, or of the org alone.

        Raises Unimplemented for a platform that keeps none, ValueError for a project without a
        domain.
        """
        client, scope = resolve(client, project=project, domain=domain, org=org)
        if project and not domain:
            raise ValueError("Settings of a project belong to a domain too; pass domain=.")
        request = settings_service_pb2.GetSettingsForEditRequest(key=_key(scope))
        asked = f"read the settings of {_label(scope)}"
        answer = await call(client, "settings_service", "GetSettingsForEdit", request, asked=asked)
        return cls(answer, client, scope)

    @property
    def levels(self) -> tuple[SettingLevel, ...]:
        """The levels, the widest first; those that say nothing are there too."""
        told = {(each.key.project, each.key.domain): each for each in self._pb.levels}
        wanted = [("", ""), ("", self._scope.domain), (self._scope.project, self._scope.domain)]
        return tuple(_level(key, told.get(key)) for key in dict.fromkeys(wanted))

    @property
    def effective(self) -> tuple[Setting, ...]:
        """Every setting that there is, with its value here and where that comes from."""
        return tuple(self._effective(name, kind) for name, kind in setting_names())

    def _effective(self, name: str, kind: Kind) -> Setting:
        for level in reversed(self.levels):
            if name in level.values:
                return Setting(name, kind, level.values[name], level.name)
        return Setting(name, kind, None, "")

    @syncify.method
    async def save(self, values: Mapping[str, Any]) -> SettingLevel:
        """Put these values in the place of all that the narrowest level says.

        What is left out inherits; None is explicitly nothing. Settings that no value of Python
        stands for stay as they are. Raises ValueError for unknown names and impossible values, and
        FailedPrecondition when somebody changed the level meanwhile.
        """
        level = self.levels[-1]
        key = settings_definition_pb2.SettingsKey(
            org=self._scope.org, domain=level.domain, project=level.project
        )
        before = next((each.settings for each in self._pb.levels if _is(each.key, level)), None)
        settings = _message(values, before)
        asked = f"save the settings of {_label(self._scope)}"
        if level.version:
            request: Any = settings_service_pb2.UpdateSettingsRequest(
                key=key, settings=settings, version=level.version
            )
            method = "UpdateSettings"
        else:
            request = settings_service_pb2.CreateSettingsRequest(key=key, settings=settings)
            method = "CreateSettings"
        answer = await call(
            self._client, "settings_service", method, request, asked=asked, idempotent=False
        )
        return _level((level.project, level.domain), answer.settingsRecord)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        for level in self.levels:
            yield level.name, dict(level.values)


def setting_names() -> tuple[tuple[str, Kind], ...]:
    """(name, kind) of every setting, in the platform's order."""
    return tuple(_names(settings_definition_pb2.Settings.DESCRIPTOR))


def _names(descriptor: Any, prefix: str = "") -> Iterator[tuple[str, Kind]]:
    for field in descriptor.fields:
        kind = _KINDS.get(field.message_type.name)
        if kind is not None:
            yield f"{prefix}{field.name}", kind[0]
        else:
            yield from _names(field.message_type, f"{prefix}{field.name}.")


def _level(key: tuple[str, str], record: Any) -> SettingLevel:
    project, domain = key
    if record is None:
        return SettingLevel(project, domain, 0, {})
    values: dict[str, Any] = {}
    for name, _ in setting_names():
        leaf = _leaf(record.settings, name)
        if leaf.state == _UNSET:
            values[name] = None
        elif leaf.state == _VALUE:
            values[name] = _value(leaf)
    return SettingLevel(project, domain, int(record.version), values)


def _leaf(settings: Any, name: str) -> Any:
    for part in name.split("."):
        settings = getattr(settings, part)
    return settings


def _value(leaf: Any) -> Any:
    kind, field = _KINDS[leaf.DESCRIPTOR.name]
    value = getattr(leaf, field)
    if kind == "map":
        return dict(value.entries)
    return message_to_dict(value) if kind == "other" else value


def _message(values: Mapping[str, Any], before: Any) -> Any:
    known = dict(setting_names())
    if unknown := sorted(values.keys() - known.keys()):
        raise ValueError(f"Unknown settings: {', '.join(unknown)}.")
    settings = settings_definition_pb2.Settings()
    for name, kind in known.items():
        if kind == "other":
            if before is not None and _leaf(before, name).state != _INHERIT:
                _leaf(settings, name).CopyFrom(_leaf(before, name))
        elif name in values:
            _put(_leaf(settings, name), name, kind, values[name])
    return settings


def _put(leaf: Any, name: str, kind: Kind, value: Any) -> None:
    if value is None:
        leaf.state = _UNSET
        return
    leaf.state = _VALUE
    try:
        if kind == "map":
            leaf.map_value.entries.update(value)
        else:
            setattr(leaf, _KINDS[leaf.DESCRIPTOR.name][1], value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {_ARTICLES[kind]}, not {value!r}.") from None


_ARTICLES = {
    "string": "a text",
    "int": "a whole number",
    "bool": "true or false",
    "map": "a table of texts",
    "quantity": 'a quantity such as "500m" or "2Gi"',
}


def _is(key: Any, level: SettingLevel) -> bool:
    return bool((key.project, key.domain) == (level.project, level.domain))


def _key(scope: Scope) -> Any:
    return settings_definition_pb2.SettingsKey(
        org=scope.org, domain=scope.domain, project=scope.project
    )


def _label(scope: Scope) -> str:
    if scope.project:
        return scope.label
    return f"domain {scope.domain!r}" if scope.domain else "the whole org"
