"""`python -m local_platform --port P --data-dir D`: serves until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import os
import signal
import sys
from pathlib import Path

from local_platform.authorization.entrance import access_of, add_arguments
from local_platform.server import (
    DataFolderTakenError,
    Options,
    PortTakenError,
    Server,
    default_slots,
)

PORT_TAKEN, FOLDER_TAKEN = 3, 4


def main(arguments: list[str] | None = None) -> int:
    """Answers the exit status: 0, or 3 for a taken port, 4 for a data folder in use."""
    options = _options(arguments)
    logging.basicConfig(
        level=os.environ.get("FLIGHTBOARD_LOG_LEVEL", "INFO").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # At DEBUG the one tells headers, and with them tokens; the other only which selector it uses.
    for name in ("hpack", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        asyncio.run(_serve(options))
    except PortTakenError:
        where = f"{options.host}:{options.port}"
        sys.stderr.write(f"{where} is taken: set PLATFORM_PORT (or --port) to a free port.\n")
        return PORT_TAKEN
    except DataFolderTakenError as error:
        sys.stderr.write(f"Another local platform uses the data folder {error}.\n")
        return FOLDER_TAKEN
    return 0


def _options(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m local_platform", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8090, help="port for Connect and gRPC")
    parser.add_argument("--data-dir", type=Path, required=True, help="where everything is kept")
    parser.add_argument(
        "--slots", type=int, default=default_slots(), help="how many actions run at a time"
    )
    parser.add_argument(
        "--console", default="", help="address of the dashboard, where console links are sent on to"
    )
    parser.add_argument(
        "--cold-start",
        action="store_true",
        help="start a new interpreter for every attempt instead of forking one that is warm",
    )
    add_arguments(parser)
    given = parser.parse_args(arguments)
    if not _is_loopback(given.host):
        parser.error("--host must be a loopback address: this platform asks nobody for a password")
    if given.slots < 1:
        parser.error("--slots must be at least 1")
    return Options(
        host=given.host,
        port=given.port,
        data_dir=given.data_dir,
        slots=given.slots,
        console=given.console.rstrip("/"),
        access=access_of(parser, given),
        cold_start=given.cold_start,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _serve(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await Server(options).run(stop)


if __name__ == "__main__":
    sys.exit(main())
