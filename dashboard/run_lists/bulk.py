"""Aborts or reruns many runs at once: a job with a result for each run, which goes on by itself.

A job belongs to the server process that does it, and its results are kept for an hour. What was
done stays in the audit log, an entry for each run.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from django.http import HttpRequest

from dashboard import links
from dashboard.aborting import abort_run
from dashboard.errors import PageProblem
from dashboard.pages import Scope
from dashboard.phases import style_of
from dashboard.rerunning import rerun_run
from remote_client.errors import PermissionDenied, RemoteError

logger = logging.getLogger(__name__)

MOST_RUNS = 200
"""Of one job: two pages of a list."""

AT_ONCE = 6
"""Runs of one job that the platform is asked about at the same time."""

KEPT_S = 3600.0
MOST_JOBS = 500

ABORT, RERUN = "abort", "rerun"

# How it went for a run.
WAITING, DONE, ENDED, REFUSED, FAILED = "waiting", "done", "ended", "refused", "failed"


@dataclass(frozen=True)
class BulkResult:
    """What became of one run."""

    run: str
    url: str
    outcome: str = WAITING
    says: str = ""
    """In words: the error, or what phase it had."""
    new_run: str = ""
    new_url: str = ""


@dataclass(frozen=True)
class BulkSummary:
    """How far the act has come; live part `summary`."""

    act: str
    total: int
    done: int
    ended: int
    refused: int
    failed: int
    left: int

    @property
    def answered(self) -> int:
        return self.total - self.left


@dataclass(eq=False)
class BulkJob:
    """One act on many runs, as far as it has come."""

    scope: Scope
    act: str
    reason: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    results: dict[str, BulkResult] = field(default_factory=dict)
    begun_at: float = field(default_factory=time.monotonic)
    task: asyncio.Task[None] | None = None
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_over(self) -> bool:
        return not self.count(WAITING)

    def count(self, *outcomes: str) -> int:
        return sum(result.outcome in outcomes for result in self.results.values())

    @property
    def summary(self) -> BulkSummary:
        return BulkSummary(
            act=self.act,
            total=len(self.results),
            done=self.count(DONE),
            ended=self.count(ENDED),
            refused=self.count(REFUSED),
            failed=self.count(FAILED),
            left=self.count(WAITING),
        )

    def put(self, result: BulkResult) -> None:
        self.results[result.run] = result
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Until it is over, but not for ever."""
        if self.task is not None:
            await asyncio.wait({self.task}, timeout=timeout_s)

    async def changes(self) -> AsyncGenerator[None, None]:
        """Now, and after each result; ends when the job is over."""
        while True:
            moved = self._moved
            yield
            if self.is_over:
                return
            await moved.wait()


class Jobs:
    """The process's jobs by id; the oldest go first."""

    def __init__(self) -> None:
        self._jobs: dict[str, BulkJob] = {}

    def find(self, scope: Scope, number: str) -> BulkJob | None:
        found = self._jobs.get(number)
        return found if found is not None and found.scope == scope else None

    def begin(
        self, request: HttpRequest, scope: Scope, act: str, runs: Sequence[str], reason: str = ""
    ) -> BulkJob:
        """Start it; it goes on whether or not somebody looks."""
        job = BulkJob(scope, act, reason)
        for run in dict.fromkeys(runs):
            job.results[run] = BulkResult(run, links.run_url(scope, run))
        self._forget_oldest()
        self._jobs[job.id] = job
        job.task = asyncio.create_task(_work(request, job))
        return job

    def _forget_oldest(self) -> None:
        oldest = time.monotonic() - KEPT_S
        over = [job for job in self._jobs.values() if job.is_over]
        for job in over:
            if job.begun_at < oldest or len(self._jobs) >= MOST_JOBS:
                del self._jobs[job.id]


jobs = Jobs()
"""The process's own."""


# --- the work -----------------------------------------------------------------------------------


async def _work(request: HttpRequest, job: BulkJob) -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    act = {ABORT: _abort, RERUN: _rerun}[job.act]

    async def one(waiting: BulkResult) -> None:
        async with gate:
            job.put(await _told(request, job, waiting, act))

    await asyncio.gather(*(one(result) for result in list(job.results.values())))


Act = Callable[[HttpRequest, BulkJob, BulkResult], Awaitable[BulkResult]]


async def _told(request: HttpRequest, job: BulkJob, waiting: BulkResult, act: Act) -> BulkResult:
    """The result, whatever happens: one run that fails must not hide the others."""
    try:
        return await act(request, job, waiting)
    except PageProblem as problem:
        return replace(waiting, outcome=FAILED, says=problem.page.message)
    except PermissionDenied as error:
        return replace(waiting, outcome=REFUSED, says=error.message)
    except RemoteError as error:
        return replace(waiting, outcome=FAILED, says=error.message)
    except Exception:
        logger.exception("Run %s of job %s could not be worked off.", waiting.run, job.id)
        says = "Flightboard failed; its log says why."
        return replace(waiting, outcome=FAILED, says=says)


async def _abort(request: HttpRequest, job: BulkJob, waiting: BulkResult) -> BulkResult:
    found = await abort_run(request, job.scope, waiting.run, job.reason)
    if found.phase.is_terminal:
        word = style_of(found.phase.value).label.lower()
        return replace(waiting, outcome=ENDED, says=f"had ended already ({word})")
    return replace(waiting, outcome=DONE, says="is being aborted")


async def _rerun(request: HttpRequest, job: BulkJob, waiting: BulkResult) -> BulkResult:
    started = await rerun_run(request, job.scope, waiting.run)
    return replace(
        waiting,
        outcome=DONE,
        says="started again",
        new_run=started.name,
        new_url=links.run_url(job.scope, started.name),
    )
