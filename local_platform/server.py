"""The server: opens the data folder, takes the port, serves, and stops in order."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import socket
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config

from local_platform import clock, mounts
from local_platform.asgi import Application, Receive, Scope, Send, answer_json, read_body, redirect
from local_platform.authorization.certificates import Certificates
from local_platform.authorization.entrance import Access, Entrance
from local_platform.changes import Changes
from local_platform.conductor import Conductor
from local_platform.context import Platform
from local_platform.executor import Executor
from local_platform.files_http import Files
from local_platform.fork_server.handle import ForkServer
from local_platform.launch import inherited
from local_platform.layout import Layout
from local_platform.links import DOWNLOAD_ROUTE, UPLOAD_ROUTE, Links, signing_key
from local_platform.log_files import LogFiles
from local_platform.scheduler import Scheduler
from local_platform.secret_values import secret_values
from local_platform.slots import Slots
from local_platform.store import ProjectRecord, Store
from local_platform.streams import Streams

FIRST_PROJECT = "flytesnacks"
# On two cores four tasks at a time keep both busy while some wait for something else, and a
# fan-out of twenty can still be seen queuing.
MIN_SLOTS = 4
# Idle connections of a pool must not be closed under it: the SDK's pool keeps them for 90 s, and
# a gRPC channel for ever. A day is for ever enough, and peers that die close their sockets.
_KEEP_ALIVE_S = 24 * 3600
# hypercorn ends a connection with an error after this many requests. Never, then.
_MAX_REQUESTS = 1 << 62
# More than one process ever watches at a time; hypercorn's 100 would stop a busy dashboard.
_MAX_STREAMS = 10_000
# What connections get to end after all streams were told to. Bounds the whole shutdown.
_CLOSE_S = 1.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_log = logging.getLogger(__name__)


class PortTakenError(Exception):
    """Another program listens on the port."""


class DataFolderTakenError(Exception):
    """Another server works with the data folder."""


@dataclass(frozen=True, slots=True)
class Options:
    host: str
    port: int
    data_dir: Path
    slots: int
    console: str = ""
    """Address of the dashboard, `http://host:port`, for links that the SDK prints on our port."""
    access: Access = field(default_factory=Access)
    """Who may come in, and how."""
    cold_start: bool = False
    """Start a new interpreter for every attempt, without the fork server."""


def default_slots() -> int:
    return max(MIN_SLOTS, os.cpu_count() or 1)


class Server:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._layout = Layout(options.data_dir)
        self._changes = Changes()
        self._fork_server = ForkServer(self._layout, inherited())
        self._executor = Executor(None if options.cold_start else self._fork_server)
        self._logs = LogFiles()
        self._streams = Streams()

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then ends every process and every stream.

        PortTakenError and DataFolderTakenError before anything was changed.
        """
        listener = listen(self._options.host, self._options.port)
        try:
            lock = lock_folder(self._layout)
            try:
                await self._serve(listener, stop)
            finally:
                os.close(lock)
        finally:
            listener.close()

    async def _serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        store = Store(self._layout.database)
        options, port = self._options, listener.getsockname()[1]
        entrance = Entrance(options.access, self._layout, options.host, port, store)
        try:
            platform = self._platform(store, entrance)
            _seed(store)
            if not self._options.cold_start:
                self._fork_server.start()
            platform.conductor.recover()
            scheduler = Scheduler(platform)
            scheduler.start()
            application = self._application(platform, entrance)
            await serve(
                application,
                _config(listener, entrance.certificates),
                shutdown_trigger=lambda: self._until_stopped(stop, platform, scheduler),
            )
        finally:
            self._logs.stop()
            self._executor.detach()
            self._fork_server.close()
            store.close()
            entrance.close()

    async def _until_stopped(
        self, stop: asyncio.Event, platform: Platform, scheduler: Scheduler
    ) -> None:
        """Waits for `stop`; then actions end first, so that their watchers are told how."""
        await stop.wait()
        await scheduler.stop()
        await platform.conductor.stop()
        self._changes.stop()
        self._logs.stop()

    def _platform(self, store: Store, entrance: Entrance) -> Platform:
        conductor = Conductor(
            store=store,
            changes=self._changes,
            slots=Slots(self._options.slots),
            executor=self._executor,
            logs=self._logs,
            layout=self._layout,
            site=entrance.site(self._layout),
            secret_values=partial(secret_values, store),
        )
        links = Links(self._layout.root, signing_key(self._layout.signing_key))
        return Platform(store, conductor, self._changes, self._logs, self._layout, links)

    def _application(self, platform: Platform, entrance: Entrance) -> Application:
        files = Files(platform.links)
        routes = {
            "/healthz": self._health,
            "/-": self._report_streams,
            UPLOAD_ROUTE: files.upload,
            DOWNLOAD_ROUTE: files.download,
            **entrance.handlers(),
        }
        if self._options.console:
            routes["/v2"] = self._to_console
        services = mounts.services(platform, entrance.origin, entrance.authority)
        hosts = _LOOPBACK | {self._options.host}
        return Application(services, mounts.streaming(), routes, self._streams, hosts)

    async def _to_console(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The SDK prints console links on the platform's own port, unless that is 8090."""
        await read_body(receive, 0)
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        await redirect(send, f"{self._options.console}{path}{'?' if query else ''}{query}")

    async def _health(self, scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive, 0)
        await answer_json(send, {"status": "ok"})

    async def _report_streams(self, scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive, 0)
        await answer_json(send, self._streams.report())


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. PortTakenError when the port has a listener already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise PortTakenError(str(error)) from error
    listener.setblocking(False)
    return listener


def lock_folder(layout: Layout) -> int:
    """Makes the data folder this server's own until the descriptor is closed."""
    layout.create()
    lock = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise DataFolderTakenError(str(layout.root)) from error
    return lock


def _config(listener: socket.socket, tls: Certificates | None) -> Config:
    config = Config()
    if tls is not None:
        config.certfile, config.keyfile = str(tls.server), str(tls.key)
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.keep_alive_timeout = _KEEP_ALIVE_S
    config.keep_alive_max_requests = _MAX_REQUESTS
    config.h2_max_concurrent_streams = _MAX_STREAMS
    config.graceful_timeout = _CLOSE_S
    config.loglevel = "WARNING"
    config.include_server_header = False
    return config


def _seed(store: Store) -> None:
    """A first project, so that a new platform can be used at once."""
    at = clock.now()
    if not store.projects.all():
        record = ProjectRecord(FIRST_PROJECT, FIRST_PROJECT, "", "{}", 0, at, at)
        store.projects.create(record)
