"""What the server says of itself: RFC 8414, OpenID Connect discovery, and the keys."""

from __future__ import annotations

from typing import Any

from joserfc.jwk import KeySet

from local_platform.authorization.library import DEVICE_CODE_GRANT_TYPE, OpenIDProviderMetadata
from local_platform.authorization.settings import SCOPES, Settings
from local_platform.authorization.tokens import ALGORITHM

AUTHORIZE, TOKEN = "/oauth2/authorize", "/oauth2/token"
DEVICE_AUTHORIZATION = "/oauth2/device_authorization"
REVOKE, INTROSPECT, USERINFO = "/oauth2/revoke", "/oauth2/introspect", "/oauth2/userinfo"
JWKS = "/.well-known/jwks.json"
OAUTH_METADATA = "/.well-known/oauth-authorization-server"
OPENID_METADATA = "/.well-known/openid-configuration"
_WITH_SECRET = ["client_secret_basic", "client_secret_post"]
_CLAIMS = "sub iss aud exp iat auth_time nonce name given_name family_name preferred_username"


def metadata(settings: Settings) -> dict[str, Any]:
    """The document behind both well-known addresses. ValueError when it is not a proper one."""
    document = OpenIDProviderMetadata(
        issuer=settings.issuer,
        authorization_endpoint=settings.url(AUTHORIZE),
        token_endpoint=settings.url(TOKEN),
        device_authorization_endpoint=settings.url(DEVICE_AUTHORIZATION),
        revocation_endpoint=settings.url(REVOKE),
        introspection_endpoint=settings.url(INTROSPECT),
        userinfo_endpoint=settings.url(USERINFO),
        jwks_uri=settings.url(JWKS),
        scopes_supported=list(SCOPES),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=[
            "authorization_code",
            "refresh_token",
            "client_credentials",
            DEVICE_CODE_GRANT_TYPE,
        ],
        token_endpoint_auth_methods_supported=["none", *_WITH_SECRET],
        revocation_endpoint_auth_methods_supported=["none", *_WITH_SECRET],
        introspection_endpoint_auth_methods_supported=_WITH_SECRET,
        code_challenge_methods_supported=["S256"],
        authorization_response_iss_parameter_supported=True,
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        claims_supported=[*_CLAIMS.split(), "email", "email_verified", "groups"],
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
    )
    document.validate()
    return dict(document)


def public_keys(keys: KeySet) -> dict[str, Any]:
    """The JWKS document: what tokens can be checked with."""
    return dict(keys.as_dict(private=False))
