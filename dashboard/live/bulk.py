"""Topic `bulk`: what became of each run of one act on many, as it goes on."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

from dashboard.live import draw
from dashboard.live.protocol import BulkArgs, State
from dashboard.live.topic import BoardTopic
from dashboard.run_lists.bulk import BulkJob, jobs
from remote_client.errors import NotFound

TEMPLATE = "runs/bulk_result.html"


class BulkTopic(BoardTopic):
    """Reads a job of this very process; it ends with the job."""

    async def pump(self) -> None:
        args = self.key.args
        assert isinstance(args, BulkArgs)
        job = jobs.find(self.scope, args.job)
        if job is None:
            raise NotFound("These results are not here any more.")
        self.set_state(State("live", datetime.now(UTC)))
        async with aclosing(job.changes()) as changes:
            async for _ in changes:
                self._put(job)
                self.touch()

    def flush(self) -> None:
        self.board.commit()

    def _put(self, job: BulkJob) -> None:
        for number, result in enumerate(job.results.values()):
            paint = partial(draw.partial, TEMPLATE, "result", result=result)
            self.board.put_row(result.run, result, paint, rank=(number,))
        summary = job.summary
        paint = partial(draw.partial, TEMPLATE, "summary", summary=summary)
        self.board.put_part("summary", summary, paint)
