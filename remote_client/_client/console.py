"""Links to the pages of the web console that belongs to an endpoint."""

from __future__ import annotations

from urllib.parse import quote

from remote_client._client.endpoint import Endpoint

__all__ = ["Console"]


class Console:
    """Addresses of pages, for people.

    `endpoint` is any spelling of the platform's address; `insecure=True` gives http links. A
    platform on this machine's port 8090 has its console on `localhost:8080`; elsewhere both share
    one address, unless `address` names another.
    """

    def __init__(
        self,
        endpoint: str | Endpoint,
        insecure: bool | None = None,
        *,
        address: str | None = None,
    ) -> None:
        parsed = Endpoint.parse(endpoint, insecure=insecure)
        self.endpoint = parsed.address
        self.insecure = parsed.insecure
        self.root = parsed.console_url(address)

    def __repr__(self) -> str:
        return f"Console({self.root!r})"

    def _page(self, project: str, domain: str, *path: str) -> str:
        parts = ("domain", domain, "project", project, *path)
        return f"{self.root}/v2/" + "/".join(quote(part, safe="") for part in parts)

    def project_url(self, project: str, domain: str) -> str:
        """The page of the runs of a project."""
        return self._page(project, domain, "runs")

    def run_url(self, project: str, domain: str, run_name: str) -> str:
        """The page of a run."""
        return self._page(project, domain, "runs", run_name)

    def action_url(self, project: str, domain: str, run_name: str, action_name: str) -> str:
        """The page of a run with one of its actions chosen."""
        return f"{self.run_url(project, domain, run_name)}?i={quote(action_name, safe='')}"

    def task_url(self, project: str, domain: str, task_name: str) -> str:
        """The page of a task."""
        return self._page(project, domain, "tasks", task_name)

    def trigger_url(self, project: str, domain: str, task_name: str, trigger_name: str) -> str:
        """The page of a trigger."""
        return self._page(project, domain, "triggers", task_name, trigger_name)

    def app_url(self, project: str, domain: str, app_name: str) -> str:
        """The page of an app."""
        return self._page(project, domain, "apps", app_name)
