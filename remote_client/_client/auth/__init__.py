"""Getting, keeping, renewing and applying credentials.

An authenticator makes credentials, the four interceptors apply them. `open_auth` gives both for
an endpoint and `AuthOptions`; `docs/authentication.md` describes how they behave.
"""

from remote_client._client.auth.authenticator import Authenticator, GrpcAuthMetadata
from remote_client._client.auth.client_config import (
    ClientConfig,
    ClientConfigStore,
    RemoteClientConfigStore,
    StaticClientConfigStore,
)
from remote_client._client.auth.client_credentials import ClientCredentialsAuthenticator
from remote_client._client.auth.clock import Clock
from remote_client._client.auth.credentials import Credentials
from remote_client._client.auth.default_metadata import default_metadata_interceptors
from remote_client._client.auth.device_code import DeviceCodeAuthenticator
from remote_client._client.auth.errors import (
    AccessTokenNotFoundError,
    AuthenticationError,
    AuthenticationPending,
    AuthenticationSlowDown,
    AuthenticationTransientError,
    InvalidGrantError,
    OAuthError,
)
from remote_client._client.auth.external_command import AsyncCommandAuthenticator
from remote_client._client.auth.factory import (
    EndpointAuth,
    create_authenticator,
    interceptors_for,
    open_auth,
)
from remote_client._client.auth.http_session import HttpOptions, HttpSessions
from remote_client._client.auth.interceptors import (
    AuthStreamStreamInterceptor,
    AuthStreamUnaryInterceptor,
    AuthUnaryStreamInterceptor,
    AuthUnaryUnaryInterceptor,
    auth_interceptors,
)
from remote_client._client.auth.options import AuthOptions, AuthType
from remote_client._client.auth.passthrough import (
    PassthroughAuthenticator,
    auth_metadata,
    get_auth_metadata,
)
from remote_client._client.auth.pkce import PKCEAuthenticator
from remote_client._client.auth.token_authenticator import TokenAuthenticator
from remote_client._client.auth.token_store import (
    FileTokenStore,
    KeyringTokenStore,
    MemoryTokenStore,
    SystemTokenStore,
    TokenKey,
    TokenStore,
)

__all__ = [
    "AccessTokenNotFoundError",
    "AsyncCommandAuthenticator",
    "AuthOptions",
    "AuthStreamStreamInterceptor",
    "AuthStreamUnaryInterceptor",
    "AuthType",
    "AuthUnaryStreamInterceptor",
    "AuthUnaryUnaryInterceptor",
    "AuthenticationError",
    "AuthenticationPending",
    "AuthenticationSlowDown",
    "AuthenticationTransientError",
    "Authenticator",
    "ClientConfig",
    "ClientConfigStore",
    "ClientCredentialsAuthenticator",
    "Clock",
    "Credentials",
    "DeviceCodeAuthenticator",
    "EndpointAuth",
    "FileTokenStore",
    "GrpcAuthMetadata",
    "HttpOptions",
    "HttpSessions",
    "InvalidGrantError",
    "KeyringTokenStore",
    "MemoryTokenStore",
    "OAuthError",
    "PKCEAuthenticator",
    "PassthroughAuthenticator",
    "RemoteClientConfigStore",
    "StaticClientConfigStore",
    "SystemTokenStore",
    "TokenAuthenticator",
    "TokenKey",
    "TokenStore",
    "auth_interceptors",
    "auth_metadata",
    "create_authenticator",
    "default_metadata_interceptors",
    "get_auth_metadata",
    "interceptors_for",
    "open_auth",
]
