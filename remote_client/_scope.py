"""Which org, project and domain a call is about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flyteidl2.common import identifier_pb2
from flyteidl2.task import task_definition_pb2

from remote_client.errors import MissingScopeError


@dataclass(frozen=True, slots=True)
class Scope:
    """Defaults of a client, or what one call asked for. "" means not given."""

    org: str = ""
    project: str = ""
    domain: str = ""

    def over(self, org: str | None, project: str | None, domain: str | None) -> Scope:
        """This scope with what a caller named in its place."""
        given = {"org": org, "project": project, "domain": domain}
        return replace(self, **{name: value for name, value in given.items() if value is not None})

    def required(self) -> Scope:
        """Itself. Raises MissingScopeError when the project or the domain is missing."""
        missing = [name for name in ("project", "domain") if not getattr(self, name)]
        if missing:
            raise MissingScopeError(
                f"No {' and no '.join(missing)}: pass {missing[0]}=, or give the client a default "
                "with ClientSet.with_scope or init."
            )
        return self

    @property
    def label(self) -> str:
        """How messages name it, such as "flytesnacks/development"."""
        return "/".join(part for part in (self.project, self.domain) if part) or "the platform"

    def project_id(self) -> identifier_pb2.ProjectIdentifier:
        return identifier_pb2.ProjectIdentifier(
            organization=self.org, domain=self.domain, name=self.project
        )

    def run_id(self, run_name: str) -> identifier_pb2.RunIdentifier:
        return identifier_pb2.RunIdentifier(
            org=self.org, project=self.project, domain=self.domain, name=run_name
        )

    def action_id(self, run_name: str, name: str) -> identifier_pb2.ActionIdentifier:
        return identifier_pb2.ActionIdentifier(run=self.run_id(run_name), name=name)

    def task_id(self, name: str, version: str) -> task_definition_pb2.TaskIdentifier:
        return task_definition_pb2.TaskIdentifier(
            org=self.org, project=self.project, domain=self.domain, name=name, version=version
        )
