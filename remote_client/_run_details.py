"""Everything the platform tells of one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from remote_client._action_base import read_details
from remote_client._action_details import ActionDetails, scope_of_id
from remote_client._action_facts import ActionFacts
from remote_client._action_io import ActionInputs, ActionOutputs
from remote_client._context import resolve
from remote_client._entity import ScopedEntity, scope_of
from remote_client._launch import RunOptions
from remote_client._run_reads import read_run
from remote_client._scope import Scope
from remote_client.core.identifier import ActionIdentifier
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["RunDetails", "RunRelation"]

RelationKind = Literal["", "rerun", "recover", "spawn", "trigger", "artifact"]


_RELATIONS: tuple[RelationKind, ...] = (
    "",
    "rerun",
    "recover",
    "spawn",
    "trigger",
    "artifact",
)


@dataclass(frozen=True, slots=True)
class RunRelation:
    """An earlier run and what it is to a later one: `rerun` of it, `recover`ed from it, `spawn`ed
    by it, or started with it by a `trigger` or an `artifact`; "" when the platform does not say."""

    kind: RelationKind
    run_name: str
    project: str
    domain: str


class RunDetails(ActionFacts, ScopedEntity):
    """A run with the settings that it was started with, and its root action's details."""

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        super().__init__(pb, client, scope_of(pb.action.id.run, scope))

    @property
    def _metadata(self) -> Any:
        return self._pb.action.metadata

    @property
    def _status(self) -> Any:
        return self._pb.action.status

    @property
    def _action_name(self) -> str:
        return self.name

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
    ) -> RunDetails:
        """The details of the run of this name. Raises NotFound."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        return await read_run_details(client, scope.required(), name)

    @syncify.classmethod
    @classmethod
    async def get_details(cls, run_id: Any, *, client: ClientSet | None = None) -> RunDetails:
        """The details of the run with this identifier. Raises NotFound."""
        client, scope = scope_of_id(client, ActionIdentifier(run=run_id))
        return await read_run_details(client, scope, run_id.name)

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self._pb.action.id.run.name)

    @property
    def action_id(self) -> Any:
        """The identifier of the root action."""
        return self.action_details.action_id

    @property
    def action_details(self) -> ActionDetails:
        """The details of the root action."""
        return ActionDetails(self._pb.action, self._client, self._scope)

    @property
    def labels(self) -> dict[str, str]:
        """Labels that it was started with."""
        return dict(self._pb.run_spec.labels.values)

    @property
    def annotations(self) -> dict[str, str]:
        """Annotations that it was started with."""
        return dict(self._pb.run_spec.annotations.values)

    @property
    def env_vars(self) -> dict[str, str]:
        """Environment variables that it was started with."""
        return {pair.key: pair.value for pair in self._pb.run_spec.envs.values}

    @property
    def is_interruptible(self) -> bool | None:
        """Whether it may run on machines that can be taken away; None when not said."""
        spec = self._pb.run_spec
        return bool(spec.interruptible.value) if spec.HasField("interruptible") else None

    @property
    def overwrites_cache(self) -> bool:
        """Whether cached outputs were to be computed anew."""
        spec = self._pb.run_spec
        return bool(spec.overwrite_cache or spec.cache_config.overwrite_cache)

    @property
    def options(self) -> RunOptions:
        """The settings that it was started with, as options of another run."""
        return RunOptions.of(self._pb.run_spec)

    @property
    def relation(self) -> RunRelation | None:
        """The run that it came from, and how; None when the platform tells of none."""
        spec = self._pb.run_spec
        related = spec.relation.related_to if spec.relation.related_to.name else spec.related_to
        if not related.name:
            return None
        kind = spec.relation.relation_type
        return RunRelation(
            kind=_RELATIONS[kind] if kind < len(_RELATIONS) else "",
            run_name=str(related.name),
            project=str(related.project) or str(self._scope.project or ""),
            domain=str(related.domain) or str(self._scope.domain or ""),
        )

    @property
    def run_base_dir(self) -> str:
        """Where the platform keeps what its actions give one another; "" when not said."""
        return str(self._pb.run_spec.run_base_dir)

    @property
    def notification_rules(self) -> int:
        """How many rules say who is told of its end; a rule that is named counts as one."""
        spec = self._pb.run_spec
        return len(spec.notification_rules.rules) + bool(spec.notification_rule_name)

    @syncify.method
    async def inputs(self) -> ActionInputs:
        """What the run was given."""
        return await self.action_details.inputs.aio()

    @syncify.method
    async def outputs(self) -> ActionOutputs:
        """What the run gave back; raises as `ActionDetails.outputs`."""
        return await self.action_details.outputs.aio()

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "phase", self.phase.value
        yield "task", self.task_name
        yield "labels", self.labels
        yield "annotations", self.annotations
        yield "env_vars", self.env_vars
        yield "interruptible", self.is_interruptible
        yield "overwrites_cache", self.overwrites_cache


async def read_run_details(client: ClientSet, scope: Scope, name: str) -> RunDetails:
    """The details of a run, with the error of its root action."""
    pb = await read_run(client, scope, name)
    details = RunDetails(pb, client, scope)
    if details.done() and not details.phase.is_success and not pb.action.WhichOneof("result"):
        # GetRunDetails of the real backend leaves the error out.
        root = await read_details(client, scope, name, pb.action.id.name or "a0")
        pb.action.CopyFrom(root)
    return details
