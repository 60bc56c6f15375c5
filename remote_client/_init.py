"""`init`: one client for the whole process, for scripts."""

from __future__ import annotations

from remote_client import _context
from remote_client._client.controlplane import ClientSet
from remote_client.syncify import syncify

__all__ = ["init"]


@syncify.function
async def init(
    endpoint: str | None = None,
    *,
    client: ClientSet | None = None,
    insecure: bool | None = None,
    org: str | None = None,
    project: str | None = None,
    domain: str | None = None,
) -> ClientSet:
    """Make a client the default of this process and return it.

    Give an endpoint, or a client that exists already. Libraries and servers should pass or bind
    clients instead.
    """
    if client is None:
        if endpoint is None:
            raise ValueError("init needs an endpoint or a client.")
        client = await ClientSet.for_endpoint.aio(endpoint, insecure=insecure)
    scoped = client.with_scope(org=org, project=project, domain=domain)
    _context.set_default(scoped)
    return scoped
