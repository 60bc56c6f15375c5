"""SettingsService: what the org, a domain and a project in a domain say, each with a version.

`settings_in_force` says which of them new runs follow here.
"""

from __future__ import annotations

from flyteidl2.settings import settings_definition_pb2 as definition
from flyteidl2.settings import settings_service_connect as connect
from flyteidl2.settings import settings_service_pb2 as pb

from local_platform import clock
from local_platform.context import Call, Platform
from local_platform.errors import already_exists, failed_precondition, invalid, missing
from local_platform.names import DOMAINS, require_scope
from local_platform.store import Store
from local_platform.store.settings import SettingsKept
from local_platform.wire import ORG

Place = tuple[str, str]
"""(project, domain); empty for wider levels."""


class SettingsService(connect.SettingsService):  # type: ignore[misc]
    def __init__(self, platform: Platform) -> None:
        self._store = platform.store
        self._settings = platform.store.settings

    async def get_settings_for_edit(
        self, request: pb.GetSettingsForEditRequest, ctx: Call
    ) -> pb.GetSettingsForEditResponse:
        """The levels from the org to the one asked for; version 0 where nothing was saved."""
        project, domain = _place(self._store, request.key)
        places = dict.fromkeys((("", ""), ("", domain), (project, domain)))
        levels = [_record(place, self._settings.get(*place)) for place in places]
        return pb.GetSettingsForEditResponse(requestedKey=request.key, levels=levels)

    async def create_settings(
        self, request: pb.CreateSettingsRequest, ctx: Call
    ) -> pb.CreateSettingsResponse:
        place = _place(self._store, request.key)
        with self._store.transaction():
            if self._settings.get(*place) is not None:
                raise already_exists("there are settings at this level already: update them")
            kept = SettingsKept(1, request.settings.SerializeToString(), clock.now())
            self._settings.put(*place, kept)
        return pb.CreateSettingsResponse(settingsRecord=_record(place, kept))

    async def update_settings(
        self, request: pb.UpdateSettingsRequest, ctx: Call
    ) -> pb.UpdateSettingsResponse:
        """FAILED_PRECONDITION when the version is not the newest."""
        place = _place(self._store, request.key)
        with self._store.transaction():
            current = self._settings.get(*place)
            if current is None:
                raise missing("settings", "/".join(place).strip("/") or "org")
            if current.version != request.version:
                raise failed_precondition(
                    f"the settings are at version {current.version}, not {request.version}"
                )
            kept = SettingsKept(
                current.version + 1, request.settings.SerializeToString(), clock.now()
            )
            self._settings.put(*place, kept)
        return pb.UpdateSettingsResponse(settingsRecord=_record(place, kept))


def _place(store: Store, key: definition.SettingsKey) -> Place:
    if key.project:
        if not key.domain:
            raise invalid("settings of a project need a domain as well")
        require_scope(store, key.project, key.domain)
    elif key.domain and key.domain not in DOMAINS:
        raise missing("domain", key.domain)
    return key.project, key.domain


def _record(place: Place, kept: SettingsKept | None) -> pb.SettingsRecord:
    project, domain = place
    record = pb.SettingsRecord(
        key=definition.SettingsKey(org=ORG, domain=domain, project=project),
        version=kept.version if kept else 0,
    )
    record.settings.CopyFrom(
        definition.Settings.FromString(kept.settings) if kept else definition.Settings()
    )
    return record
