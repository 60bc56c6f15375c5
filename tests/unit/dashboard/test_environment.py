"""Settings from the environment: right values are read, wrong ones are named and refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import environment


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("X", raising=False)
    return monkeypatch


@pytest.mark.parametrize(("given", "expected"), [("1", True), ("Yes", True), ("off", False)])
def test_it_reads_claims(variable: pytest.MonkeyPatch, given: str, expected: bool) -> None:
    variable.setenv("X", given)
    assert environment.boolean("X", not expected) is expected


def test_an_empty_value_counts_as_unset(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("X", " ")
    assert environment.boolean("X", True) is True
    assert environment.words("X", ["a", "b"]) == ["a", "b"]


def test_it_refuses_what_is_neither_true_nor_false(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("X", "maybe")
    with pytest.raises(ImproperlyConfigured, match="X='maybe'"):
        environment.boolean("X", False)


@pytest.mark.parametrize(
    "address", ["localhost:8090", "10.0.0.1:80", "[::1]:8090", "dns:///h:1", "https://h.example"]
)
def test_it_takes_addresses(variable: pytest.MonkeyPatch, address: str) -> None:
    variable.setenv("X", address)
    assert environment.endpoint("X", "") == address


@pytest.mark.parametrize("address", ["localhost", "h:port", "h:99999", ":80", "h :80", "a b"])
def test_it_refuses_what_is_no_address(variable: pytest.MonkeyPatch, address: str) -> None:
    variable.setenv("X", address)
    with pytest.raises(ImproperlyConfigured, match="host:port"):
        environment.endpoint("X", "")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("localhost:8090", True),
        ("127.0.0.5:1", True),
        ("[::1]:8090", True),
        ("dns:///localhost:8090", True),
        ("flyte.example:443", False),
        ("https://localhost.example", False),
    ],
)
def test_it_knows_this_machine_by_its_addresses(address: str, expected: bool) -> None:
    assert environment.is_loopback(address) is expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("localhost:8090", True),
        ("flyte.example:443", False),
        ("http://flyte.example:80", True),
        ("https://localhost:8090", False),
        ("dns:///127.0.0.1:8090", True),
    ],
)
def test_plaintext_is_what_the_scheme_says_else_what_stays_on_this_machine(
    address: str, expected: bool
) -> None:
    assert environment.is_plain(address) is expected


def test_a_signing_key_is_made_once_and_kept_for_its_owner_alone(
    variable: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = environment.secret_key("X", tmp_path)
    assert len(key) > 50
    assert environment.secret_key("X", tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_short_signing_key_is_refused(variable: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variable.setenv("X", "short")
    with pytest.raises(ImproperlyConfigured, match="32"):
        environment.secret_key("X", tmp_path)


def test_the_default_database_is_sqlite_in_the_data_folder(
    variable: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = environment.database("X", tmp_path)
    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["NAME"] == str(tmp_path / "dashboard.sqlite3")
    assert "journal_mode=WAL" in config["OPTIONS"]["init_command"]


def test_other_databases_come_by_url(variable: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variable.setenv("X", "postgres://me:pass@db:5432/board")
    assert environment.database("X", tmp_path)["HOST"] == "db"
    variable.setenv("X", "nonsense")
    with pytest.raises(ImproperlyConfigured, match="postgres://"):
        environment.database("X", tmp_path)


def test_a_file_that_is_not_there_is_refused(variable: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variable.setenv("X", str(tmp_path / "ca.pem"))
    with pytest.raises(ImproperlyConfigured, match="not a file"):
        environment.existing_file("X")


def test_a_data_folder_that_cannot_be_made_is_refused(
    variable: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    variable.setenv("X", str(tmp_path / "file" / "home"))
    with pytest.raises(ImproperlyConfigured, match="can't be used"):
        environment.home("X", tmp_path)
