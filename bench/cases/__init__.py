"""The benchmarks, in the order of the table.

To add one: a module here with an `async def measure(effort) -> list[Row]`, and its line below.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bench.cases import attempts, client_logs, client_watches
from bench.effort import Effort
from bench.rows import Row

Case = Callable[[Effort], Awaitable[list[Row]]]

CASES: dict[str, Case] = {
    "client-logs": client_logs.measure,
    "client-watches": client_watches.measure,
    "attempts": attempts.measure,
}
