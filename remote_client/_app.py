"""Apps: services that the platform keeps running."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flyteidl2.app import app_definition_pb2, app_payload_pb2

from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import Entity, scope_of
from remote_client._filters import SortBy, list_request
from remote_client._identity import identity_name
from remote_client._listing import PAGE_SIZE, Page, pages
from remote_client._scope import Scope
from remote_client._times import instant
from remote_client._watch import OnState, Reconnect, patience_for, read
from remote_client.errors import NotFound, RemoteError
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["App", "AppCondition"]

_STATUS = app_definition_pb2.Status.DeploymentStatus
_SUBSTATE = app_definition_pb2.Status.Substate
_DESIRED = app_definition_pb2.Spec.DesiredState


@dataclass(frozen=True, slots=True)
class AppCondition:
    """One change of an app's status, as the platform tells it."""

    status: str
    substate: str
    """Such as "pulling_image"; "" when not said."""
    message: str
    at: datetime | None
    revision: int
    by: str
    """Who caused it; "" when unknown."""

    @classmethod
    def of(cls, pb: Any) -> AppCondition:
        """From a Condition message."""
        return cls(
            status=_word(_STATUS, pb.deployment_status, "DEPLOYMENT_STATUS_"),
            substate=_word(_SUBSTATE, pb.substate, "SUBSTATE_"),
            message=str(pb.message),
            at=instant(pb.last_transition_time),
            revision=int(pb.revision),
            by=identity_name(pb.actor),
        )


