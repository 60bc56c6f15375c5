"""Signs a script in by the API token in its Authorization header; cookies count for nothing."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja.security import HttpBearer

from dashboard.access import audit, tokens
from dashboard.access.rights import NOTHING
from dashboard.identity import sessions
from dashboard.models import ApiToken
from dashboard.upstream import act_as


class ApiTokenAuth(HttpBearer):
    """Binds the request to the token's owner, with no more rights than the token has."""

    async def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        # Whoever the browser's cookie names, it is not who calls.
        request.person = None  # type: ignore[attr-defined]
        request.rights = NOTHING  # type: ignore[attr-defined]
        act_as(None)
        found = await sync_to_async(tokens.find)(token)
        if found is None:
            await audit.record(request, "api.sign-in", result=audit.REFUSED)
            return None
        api_token, rights = found
        request.person = api_token.person  # type: ignore[attr-defined]
        request.rights = rights  # type: ignore[attr-defined]
        request.api_token = api_token  # type: ignore[attr-defined]
        act_as(await sessions.acting_without_session(api_token.person))
        return api_token
