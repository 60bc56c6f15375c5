"""Asks a question, and reports before and after the answer: `asking_program.py HOST:PORT`."""

from __future__ import annotations

import sys
from pathlib import Path

import flyte
import flyte.report

env = flyte.TaskEnvironment(name="asking")

PAGE = "<p id='said'>{}</p><script>document.getElementById('said').dataset.ran = '1'</script>"


@env.task(report=True)
async def main(prompt: str = "<b>Ship</b> the release?") -> str:
    """Wait for somebody's word."""
    await flyte.report.replace.aio(PAGE.format("waiting"))
    await flyte.report.flush.aio()
    condition = flyte.new_condition("go", prompt=prompt, data_type=int, timeout=600)
    number = await condition.wait.aio()
    await flyte.report.replace.aio(PAGE.format(f"answered {number}"))
    await flyte.report.flush.aio()
    return f"shipped {number}"


if __name__ == "__main__":
    flyte.init(
        endpoint=f"dns:///{sys.argv[1]}",
        insecure=True,
        project="flytesnacks",
        domain="development",
        root_dir=Path(__file__).parent,
    )
    print(flyte.run(main).name)
