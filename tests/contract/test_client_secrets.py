"""The client against a running backend: secrets that it keeps."""

from __future__ import annotations

import pytest

from remote_client import ClientSet
from remote_client._secret import Secret
from remote_client.errors import AlreadyExists, NotFound


async def test_a_secret_lives_and_dies(client: ClientSet) -> None:
    await Secret.create("door", "open sesame")
    with pytest.raises(AlreadyExists, match="'door'"):
        await Secret.create("door", "again")
    secret = await Secret.get("door")
    assert (secret.name, secret.type, secret.scope) == ("door", "regular", "project")
    assert "sesame" not in repr(secret) + secret.to_json()
    await Secret.update("door", b"\x00\x01")
    assert "door" in [found.name async for found in Secret.listall()]
    await Secret.delete("door")
    with pytest.raises(NotFound, match="'door'"):
        await Secret.get("door")


async def test_the_nearest_of_several_secrets_of_one_name_is_listed(client: ClientSet) -> None:
    for place in ({}, {"project": ""}, {"project": "", "domain": ""}):
        await Secret.create("shared", "value", **place)
    await Secret.create("wide", "value", project="", domain="")
    found = {s.name: s.scope async for s in Secret.listall() if s.name in ("shared", "wide")}
    assert found == {"shared": "project", "wide": "org"}
    everywhere = Secret.listall(exact=True, project="", domain="")
    assert {s.scope async for s in everywhere} == {"org"}
    for place in ({}, {"project": ""}, {"project": "", "domain": ""}):
        await Secret.delete("shared", **place)
    await Secret.delete("wide", project="", domain="")
