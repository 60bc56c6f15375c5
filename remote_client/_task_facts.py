"""What a task's specification says about where and how it runs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import yaml
from google.protobuf import json_format

_BUNDLE_OPTIONS = ("--tgz", "--pkl")


class TaskFacts:
    """Mixin of `TaskDetails`, whose message it reads."""

    _pb: Any

    @property
    def _template(self) -> Any:
        return self._pb.spec.task_template

    @property
    def short_description(self) -> str:
        """One line on what it does; "" when its author left none."""
        return str(self._pb.spec.documentation.short_description)

    @property
    def environment_description(self) -> str:
        """What its environment is for; "" when nobody said."""
        return str(self._pb.spec.environment.description)

    @property
    def code_bundle(self) -> str:
        """Where its code was uploaded to; "" when it comes with the image."""
        stated = str(self._template.metadata.code_bundle_uri)
        found = [value for option, value in pairwise(self._args) if option in _BUNDLE_OPTIONS]
        return stated or (found[0] if found else "")

    @property
    def code_address(self) -> str:
        """How its function is found in the code, such as "mod etl instance load"; "" if unknown."""
        args = self._args
        if "--resolver-args" in args:
            return " ".join(args[args.index("--resolver-args") + 1 :])
        # Without the option's name, the resolver's arguments end the command.
        return " ".join(args[args.index("mod") :]) if "mod" in args else ""

    @property
    def interruptible(self) -> bool:
        """Whether it may run on machines that can be taken away."""
        return bool(self._template.metadata.interruptible)

    @property
    def pod_template(self) -> str:
        """The pod template that it names; "" for none."""
        return str(self._template.metadata.pod_template_name)

    @property
    def reuse(self) -> str:
        """How containers are kept for its next actions; "" when each has one of its own."""
        if not self._template.HasField("reuse_policy"):
            return ""
        policy = json_format.MessageToDict(
            self._template.reuse_policy, preserving_proto_field_name=True
        )
        return ", ".join(f"{name} {_flat(value)}" for name, value in sorted(policy.items()))

    @property
    def config(self) -> dict[str, str]:
        """Settings of its plugin."""
        return dict(self._template.config)

    @property
    def _args(self) -> list[str]:
        container = self._template.container
        return [*container.command, *container.args]

    def spec_text(self) -> str:
        """The whole specification as YAML, in a stable order."""
        spec = json_format.MessageToDict(self._pb.spec, preserving_proto_field_name=True)
        text: str = yaml.safe_dump(spec, sort_keys=True, allow_unicode=True, width=10_000)
        return text


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={_flat(each)}" for name, each in sorted(value.items()))
    return str(value)
