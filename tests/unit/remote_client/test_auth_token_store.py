"""Sign-ins stay in the keyring, else in a file that only its owner can read."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from remote_client._client.auth import (
    AuthOptions,
    Credentials,
    FileTokenStore,
    KeyringTokenStore,
    SystemTokenStore,
    TokenKey,
)
from remote_client._client.auth.stored_tokens import StoredTokens

ANA = TokenKey("flyte.example.com:443", "ana")
TOKENS = Credentials(access_token="a", refresh_token="r", issued_at=1.0, expires_at=2.0)


class DictKeyring(KeyringBackend):
    """A keyring that works; `broken` makes every use fail as a desktop's might."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False
        self.asked = 0

    def _use(self) -> None:
        self.asked += 1
        if self.broken:
            raise OSError("no D-Bus")

    def get_password(self, service: str, username: str) -> str | None:
        self._use()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._use()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._use()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture
def ring() -> Iterator[DictKeyring]:
    before = keyring.get_keyring()
    backend = DictKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_it_keeps_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "new" / "tokens")
    store.save(ANA, TOKENS)
    assert store.load(ANA) == TOKENS
    assert stat.S_IMODE(store.path(ANA).stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert [path.name for path in store.folder.iterdir()] == [store.path(ANA).name]


def test_it_closes_a_file_that_others_could_read(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    store.save(ANA, TOKENS)
    store.path(ANA).chmod(0o644)
    assert store.load(ANA) == TOKENS
    assert stat.S_IMODE(store.path(ANA).stat().st_mode) == 0o600


def test_it_keeps_endpoints_identities_and_the_proxy_apart(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    keys = [
        ANA,
        TokenKey("flyte.example.com:443", "bob"),
        TokenKey("flyte.example.com:8443", "ana"),
        TokenKey("flyte.example.com:443", "ana", "proxy"),
    ]
    for key in keys:
        store.save(key, Credentials(access_token=key.text))
    assert [store.load(key) for key in keys] == [Credentials(access_token=k.text) for k in keys]
    store.delete(ANA)
    store.delete(ANA)
    assert [store.load(key) is None for key in keys] == [True, False, False, False]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": "other", "credentials": {}}'])
def test_it_takes_a_damaged_file_for_none(tmp_path: Path, content: str) -> None:
    store = FileTokenStore(tmp_path)
    store.save(ANA, TOKENS)
    store.path(ANA).write_text(content)
    assert store.load(ANA) is None
    store.save(ANA, TOKENS)
    assert store.load(ANA) == TOKENS


def test_it_leaves_no_half_file_when_the_disk_fails(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    store.path(ANA).mkdir()
    with pytest.raises(OSError):
        store.save(ANA, TOKENS)
    assert [path.name for path in tmp_path.iterdir()] == [store.path(ANA).name]


def test_it_finds_its_folder_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert FileTokenStore().folder == tmp_path / "flightboard" / "tokens"
    monkeypatch.setenv("FLIGHTBOARD_TOKEN_DIR", str(tmp_path / "mine"))
    assert FileTokenStore().folder == tmp_path / "mine"


def test_it_uses_the_keyring_where_there_is_one(tmp_path: Path, ring: DictKeyring) -> None:
    store = SystemTokenStore(folder=tmp_path)
    store.save(ANA, TOKENS)
    assert len(ring.kept) == 1
    assert list(tmp_path.iterdir()) == []
    assert store.load(ANA) == TOKENS
    store.delete(ANA)
    store.delete(ANA)
    assert ring.kept == {}
    assert store.load(ANA) is None


def test_it_falls_back_to_the_file_and_tries_a_broken_keyring_once(
    tmp_path: Path, ring: DictKeyring
) -> None:
    ring.broken = True
    store = SystemTokenStore(folder=tmp_path)
    assert store.load(ANA) is None
    store.save(ANA, TOKENS)
    assert store.load(ANA) == TOKENS
    store.delete(ANA)
    assert store.load(ANA) is None
    assert ring.asked == 1


def test_it_moves_a_sign_in_from_the_file_to_a_keyring_that_works_now(
    tmp_path: Path, ring: DictKeyring
) -> None:
    FileTokenStore(tmp_path).save(ANA, TOKENS)
    store = SystemTokenStore(folder=tmp_path)
    assert store.load(ANA) == TOKENS
    store.save(ANA, TOKENS)
    assert list(tmp_path.iterdir()) == []
    assert KeyringTokenStore().load(ANA) == TOKENS


def test_it_can_be_told_to_leave_the_keyring_alone(tmp_path: Path, ring: DictKeyring) -> None:
    SystemTokenStore(disable_keyring=True, folder=tmp_path).save(ANA, TOKENS)
    assert ring.asked == 0


async def test_a_store_that_fails_costs_a_warning_and_not_the_sign_in(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        def load(self, key: TokenKey) -> Credentials | None:
            raise RuntimeError("r3fresh")

        def save(self, key: TokenKey, credentials: Credentials) -> None:
            raise RuntimeError("r3fresh")

        def delete(self, key: TokenKey) -> None:
            raise RuntimeError("r3fresh")

    stored = StoredTokens.for_options(AuthOptions(token_store=Broken()), ANA, keep=True)
    assert await stored.load() is None
    await stored.save(TOKENS)
    await stored.delete()
    assert len(caplog.records) == 3
    assert "r3fresh" not in caplog.text
