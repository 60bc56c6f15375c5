"""The authorization endpoint and the device page: where a person decides."""

from __future__ import annotations

from urllib.parse import urlsplit

from local_platform.authorization import pages
from local_platform.authorization.devices import spelled
from local_platform.authorization.endpoints import DEVICE_PAGE
from local_platform.authorization.forms import Forms
from local_platform.authorization.library import (
    InvalidRequestError,
    OAuth2Error,
    add_params_to_uri,
    invalid_error_characters,
)
from local_platform.authorization.messages import Request, Response
from local_platform.authorization.people import Person
from local_platform.authorization.records import Device
from local_platform.authorization.server import OAuthRequest, Server

_OLD_FORM = pages.message(
    "This page is too old",
    "The form was not sent from the page that this browser was shown. Go back to where you came "
    "from and sign in again.",
)


class Consent:
    """Both pages are for browsers on this machine alone: choosing a person asks no password."""

    def __init__(self, server: Server, forms: Forms) -> None:
        self._server = server
        self._store = server.store
        self._forms = forms

    # --- a browser comes from a client ----------------------------------------------------------

    def authorize(self, request: Request) -> Response:
        """`GET` shows the people, `POST` sends the browser back with a code or a refusal."""
        oauth = OAuthRequest(request, self._server.settings.issuer, from_query=True)
        try:
            _check_readable(oauth)
            grant = self._server.get_consent_grant(oauth)
        except OAuth2Error as error:
            return self._refused(error)
        if request.method == "GET":
            return self._ask(request, oauth, grant.redirect_uri)
        if not self._forms.is_ours(request):
            return pages.page(_OLD_FORM, 403)
        person = self._chosen(request)
        if person is None and request.field(pages.PERSON) != pages.REFUSE:
            return pages.page(pages.message("Nobody was chosen", "Go back and choose."), 400)
        response = self._server.create_authorization_response(oauth, person, grant)
        return self._with_issuer(response)

    def _ask(self, request: Request, oauth: OAuthRequest, redirect_uri: str) -> Response:
        token, cookie = self._forms.open(request)
        place = urlsplit(redirect_uri)
        content = pages.consent(
            oauth.client.name,
            place.netloc,
            self._store.people(),
            request.target,
            token,
            oauth.payload.data.get("login_hint", ""),
        )
        targets = [f"{place.scheme}://{place.netloc}"]
        return pages.page(content, headers=[cookie], form_targets=targets)

    def _refused(self, error: OAuth2Error) -> Response:
        """Back to the client where it is known to be one; else a page, which leads nowhere."""
        if error.redirect_uri:
            return self._with_issuer(self._server.handle_error_response(None, error))
        words = f"The program that sent you here asked wrongly: {error.error}. {error.description}"
        return pages.page(pages.message("Sign-in is not possible", words), 400)

    def _with_issuer(self, response: Response) -> Response:
        """RFC 9207: the client can tell which server has answered."""
        location = dict(response.headers)["location"]
        return Response.redirect(
            add_params_to_uri(location, [("iss", self._server.settings.issuer)])
        )

    # --- a person brings a device's code --------------------------------------------------------

    def device(self, request: Request) -> Response:
        """`GET` asks for the code, then shows the people; `POST` decides."""
        code = dict(request.query).get("user_code", "")
        if not code:
            return pages.page(pages.ask_code(DEVICE_PAGE))
        device = self._store.devices.of_user(code)
        if device is None or not device.waits:
            problem = "This code is not known or no longer valid. Look at the other screen again."
            return pages.page(pages.ask_code(DEVICE_PAGE, problem), 404)
        if request.method == "GET":
            return self._ask_device(request, device, code)
        if not self._forms.is_ours(request):
            return pages.page(_OLD_FORM, 403)
        return self._decide(request, device)

    def _ask_device(self, request: Request, device: Device, code: str) -> Response:
        token, cookie = self._forms.open(request)
        client = self._server.clients[device.client_id]
        content = pages.device(
            client.name, spelled(code), self._store.people(), request.target, token
        )
        return pages.page(content, headers=[cookie])

    def _decide(self, request: Request, device: Device) -> Response:
        person = self._chosen(request)
        if person is None:
            self._store.devices.change(device, refused=1)
            return pages.page(pages.message("Refused", "The other program was not signed in."))
        sign_in = self._store.sign_ins.begin(device.client_id, person.subject, device.scope)
        self._store.devices.change(device, sign_in=sign_in.id)
        words = f"The other program now acts for {person.name}. This page can be closed."
        return pages.page(pages.message("Signed in", words))

    def _chosen(self, request: Request) -> Person | None:
        return self._store.person(request.field(pages.PERSON))


def _check_readable(oauth: OAuthRequest) -> None:
    """Authlib repeats these in its errors, which may not hold every character."""
    for name in ("client_id", "redirect_uri", "response_type"):
        if invalid_error_characters(oauth.payload.data.get(name, "")):
            raise InvalidRequestError(f"The parameter '{name}' cannot be read.")
