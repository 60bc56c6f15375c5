"""Settings and apps of the fake platform; both may be missing, as on platforms without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flyteidl2.app import app_definition_pb2
from flyteidl2.settings import settings_service_pb2

from dashboard.pages import Scope
from remote_client import App, SettingLevel, SettingsLevels, User
from remote_client._scope import Scope as ClientScope
from remote_client._settings import _level, _message
from remote_client.errors import NotFound, Unauthenticated, Unimplemented
from tests.unit.dashboard import things


def app(name: str = "chat", status: int = 7, desired: int = 3, **more: Any) -> App:
    """An app as the client gives it; 7 is an active one, 3 one that is to be."""
    message = app_definition_pb2.App()
    message.metadata.id.name = name
    message.spec.desired_state = desired
    message.spec.profile.type = more.get("kind", "FastAPI")
    message.spec.autoscaling.replicas.max = 3
    message.status.current_replicas = 1
    message.status.ingress.public_url = more.get("endpoint", "https://chat.example.com")
    message.status.last_updated_at.FromDatetime(things.at(0))
    condition = message.status.conditions.add(deployment_status=status, substate=8)
    condition.message = more.get("message", "")
    condition.last_transition_time.FromDatetime(things.at(1))
    for title, path in more.get("links", ()):
        message.spec.links.add(title=title, path=path)
    return App(message, None, ClientScope(project="shop", domain="development"))  # type: ignore[arg-type]


class FakeApps:
    """Mixin: `apps_there` by name; None for a platform that serves none."""

    def __init__(self) -> None:
        super().__init__()
        self.apps_there: dict[str, App] | None = {}

    def _apps(self) -> dict[str, App]:
        self._ask("apps")  # type: ignore[attr-defined]
        if self.apps_there is None:
            raise Unimplemented("no apps here")
        return self.apps_there

    async def apps(self, scope: Scope) -> list[App]:
        return list(self._apps().values())

    async def app(self, scope: Scope, name: str) -> App:
        if name not in self._apps():
            raise NotFound(f"no app {name}")
        return self._apps()[name]

    async def switch_app(self, found: App, active: bool) -> None:
        self._apps()[found.name]._pb.spec.desired_state = 3 if active else 1

    async def delete_app(self, found: App) -> None:
        self._apps().pop(found.name, None)


class FakeClusterSettings:
    """Mixin: `settings_there` by (project, domain), each (version, values)."""

    def __init__(self) -> None:
        super().__init__()
        self.settings_there: dict[tuple[str, str], tuple[int, dict[str, Any]]] | None = {}

    async def settings_levels(self, where: Scope) -> SettingsLevels:
        self._ask("settings_levels")  # type: ignore[attr-defined]
        if self.settings_there is None:
            raise Unimplemented("no settings here")
        answer = settings_service_pb2.GetSettingsForEditResponse()
        for (project, domain), (version, values) in self.settings_there.items():
            record = answer.levels.add(version=version)
            record.key.project, record.key.domain = project, domain
            record.settings.CopyFrom(_message(values, None))
        scope = ClientScope(project=where.project, domain=where.domain)
        return SettingsLevels(answer, None, scope)  # type: ignore[arg-type]

    async def save_settings(
        self, levels: SettingsLevels, values: Mapping[str, Any]
    ) -> SettingLevel:
        assert self.settings_there is not None
        own = levels.levels[-1]
        saved = settings_service_pb2.SettingsRecord(
            version=own.version + 1, settings=_message(values, None)
        )
        self.settings_there[(own.project, own.domain)] = (own.version + 1, dict(values))
        return _level((own.project, own.domain), saved)

    async def whoami(self) -> User:
        raise Unauthenticated("nobody")
