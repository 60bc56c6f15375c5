"""Conditions: places where a run waits for a person's answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_service_pb2

from remote_client._action_base import ActionBase, read_details
from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._filters import SortBy, equal, in_phase, list_request
from remote_client._identity import identity_name
from remote_client._listing import PAGE_SIZE, Page, pages
from remote_client._phase import ActionPhase
from remote_client._values import to_python, type_name
from remote_client.errors import NotFound
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["Answer", "Condition"]

Answer = bool | int | float | str

_ACTION_TYPE = "3"
# Numbers of SimpleType on the wire → how the answer travels.
_FIELDS = {1: "int_value", 2: "float_value", 3: "string_value", 4: "bool_value"}
_KINDS: dict[str, type | tuple[type, ...]] = {
    "int_value": int,
    "float_value": (int, float),
    "string_value": str,
    "bool_value": bool,
}


class Condition(ActionBase):
    """An action that is paused until somebody answers it."""

    @syncify.classmethod
    @classmethod
    async def get(
        cls,
        *,
        run_name: str,
        name: str,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Condition:
        """The condition of this action name. Raises NotFound when it is none."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        details = await read_details(client, scope.required(), run_name, name)
        if details.WhichOneof("spec") != "condition":
            raise NotFound(f"Action {name!r} of run {run_name!r} is no condition.")
        return cls(details, client, scope)

    @syncify.series
    @classmethod
    def listall(
        cls,
        for_run_name: str,
        *,
        waiting: bool = False,
        sort_by: SortBy = ("created_at", "asc"),
        limit: int | None = None,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[Condition]:
        """The conditions of a run; with `waiting` those that wait for an answer now."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        filters = equal("action_type", _ACTION_TYPE)
        if waiting:
            filters += in_phase(ActionPhase.PAUSED)
        run_id = scope.required().run_id(for_run_name)

        async def fetch(size: int, token: str) -> Page[Condition]:
            request = run_service_pb2.ListActionsRequest(
                run_id=run_id,
                request=list_request(limit=size, token=token, sort_by=sort_by, filters=filters),
            )
            asked = f"list the conditions of run {for_run_name!r} in {scope.label}"
            answer = await call(client, "run_service", "ListActions", request, asked=asked)
            found = [
                cls(await read_details(client, scope, for_run_name, action.id.name), client, scope)
                for action in answer.actions
            ]
            return Page(found, answer.token)

        def batches() -> AsyncGenerator[list[Condition], None]:
            return pages(
                fetch, key=lambda c: c.name, limit=limit, page_size=PAGE_SIZE, what="conditions"
            )

        return Series(batches)

    @property
    def prompt(self) -> str:
        """The question."""
        return str(self._pb.condition.prompt)

    @property
    def prompt_is_markdown(self) -> bool:
        """True when the question is written in Markdown."""
        return bool(self._pb.condition.prompt_type == 2)

    @property
    def description(self) -> str:
        """What the question is about; "" when nobody said."""
        return str(self._pb.condition.description)

    @property
    def answer_type(self) -> str:
        """The type of the answer, such as "bool"."""
        return type_name(self._pb.condition.type)

    @property
    def timeout(self) -> timedelta | None:
        """How long it waits; None for ever."""
        limit = self._pb.condition.timeout
        length = timedelta(seconds=limit.seconds, microseconds=limit.nanos // 1000)
        return length or None

    @property
    def answer(self) -> Any:
        """The answer that was given; None before."""
        if not self._pb.HasField("signal_info"):
            return None
        return to_python(self._pb.signal_info.output, self._pb.condition.type)

    @property
    def answered_by(self) -> str:
        """Who gave the answer; "" when unknown."""
        return identity_name(self._pb.signal_info.signalled_by)

    @syncify.method
    async def signal(self, answer: Answer) -> None:
        """Answer the question, so that the run goes on.

        Raises TypeError for an answer of another type than asked, and FailedPrecondition when
        another answer was given already.
        """
        request = run_service_pb2.SignalEventRequest(
            action_id=self.action_id,
            parent_action_name=self.parent_name,
            payload=run_service_pb2.EventPayload(**self._payload(answer)),
        )
        asked = f"answer condition {self.name!r} of run {self.run_name!r} in {self._scope.label}"
        await call(self._client, "run_service", "SignalEvent", request, asked=asked)

    def _payload(self, answer: Answer) -> dict[str, Answer]:
        declared = self._pb.condition.type
        known = declared.WhichOneof("type") == "simple"
        field = _FIELDS.get(declared.simple) if known else None
        field = field or _field_of(answer)
        is_bool = isinstance(answer, bool)
        if not isinstance(answer, _KINDS[field]) or is_bool != (field == "bool_value"):
            raise TypeError(
                f"Condition {self.name!r} wants {self.answer_type}, not {type(answer).__name__}."
            )
        return {field: answer}

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield from super().__rich_repr__()
        yield "prompt", self.prompt
        yield "answer_type", self.answer_type
        yield "answer", self.answer


def _field_of(answer: Answer) -> str:
    for field in ("bool_value", "int_value", "float_value", "string_value"):
        if isinstance(answer, _KINDS[field]):
            return field
    raise TypeError(f"An answer is a bool, int, float or str, not {type(answer).__name__}.")
