"""Every spelling of a platform's address becomes one value."""

import pytest

from remote_client._client.endpoint import Endpoint, EndpointError


@pytest.mark.parametrize(
    ("text", "address", "insecure"),
    [
        ("flyte.example.com", "flyte.example.com:443", False),
        ("Flyte.Example.COM:8443", "flyte.example.com:8443", False),
        (" flyte.example.com:443 ", "flyte.example.com:443", False),
        ("dns:///flyte.example.com", "flyte.example.com:443", False),
        ("dns:///flyte.example.com:81", "flyte.example.com:81", False),
        ("dns://8.8.8.8/flyte.example.com:81", "flyte.example.com:81", False),
        ("dns:flyte.example.com:81", "flyte.example.com:81", False),
        ("dns:443", "dns:443", False),
        ("ipv4:127.0.0.1:8090", "127.0.0.1:8090", False),
        ("https://flyte.example.com", "flyte.example.com:443", False),
        ("https://flyte.example.com/v2/runs?x=1#top", "flyte.example.com:443", False),
        ("HTTP://localhost:8090/", "localhost:8090", True),
        ("http://flyte.example.com", "flyte.example.com:80", True),
        ("[::1]:8090", "[::1]:8090", False),
        ("::1", "[::1]:443", False),
        ("http://[::1]:8090", "[::1]:8090", True),
    ],
)
def test_it_reads_every_spelling(text: str, address: str, insecure: bool) -> None:
    endpoint = Endpoint.parse(text)
    assert (endpoint.address, endpoint.insecure) == (address, insecure)
    assert endpoint.target == f"dns:///{address}"


def test_it_takes_the_flag_where_the_spelling_says_nothing() -> None:
    assert Endpoint.parse("dns:///h:8090", insecure=True) == Endpoint("h", 8090, True)
    assert Endpoint.parse("h", insecure=True).port == 80
    assert Endpoint.parse("http://h:1", insecure=True).insecure
    assert not Endpoint.parse("https://h:1", insecure=False).insecure


def test_it_reads_an_endpoint_again() -> None:
    endpoint = Endpoint.parse("h:1")
    assert Endpoint.parse(endpoint) is endpoint
    assert Endpoint.parse(endpoint, insecure=True).insecure


@pytest.mark.parametrize(("text", "insecure"), [("http://h", False), ("https://h", True)])
def test_it_refuses_a_flag_that_contradicts_the_scheme(text: str, insecure: bool) -> None:
    with pytest.raises(EndpointError, match="Change one"):
        Endpoint.parse(text, insecure=insecure)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "ftp://h", "h:port", "h:0", "h:70000", "h:", "http://", "a b", ":80", "a:1:2"],
)
def test_it_refuses_what_is_no_address_and_says_what_would_be(text: str) -> None:
    with pytest.raises(EndpointError, match="host:port"):
        Endpoint.parse(text)


def test_it_never_repeats_a_password_in_the_address() -> None:
    with pytest.raises(EndpointError) as refused:
        Endpoint.parse("https://ana:hunter2@h")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "insecure", "url"),
    [
        ("grpc.myplatform.com:443", False, "https://grpc.myplatform.com"),
        ("dns:///flyte.example.com:8443", False, "https://flyte.example.com:8443"),
        ("localhost:8090", True, "http://localhost:8080"),
        ("127.0.0.1:8090", True, "http://localhost:8080"),
        ("localhost:9000", True, "http://localhost:9000"),
        ("flyte.example.com:80", True, "http://flyte.example.com"),
        ("[2001:db8::1]:8443", False, "https://[2001:db8::1]:8443"),
    ],
)
def test_it_knows_where_the_console_is(text: str, insecure: bool, url: str) -> None:
    assert Endpoint.parse(text, insecure=insecure).console_url() == url


def test_it_takes_a_console_of_its_own() -> None:
    endpoint = Endpoint.parse("localhost:8090", insecure=True)
    assert endpoint.console_url("board.example.com:81") == "http://board.example.com:81"
    assert endpoint.console_url("https://board.example.com/x") == "https://board.example.com"


@pytest.mark.parametrize(
    ("text", "org"),
    [("acme.flyte.example.com", "acme"), ("localhost:1", None), ("10.0.0.1:1", None)],
)
def test_it_guesses_the_organisation_of_a_hosted_platform(text: str, org: str | None) -> None:
    assert Endpoint.parse(text).default_org == org
