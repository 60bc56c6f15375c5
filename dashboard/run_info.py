"""What a run was started with, and which run it came from, for the head of its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dashboard import links
from dashboard.pages import Scope
from remote_client import RunDetails

_RELATIONS = {
    "rerun": "Rerun of",
    "recover": "Recovered from",
    "spawn": "Started by",
    "trigger": "Triggered by",
    "artifact": "Started after",
}


@dataclass(frozen=True)
class RunInfo:
    rows: tuple[tuple[str, str], ...] = ()
    """Name and value of each setting that the platform tells of."""
    labels: tuple[tuple[str, str], ...] = ()
    relation: tuple[str, str, str] | None = None
    """What the other run is to this one, its name and the link to it."""


def run_info(details: RunDetails) -> RunInfo:
    return RunInfo(
        rows=tuple(_rows(details)),
        labels=tuple(sorted(details.labels.items())),
        relation=_relation(details),
    )


def _relation(details: RunDetails) -> tuple[str, str, str] | None:
    relation = details.relation
    if relation is None:
        return None
    scope = Scope(project=relation.project, domain=relation.domain)
    words = _RELATIONS.get(relation.kind, "Related to")
    return (words, relation.run_name, links.run_url(scope, relation.run_name))


def _rows(details: RunDetails) -> Iterator[tuple[str, str]]:
    options = details.options
    told = (
        ("Environment", details.environment_name),
        ("Trigger", details.trigger_name),
        ("Queue", options.queue),
        ("Cluster pool", options.cluster_pool),
        ("Service account", options.service_account),
        ("Raw data", options.raw_data_path),
        ("Run data", details.run_base_dir),
        ("Interruptible", _yes_no(options.interruptible)),
        ("Cached outputs", "computed anew" if options.overwrite_cache else ""),
        ("At most at once", _number(options.max_action_concurrency)),
        ("Environment variables", _pairs(options.env_vars)),
        ("Annotations", _pairs(options.annotations)),
    )
    for name, value in told:
        if value:
            yield name, value


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _number(value: int | None) -> str:
    return f"{value} actions" if value else ""


def _pairs(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(values.items()))
