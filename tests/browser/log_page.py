"""What the browser tests do with a log: put a long one in place, and read through it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Page

from dashboard.live.spool import LogSpool, spool_folder
from remote_client import LogLine

BATCH = 1000
START = datetime(2026, 5, 4, 12, tzinfo=UTC)


def save_log(
    home: Path, endpoint: str, run: str, count: int, text: Callable[[int], str], action: str = "a0"
) -> None:
    """Let the dashboard have saved this log of an attempt already, as if it had tailed it."""
    names = ("flytesnacks", "development", run, action, "1")
    folder = spool_folder(home, endpoint, *names)
    shutil.rmtree(folder, ignore_errors=True)
    spool = LogSpool(folder)
    for first in range(1, count + 1, BATCH):
        numbers = range(first, min(first + BATCH, count + 1))
        spool.append(
            [LogLine.of(text(n), timestamp=START + timedelta(milliseconds=n)) for n in numbers]
        )
    spool.finish()
    spool.close()


async def lines_in_sight(page: Page) -> list[int]:
    """Numbers of the lines that can be seen now, none of them on its way."""
    found = await page.wait_for_function(
        """() => {
            if (document.querySelector(".is-missing")) return null;
            const box = document.querySelector(".log-box").getBoundingClientRect();
            const seen = [...document.querySelectorAll(".log-line")].filter((line) => {
                const { top, bottom } = line.getBoundingClientRect();
                return bottom > box.top + 1 && top < box.bottom - 1;
            }).map((line) => Number(line.id.slice(1)));
            return seen.length ? seen : null;
        }"""
    )
    numbers: list[int] = await found.json_value()
    return numbers


async def read_through(page: Page) -> dict[int, str]:
    """Every line's text by number, by scrolling from the top to the end."""
    texts: dict[str, str] = await page.evaluate(
        """async () => {
            const box = document.querySelector(".log-box");
            const seen = {};
            const frame = () => new Promise(requestAnimationFrame);
            const settled = async () => {
                do await frame(); while (document.querySelector(".is-missing"));
                for (const line of box.querySelectorAll(".log-line")) {
                    seen[line.id.slice(1)] = line.querySelector(".log-text").textContent;
                }
            };
            box.scrollTop = 0;
            await settled();
            for (;;) {
                const before = box.scrollTop;
                box.scrollTop += box.clientHeight * 0.7;
                await frame();
                await settled();
                if (box.scrollTop === before) return seen;
            }
        }"""
    )
    return {int(number): text for number, text in texts.items()}
