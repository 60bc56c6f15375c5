"""`init`: one client for the whole process, for scripts."""

from __future__ import annotations

import os
from pathlib import Path

from remote_client import _context
from remote_client._client.auth import AuthOptions
from remote_client._client.controlplane import ClientSet
from remote_client.syncify import syncify

__all__ = ["init", "init_from_api_key", "init_from_config"]


@syncify.function
async def init(
    endpoint: str | None = None,
    *,
    client: ClientSet | None = None,
    insecure: bool | None = None,
    org: str | None = None,
    project: str | None = None,
    domain: str | None = None,
    auth: AuthOptions | None = None,
    ca_cert_file_path: str | Path | None = None,
    insecure_skip_verify: bool = False,
) -> ClientSet:
    """Make a client the default of this process and return it.

    Give an endpoint (see `ClientSet.for_endpoint`), or a client that exists already. Libraries and
    servers should pass or bind clients instead.
    """
    if client is None:
        if endpoint is None:
            raise ValueError("init needs an endpoint or a client.")
        client = await ClientSet.for_endpoint.aio(
            endpoint,
            insecure=insecure,
            auth=auth,
            ca_cert_file_path=ca_cert_file_path,
            insecure_skip_verify=insecure_skip_verify,
        )
    return _as_default(client.with_scope(org=org, project=project, domain=domain))


@syncify.function
async def init_from_config(
    config_file: str | Path | None = None,
    *,
    org: str | None = None,
    project: str | None = None,
    domain: str | None = None,
) -> ClientSet:
    """As `init`, from the config file and the environment: see `ClientSet.from_env`."""
    return _as_default(
        await ClientSet.from_env.aio(config_file, org=org, project=project, domain=domain)
    )


@syncify.function
async def init_from_api_key(
    api_key: str | None = None,
    *,
    org: str | None = None,
    project: str | None = None,
    domain: str | None = None,
) -> ClientSet:
    """As `init`, from an API key, by default the one in FLYTE_API_KEY. Raises ValueError."""
    key = api_key or os.environ.get("FLYTE_API_KEY", "")
    if not key:
        raise ValueError("No API key: pass it, or set FLYTE_API_KEY.")
    return _as_default(
        await ClientSet.for_api_key.aio(key, org=org, project=project, domain=domain)
    )


def _as_default(client: ClientSet) -> ClientSet:
    _context.set_default(client)
    return client
