"""Signed addresses: only what was granted, only for a while."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from local_platform.links import Links, signing_key


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(tmp_path, b"k" * 32)


def test_a_token_grants_what_it_was_made_for(links: Links, tmp_path: Path) -> None:
    grant = links.grant(links.token("put", tmp_path / "a" / "b", ttl_s=60, md5="0f"), "put")
    assert grant is not None
    assert links.path(grant) == tmp_path / "a" / "b"
    assert grant.md5 == "0f"


def test_a_token_is_for_one_verb(links: Links, tmp_path: Path) -> None:
    assert links.grant(links.token("get", tmp_path / "a", ttl_s=60), "put") is None


def test_a_token_expires(links: Links, tmp_path: Path) -> None:
    assert links.grant(links.token("put", tmp_path / "a", ttl_s=-1), "put") is None


@pytest.mark.parametrize("token", ["", ".", "a.b", "é.é", "e30.", "e30.AAAA"])
def test_what_was_not_signed_grants_nothing(links: Links, token: str) -> None:
    assert links.grant(token, "put") is None


def test_another_platforms_token_grants_nothing(links: Links, tmp_path: Path) -> None:
    other = Links(tmp_path, b"o" * 32)
    assert links.grant(other.token("put", tmp_path / "a", ttl_s=60), "put") is None


def test_a_path_outside_the_data_folder_is_none(links: Links, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not in the subpath"):
        links.token("put", tmp_path.parent / "elsewhere", ttl_s=60)
    grant = links.grant(links.token("put", tmp_path / "a" / ".." / ".." / "b", ttl_s=60), "put")
    assert grant is not None
    assert links.path(grant) is None


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    key = signing_key(file)
    assert signing_key(file) == key
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
