"""Signing in on another device, as RFC 8628 has it, and with servers that do not."""

from __future__ import annotations

from typing import Any

import pytest

from remote_client._client.auth import AuthenticationError, DeviceCodeAuthenticator
from tests.oidc.http_server import HANG_UP, HTML_502, Answer, HttpServer, Seen, as_json, http_server
from tests.oidc.settings import PLATFORM, TestClock, config_at, options, token

CODE: dict[str, Any] = {
    "device_code": "d3vice",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://idp.example.com/device",
    "expires_in": 100,
    "interval": 2,
}
PENDING = as_json({"error": "authorization_pending"}, 400)
SLOW_DOWN = as_json({"error": "slow_down"}, 400)


class DeviceServer:
    """Gives the code, then the scripted answers to the polls."""

    def __init__(self, server: HttpServer, code: dict[str, Any], *polls: Answer) -> None:
        self.server, self.code, self.polls = server, code, list(polls)
        self.clock = TestClock()
        self.announced: list[str] = []
        server.answer = self.answer

    def answer(self, request: Seen) -> Answer:
        if request.target == "/device":
            return as_json(self.code)
        return self.polls.pop(0)

    def authenticator(self, **announced: Any) -> DeviceCodeAuthenticator:
        return DeviceCodeAuthenticator(
            PLATFORM,
            options(announce=self.announced.append),
            config_store=config_at(self.server.url, **announced),
            clock=self.clock.clock,
        )

    async def sign_in(self) -> str:
        made = self.authenticator()
        await made.refresh_credentials()
        return (await made.get_grpc_call_auth_metadata()).pairs[0][1]


async def test_it_shows_the_code_and_waits_as_the_server_says() -> None:
    async with http_server() as server:
        device = DeviceServer(server, CODE, PENDING, PENDING, as_json(token("t")))
        assert await device.sign_in() == "Bearer t"
        asked, *polled = server.seen
    assert device.announced == [
        "To sign in to flyte.example.com:443, open https://idp.example.com/device "
        "and enter the code WDJB-MJHT"
    ]
    assert device.clock.slept == [2, 2, 2]
    assert asked.form == {"client_id": "flightboard", "scope": "all"}
    assert polled[0].form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "d3vice",
        "client_id": "flightboard",
    }


async def test_it_shows_the_link_that_has_the_code_in_it() -> None:
    complete = "https://idp.example.com/device?user_code=WDJB-MJHT"
    async with http_server() as server:
        code = CODE | {"verification_uri_complete": complete}
        device = DeviceServer(server, code, as_json(token("t")))
        await device.sign_in()
    assert complete in device.announced[0]


async def test_it_slows_down_when_told_and_stays_slow() -> None:
    async with http_server() as server:
        device = DeviceServer(server, CODE, SLOW_DOWN, PENDING, SLOW_DOWN, as_json(token("t")))
        await device.sign_in()
    assert device.clock.slept == [2, 7, 7, 12]


@pytest.mark.parametrize("interval", [None, "soon", 0, -1])
async def test_it_waits_five_seconds_when_the_server_names_no_interval(interval: Any) -> None:
    async with http_server() as server:
        device = DeviceServer(server, CODE | {"interval": interval}, as_json(token("t")))
        await device.sign_in()
    assert device.clock.slept == [5]


async def test_it_bears_gateways_and_dropped_connections() -> None:
    async with http_server() as server:
        polls = [HTML_502, HANG_UP, Answer(429, b""), PENDING, as_json(token("t"))]
        device = DeviceServer(server, CODE, *polls)
        assert await device.sign_in() == "Bearer t"
    assert device.clock.slept == [2, 4, 8, 16, 2]


async def test_it_ends_at_its_deadline_though_the_server_never_does() -> None:
    async with http_server() as server:
        device = DeviceServer(server, CODE | {"expires_in": 5}, *[PENDING] * 9)
        with pytest.raises(AuthenticationError, match="Nobody entered the code WDJB-MJHT in time"):
            await device.sign_in()
    assert device.clock.slept == [2, 2, 1]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (as_json({"error": "access_denied"}, 400), "refused on the other device"),
        (as_json({"error": "expired_token"}, 400), "no longer valid"),
        (as_json({"error": "invalid_client"}, 401), "does not accept this client"),
        (Answer(404, b"<html>", "text/html"), "HTTP 404"),
    ],
)
async def test_it_ends_at_once_when_the_server_says_no(answer: Answer, says: str) -> None:
    async with http_server() as server:
        device = DeviceServer(server, CODE, answer)
        with pytest.raises(AuthenticationError, match=says) as ended:
            await device.sign_in()
    assert "d3vice" not in str(ended.value)


async def test_it_says_when_the_server_gives_no_code() -> None:
    async with http_server() as server:
        device = DeviceServer(server, {"interval": 5})
        with pytest.raises(AuthenticationError, match="without a device code"):
            await device.sign_in()


async def test_it_says_when_the_platform_offers_no_device_flow() -> None:
    async with http_server() as server:
        made = DeviceServer(server, CODE).authenticator(device_authorization_endpoint="")
        with pytest.raises(AuthenticationError, match="no device authorization endpoint"):
            await made.refresh_credentials()


async def test_it_renews_with_the_refresh_token_without_the_person() -> None:
    async with http_server() as server:
        first, second = token("t1", refresh="r1"), token("t2", refresh="r2")
        device = DeviceServer(server, CODE, as_json(first), as_json(second))
        made = device.authenticator()
        await made.refresh_credentials()
        await made.refresh_credentials()
        assert server.seen[-1].form == {
            "grant_type": "refresh_token",
            "refresh_token": "r1",
            "client_id": "flightboard",
        }
    assert len(device.announced) == 1
