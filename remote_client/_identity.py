"""The names of people and applications behind what happened."""

from __future__ import annotations

from typing import Any


def identity_name(identity: Any) -> str:
    """How to show an enriched identity: the best name it has, "" when it has none."""
    if identity.HasField("user"):
        return _user_name(identity.user)
    if identity.HasField("application"):
        return str(identity.application.spec.name or identity.application.id.subject)
    return ""


def identity_subject(identity: Any) -> str:
    """The subject of an identity's token, "" when it has none."""
    kind = identity.WhichOneof("principal")
    return str(getattr(identity, kind).id.subject) if kind else ""


def _user_name(user: Any) -> str:
    spec = user.spec
    full = f"{spec.first_name} {spec.last_name}".strip()
    return str(spec.email or full or spec.user_handle or user.id.subject)
