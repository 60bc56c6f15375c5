"""Everything that is used of Authlib, in one place: it has no type information of its own."""

from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped]
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.base import invalid_error_characters  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AuthorizationServer,
    ClientMixin,
    OAuth2Request,
    TokenMixin,
)
from authlib.oauth2.rfc6749.errors import (  # type: ignore[import-untyped]
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc6749.requests import (  # type: ignore[import-untyped]
    BasicOAuth2Payload,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]
from authlib.oauth2.rfc7662 import IntrospectionEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc8628 import (  # type: ignore[import-untyped]
    DEVICE_CODE_GRANT_TYPE,
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialMixin,
)
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator  # type: ignore[import-untyped]
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode  # type: ignore[import-untyped]
from authlib.oidc.discovery import OpenIDProviderMetadata  # type: ignore[import-untyped]

__all__ = [
    "DEVICE_CODE_GRANT_TYPE",
    "AuthorizationCodeGrant",
    "AuthorizationCodeMixin",
    "AuthorizationServer",
    "BasicOAuth2Payload",
    "ClientCredentialsGrant",
    "ClientMixin",
    "CodeChallenge",
    "DeviceAuthorizationEndpoint",
    "DeviceCodeGrant",
    "DeviceCredentialMixin",
    "IntrospectionEndpoint",
    "InvalidClientError",
    "InvalidGrantError",
    "InvalidRequestError",
    "JWTBearerTokenGenerator",
    "OAuth2Error",
    "OAuth2Request",
    "OpenIDCode",
    "OpenIDProviderMetadata",
    "RefreshTokenGrant",
    "RevocationEndpoint",
    "TokenMixin",
    "add_params_to_uri",
    "invalid_error_characters",
]
