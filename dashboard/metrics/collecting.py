"""Turns the relay's plain numbers into metrics at the moment that they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from dashboard.live import registry as topics
from dashboard.live.counts import Counts, counts
from dashboard.upstream import open_platforms

PREFIX = "flightboard_"

_HELP = {
    "sockets_open": "Pages' sockets that are open now.",
    "sockets_opened": "Pages' sockets that were opened.",
    "sockets_stuck": "Sockets closed since their page acknowledged nothing for too long.",
    "sockets_broken": "Sockets closed since the dashboard's own code failed.",
    "messages_received": "Messages that pages sent.",
    "messages_refused": "Messages that were no part of the protocol.",
    "frames_sent": "Frames sent to pages.",
    "characters_sent": "Characters of the frames' bodies sent to pages.",
    "windows_shut": "Times that a page was behind by a whole window of frames.",
    "viewers_joined": "Subscriptions of pages, and readings by pages as they were served.",
    "viewers_resumed": "Of those, how many went on from what their page had.",
    "upstreams_opened": "Streams opened to the platform.",
    "upstreams_shared": "Joins that found their stream open.",
    "upstreams_broken": "Times that a stream broke and was opened again.",
    "upstreams_failed": "Streams that ended since the dashboard's own code failed.",
}


class RelayCollector:
    """Reads the process's counts and the hub of the loop that it is made on."""

    def __init__(self) -> None:
        self._hub = topics.hub()

    def collect(self) -> Iterator[Metric]:
        yield from _counted(counts)
        upstreams = _gauge("upstreams", "Streams to the platform that are held.", "topic", "state")
        viewers = _gauge("viewers", "Viewers of those streams.", "topic", "state")
        for kind, (held, watching) in self._hub.census().items():
            upstreams.add_metric(kind, held)
            viewers.add_metric(kind, watching)
        yield upstreams
        yield viewers
        tasks = _gauge("tasks", "Tasks on the server's loop.")
        tasks.add_metric((), len(asyncio.all_tasks()))
        yield tasks
        yield from _platforms()


def _counted(numbers: Counts) -> Iterator[Metric]:
    for each in fields(numbers):
        kind = GaugeMetricFamily if each.name == "sockets_open" else CounterMetricFamily
        yield kind(PREFIX + each.name, _HELP[each.name], value=getattr(numbers, each.name))


def _platforms() -> Iterator[Metric]:
    identities = _gauge("platform_identities", "Identities with a connection to the platform.")
    streams = _gauge("platform_streams", "Streams open on those connections.")
    silent = _gauge("platform_unreachable_seconds", "How long the platform has not answered.")
    here = open_platforms()
    identities.add_metric((), len(here))
    streams.add_metric((), sum(each.open_streams for each in here))
    since = [each.unreachable_since for each in here if each.unreachable_since]
    now = datetime.now(UTC)
    silent.add_metric((), max(((now - each).total_seconds() for each in since), default=0.0))
    yield from (identities, streams, silent)


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, words, labels=labels)


def registry() -> CollectorRegistry:
    """What `/metrics` says, for the running loop: the process, Python, and the relay."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    made.register(RelayCollector())
    return made
