"""How the platform is opened: certificates, flags, and what an attempt is given."""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from local_platform.authorization import certificates as module
from local_platform.authorization.certificates import Certificates, certificates
from local_platform.authorization.entrance import Access, access_of, add_arguments
from local_platform.authorization.task_access import TaskAccess
from local_platform.layout import Layout
from tests.unit.local_platform import records
from tests.unit.local_platform.authorization_world import World


async def _name_that_answers(files: Certificates, name: str, authority: Path) -> bool:
    """Whether a client that trusts `authority` accepts the server under this name."""
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(files.server, files.key)
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=served)
    port = server.sockets[0].getsockname()[1]
    trusted = ssl.create_default_context(cafile=authority)
    try:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusted, server_hostname=name
        )
    except ssl.SSLCertVerificationError:
        return False
    else:
        writer.close()
        return True
    finally:
        server.close()


async def test_this_machine_is_known_by_its_own_names_alone(tmp_path: Path) -> None:
    files = certificates(tmp_path / "tls", "127.0.0.3")
    for name in ("localhost", "127.0.0.1", "::1", "127.0.0.3"):
        assert await _name_that_answers(files, name, files.authority), name
    for name in ("flightboard.example", "127.0.0.4"):
        assert not await _name_that_answers(files, name, files.authority), name


async def test_the_authority_of_another_platform_is_not_enough(tmp_path: Path) -> None:
    files = certificates(tmp_path / "one", "localhost")
    other = certificates(tmp_path / "other", "localhost")
    assert not await _name_that_answers(files, "localhost", other.authority)


def test_certificates_are_made_once(tmp_path: Path) -> None:
    files = certificates(tmp_path / "tls", "127.0.0.1")
    before = {file: file.read_bytes() for file in (tmp_path / "tls").iterdir()}
    assert certificates(tmp_path / "tls", "localhost") == files
    assert {file: file.read_bytes() for file in (tmp_path / "tls").iterdir()} == before
    assert {file.name for file in before} == {
        "ca.pem",
        "ca-key.pem",
        "server.pem",
        "server-key.pem",
    }


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    certificates(tmp_path / "tls", "127.0.0.1")
    for name in ("ca-key.pem", "server-key.pem"):
        assert (tmp_path / "tls" / name).stat().st_mode & 0o777 == 0o600


def test_a_new_name_and_a_near_end_renew_the_servers_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = certificates(tmp_path / "tls", "127.0.0.1")
    authority, first = files.authority.read_bytes(), files.server.read_bytes()
    certificates(tmp_path / "tls", "127.0.0.3")
    second = files.server.read_bytes()
    assert second != first
    monkeypatch.setattr(module, "_RENEW_DAYS", 366)
    certificates(tmp_path / "tls", "127.0.0.3")
    assert files.server.read_bytes() != second
    assert files.authority.read_bytes() == authority


def test_a_key_that_is_lost_or_mixed_up_is_replaced(tmp_path: Path) -> None:
    files = certificates(tmp_path / "tls", "localhost")
    other = certificates(tmp_path / "other", "localhost")
    files.key.write_bytes(other.key.read_bytes())
    certificates(tmp_path / "tls", "localhost")
    ssl.create_default_context().load_cert_chain(files.server, files.key)
    files.key.unlink()
    certificates(tmp_path / "tls", "localhost")
    ssl.create_default_context().load_cert_chain(files.server, files.key)


def test_the_authority_vouches_for_no_other_host_name(tmp_path: Path) -> None:
    files = certificates(tmp_path / "tls", "127.0.0.1")
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [x509.DNSName("localhost")]
    assert authority.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3000)


def _access(*arguments: str) -> Access:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return access_of(parser, parser.parse_args(arguments))


def test_without_flags_there_is_no_signing_in() -> None:
    assert _access() == Access(offered=False, required=False)


def test_requiring_tokens_offers_them() -> None:
    assert _access("--require-auth") == Access(offered=True, required=True)
    assert _access("--authorization") == Access(offered=True, required=False)
    assert _access("--authorization", "--token-lifetime", "5").token_lifetime_s == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ("--token-lifetime", "0"),
        ("--token-lifetime", "604801"),
        ("--refresh-lifetime", "0"),
        ("--clock-skew", "-1"),
    ],
)
def test_lifetimes_that_cannot_be_are_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        _access(*arguments)
    assert arguments[0] in capsys.readouterr().err


def test_an_attempt_is_given_a_config_with_a_token_of_its_own(tmp_path: Path) -> None:
    with closing(World(tmp_path / "authorization")) as world:
        authority = tmp_path / "tls" / "ca.pem"
        access = TaskAccess(world.authority.tokens, "localhost:8090", authority)
        action = records.action(created_by="otto")
        files = Layout(tmp_path).attempt(action.key, 1)
        variables = access(action, 1, files)
        config = Path(variables["FLYTECTL_CONFIG"])
        admin = json.loads(config.read_text())["admin"]
        assert admin["endpoint"] == "dns:///localhost:8090"
        assert admin["caCertFilePath"] == str(authority)
        token = Path(admin["command"][-1])
        world.open_attempts.add((action.key, 1))
        assert world.verify(token.read_text()).subject == "otto"
        assert all(file.stat().st_mode & 0o777 == 0o600 for file in (config, token))
        # Programs print their environment: the token is not in it.
        assert not any(token.read_text() in value for value in variables.values())
