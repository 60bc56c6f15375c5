"""Authlib's authorization server over plain ASGI requests and the store."""

from __future__ import annotations

from typing import Any

from local_platform.authorization.clients import Client, registered
from local_platform.authorization.library import (
    AuthorizationServer,
    BasicOAuth2Payload,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
)
from local_platform.authorization.messages import Request, Response
from local_platform.authorization.records import SignedIn
from local_platform.authorization.settings import SCOPES, Settings
from local_platform.authorization.store import AuthorizationStore
from local_platform.authorization.tokens import TokenMaker


class OAuthRequest(OAuth2Request):  # type: ignore[misc]
    """A request in Authlib's form: at the authorization endpoint its parameters are the query's."""

    def __init__(self, request: Request, issuer: str, *, from_query: bool = False) -> None:
        # Not the address that the client used: the server's own is known to be a safe transport.
        super().__init__(request.method, f"{issuer}{request.path}")
        self.headers = {name.title(): value for name, value in request.headers.items()}
        pairs = request.query if from_query else request.form
        self._form = dict(request.form)
        self._args = dict(request.query)
        self.payload = _Payload(pairs)

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Payload(BasicOAuth2Payload):  # type: ignore[misc]
    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(dict(pairs))
        self._datalist: dict[str, list[str]] = {}
        for name, value in pairs:
            self._datalist.setdefault(name, []).append(value)


class Server(AuthorizationServer):  # type: ignore[misc]
    """Knows the clients, keeps the tokens, and speaks `Request` and `Response`."""

    def __init__(self, settings: Settings, store: AuthorizationStore, tokens: TokenMaker) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.settings = settings
        self.store = store
        self.clients = registered(settings.folder)
        self.register_token_generator("default", tokens)

    def token_response(self, request: Request) -> Response:
        """The answer of the token endpoint."""
        return self._guarded(request, self.create_token_response)

    def endpoint_response(self, name: str, request: Request) -> Response:
        """The answer of one of the registered endpoints."""
        return self._guarded(request, lambda oauth: self.create_endpoint_response(name, oauth))

    # --- what Authlib asks of a framework -------------------------------------------------------

    def query_client(self, client_id: str) -> Client | None:
        return self.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: OAuthRequest) -> None:
        user: SignedIn | None = request.user
        if user is not None and "refresh_token" in token:
            lifetime_s = self.settings.refresh_lifetime_s
            self.store.sign_ins.add_refresh_token(token["refresh_token"], user.sign_in, lifetime_s)

    def send_signal(self, name: str, *args: Any, **options: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        kept = [(name.lower(), value) for name, value in headers if name.lower() != "content-type"]
        location = dict(kept).get("location")
        return Response.redirect(location) if location else Response.json(body, status, kept)

    # --- requests that Authlib would stumble over -----------------------------------------------

    def _guarded(self, request: Request, handle: Any) -> Response:
        oauth = OAuthRequest(request, self.settings.issuer)
        try:
            _check_form(request)
            response: Response = handle(oauth)
        except OAuth2Error as error:
            response = self.handle_error_response(oauth, error)
        except UnicodeError:
            refusal = InvalidClientError("The client cannot be read.", status_code=401)
            response = self.handle_error_response(oauth, refusal)
        return response


def _check_form(request: Request) -> None:
    names = [name for name, _ in request.form]
    if len(names) != len(set(names)):
        raise InvalidRequestError("A parameter was given twice.")
