"""The steps of our own at the end of a sign-in: who may not come in, tokens, and groups."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from social_core.exceptions import AuthPolicyError
from social_django.models import UserSocialAuth

from dashboard.access import groups as access_groups
from dashboard.identity import records
from dashboard.identity.providers import Provider
from dashboard.identity.renewal import tokens_of
from dashboard.models import Person


def refuse_inactive(backend: Provider, user: Person, **_: Any) -> None:
    """An account that was switched off stays out, whatever the provider says."""
    if not user.is_active:
        raise AuthPolicyError(backend, code="access_denied", stage="pipeline")


def keep_tokens(backend: Provider, user: Person, response: dict[str, Any], **_: Any) -> None:
    """Seal the tokens that calls will carry; others are forgotten. The view binds the session."""
    here = backend.here
    if here.carries_tokens:
        backend.kept = records.begin(
            user.pk, backend.name, here.issuer, here.header_key, tokens_of(response)
        )


def hand_over_groups(backend: Provider, user: Person, response: dict[str, Any], **_: Any) -> None:
    """Tell the roles which groups the provider says the person is in."""
    access_groups.apply(user, groups_in(backend.claims(response)))


def apply_anew(person_id: int, uid: str, claims: dict[str, Any]) -> None:
    """Hand over the groups that a renewal told of, if they are this person's and it told any."""
    known = UserSocialAuth.objects.filter(user_id=person_id, uid=uid).select_related("user").first()
    if known is not None and settings.OIDC_GROUPS_CLAIM in claims:
        access_groups.apply(known.user, groups_in(claims))


def groups_in(claims: dict[str, Any]) -> list[str]:
    """The groups in the claim that the settings name; one group may come as plain text."""
    given = claims.get(settings.OIDC_GROUPS_CLAIM)
    if isinstance(given, str):
        return [given]
    return [str(group) for group in given] if isinstance(given, list) else []
