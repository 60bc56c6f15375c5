"""The people who can sign in: three for demonstration, one per role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GROUP_PREFIX = "flightboard-"


@dataclass(frozen=True, slots=True)
class Person:
    """`subject` names the person for good; `groups` are what roles are mapped from."""

    subject: str
    given_name: str
    family_name: str
    email: str
    groups: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def role(self) -> str:
        """The role for the sign-in page, e.g. `operator`; "" for somebody in no such group."""
        roles = [group for group in self.groups if group.startswith(GROUP_PREFIX)]
        return ", ".join(group.removeprefix(GROUP_PREFIX) for group in roles)

    def claims(self, scope: str) -> dict[str, Any]:
        """What OpenID Connect tells of the person to a client with these scopes."""
        scopes = scope.split()
        claims: dict[str, Any] = {"sub": self.subject, "groups": list(self.groups)}
        if "profile" in scopes:
            claims |= {
                "name": self.name,
                "given_name": self.given_name,
                "family_name": self.family_name,
                "preferred_username": self.subject,
            }
        if "email" in scopes:
            claims |= {"email": self.email, "email_verified": True}
        return claims


DEMO_PEOPLE = (
    Person("vera", "Vera", "Lindqvist", "vera@flightboard.example", ("flightboard-viewer",)),
    Person("otto", "Otto", "Marchetti", "otto@flightboard.example", ("flightboard-operator",)),
    Person("ada", "Ada", "Okonkwo", "ada@flightboard.example", ("flightboard-admin",)),
)