class App(Entity):
    """An app, as it was when it was read."""

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        super().__init__(pb, client, scope_of(pb.metadata.id, scope))

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._pb.metadata.id.name)

    @property
    def project(self) -> str:
        """The project that it belongs to."""
        return self._scope.project

    @property
    def domain(self) -> str:
        """The domain that it belongs to."""
        return self._scope.domain

    @property
    def revision(self) -> int:
        """How often it was changed."""
        return int(self._pb.metadata.revision)

    @property
    def status(self) -> str:
        """Its latest condition, such as "active", "stopped" or "failed"; "" when unknown."""
        latest = self._latest()
        return _word(_STATUS, latest.deployment_status, "DEPLOYMENT_STATUS_") if latest else ""

    @property
    def status_message(self) -> str:
        """What the platform says about the status; "" for nothing."""
        latest = self._latest()
        return str(latest.message) if latest else ""

    @property
    def desired_state(self) -> str:
        """What it should be: "active", "started" or "stopped"; "" when not said."""
        return _word(_DESIRED, self._pb.spec.desired_state, "DESIRED_STATE_")

    @property
    def replicas(self) -> int:
        """How many copies are running."""
        return int(self._pb.status.current_replicas)

    @property
    def replica_bounds(self) -> tuple[int, int]:
        """The fewest and the most copies that it scales to; (0, 0) when not said."""
        replicas = self._pb.spec.autoscaling.replicas
        return int(replicas.min), int(replicas.max)

    @property
    def type(self) -> str:
        """What kind of app its author calls it, such as "FastAPI"; "" when they did not."""
        return str(self._pb.spec.profile.type)

    @property
    def description(self) -> str:
        """What it is for, in its author's words; "" when they left none."""
        return str(self._pb.spec.profile.short_description)

    @property
    def creator(self) -> str:
        """Who deployed it; "" when unknown."""
        return identity_name(self._pb.spec.creator)

    @property
    def image(self) -> str:
        """Its container image; "" when it runs in none."""
        return str(self._pb.spec.container.image)

    @property
    def command(self) -> tuple[str, ...]:
        """What its container runs."""
        container = self._pb.spec.container
        return (*container.command, *container.args)

    @property
    def allows_anonymous(self) -> bool:
        """True when it answers people who are not signed in."""
        return bool(self._pb.spec.security_context.allow_anonymous)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """(title, address) of what its author links to; relative ones below the endpoint."""
        base = self.endpoint.rstrip("/")
        return tuple(
            (link.title, f"{base}/{link.path.lstrip('/')}" if link.is_relative else link.path)
            for link in self._pb.spec.links
        )

    @property
    def conditions(self) -> tuple[AppCondition, ...]:
        """What became of it, the newest first."""
        return tuple(AppCondition.of(each) for each in reversed(self._pb.status.conditions))

    @property
    def started_at(self) -> datetime | None:
        """When it was started last."""
        return instant(self._pb.status.last_started_at)

    @property
    def endpoint(self) -> str:
        """Where it answers; "" while it has no address."""
        return str(self._pb.status.ingress.public_url)

    @property
    def created_at(self) -> datetime | None:
        """When it was created."""
        return instant(self._pb.status.created_at)

    @property
    def updated_at(self) -> datetime | None:
        """When its status changed last."""
        return instant(self._pb.status.last_updated_at)

    @property
    def url(self) -> str:
        """Its page in the console."""
        return self._client.console.app_url(self.project, self.domain, self.name)

    def _latest(self) -> Any | None:
        conditions = self._pb.status.conditions
        return conditions[-1] if conditions else None

    @syncify.classmethod
    @classmethod
    async def get(
        cls,
        name: str,
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> App:
        """The app of this name. Raises NotFound."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        return cls(await _read(client, scope.required(), name), client, scope)

    @syncify.series
    @classmethod
    def listall(
        cls,
        *,
        sort_by: SortBy | None = None,
        limit: int | None = 100,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[App]:
        """The apps of a project and domain; at most `limit`."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        scope.required()

        async def fetch(size: int, token: str) -> Page[App]:
            request = app_payload_pb2.ListRequest(
                project=scope.project_id(),
                request=list_request(limit=size, token=token, sort_by=sort_by),
            )
            asked = f"list the apps of {scope.label}"
            answer = await call(client, "app_service", "List", request, asked=asked)
            return Page([cls(app, client, scope) for app in answer.apps], answer.token)

        def batches() -> AsyncGenerator[list[App], None]:
            return pages(fetch, key=lambda a: a.name, limit=limit, page_size=page_size, what="apps")

        return Series(batches)

    @syncify.method
    async def activate(self) -> App:
        """Start it; returns the app as it is then."""
        return await self._desire(_DESIRED.DESIRED_STATE_ACTIVE, "start")

    @syncify.method
    async def deactivate(self) -> App:
        """Stop it; returns the app as it is then."""
        return await self._desire(_DESIRED.DESIRED_STATE_STOPPED, "stop")

    async def _desire(self, state: int, verb: str) -> App:
        # From the newest revision, so that nobody's change in between is undone.
        pb = await _read(self._client, self._scope, self.name)
        pb.spec.desired_state = state
        request = app_payload_pb2.UpdateRequest(app=pb, reason=f"asked to {verb}")
        asked = f"{verb} app {self.name!r} in {self._scope.label}"
        answer = await call(
            self._client, "app_service", "Update", request, asked=asked, idempotent=False
        )
        self._pb = answer.app
        return self

    @syncify.method
    async def delete(self) -> None:
        """Remove it. An app that is gone already is passed over."""
        request = app_payload_pb2.DeleteRequest(app_id=_id(self._scope, self.name))
        asked = f"delete app {self.name!r} in {self._scope.label}"
        try:
            await call(self._client, "app_service", "Delete", request, asked=asked)
        except NotFound:
            return

    @syncify.series
    def watch(self, *, on_state: OnState | None = None) -> Series[App]:
        """The app at each change, until it is deleted; reconnects as the other watches do."""
        return Series.of(lambda: _watch(self._client, self._scope, self.name, on_state))

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "status", self.status
        yield "desired_state", self.desired_state
        yield "endpoint", self.endpoint
        yield "replicas", self.replicas


async def _read(client: ClientSet, scope: Scope, name: str) -> Any:
    request = app_payload_pb2.GetRequest(app_id=_id(scope, name))
    asked = f"read app {name!r} in {scope.label}"
    return (await call(client, "app_service", "Get", request, asked=asked)).app


async def _watch(
    client: ClientSet, scope: Scope, name: str, on_state: OnState | None
) -> AsyncGenerator[App, None]:
    request = app_payload_pb2.WatchRequest(app_id=_id(scope, name))
    link = Reconnect(on_state=on_state, patience_s=patience_for(on_state))
    last: Any = None
    while True:
        messages = read(
            client,
            lambda stubs: stubs.app_service.Watch(request),
            asked=f"watch app {name!r} in {scope.label}",
        )
        try:
            async with aclosing(messages):
                async for message in messages:
                    link.delivered()
                    if message.HasField("delete_event"):
                        return
                    pb = _changed(message)
                    if pb != last:
                        last = pb
                        yield App(pb, client, scope)
            await link.ended()
        except RemoteError as error:
            await link.failed(error)


def _changed(message: Any) -> Any:
    if message.HasField("create_event"):
        return message.create_event.app
    return message.update_event.updated_app


def _id(scope: Scope, name: str) -> Any:
    return app_definition_pb2.Identifier(
        org=scope.org, project=scope.project, domain=scope.domain, name=name
    )


def _word(enum: Any, number: int, prefix: str) -> str:
    """The name of an enum's value in lower case; "" for unspecified and numbers to come."""
    names = {value: name for name, value in enum.items()}
    name = names.get(number, "").removeprefix(prefix).lower()
    return "" if name == "unspecified" else name
