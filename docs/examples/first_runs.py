# %% [markdown]
# # First runs with remote_client
#
# From a fresh platform to a run that was launched, watched, read, seen to fail, and stopped. The
# cells build on one another; start them from the folder of the checkout:
#
#     make run                       # in another shell: the platform, on port 8090
#     PYTHONPATH=. .venv/bin/python docs/examples/first_runs.py
#
# Every call below blocks, as it does in any script. Inside a running event loop, and a notebook has
# one, the same calls are awaitable: write `await` before them, and `async for` for the loops.

# %%
import importlib
import os
import sys
from pathlib import Path

import flyte

import remote_client as remote
from remote_client import Action, Logs, Project, Run, Task
from remote_client.errors import ActionAbortedError, ActionFailedError, NotFound

ENDPOINT = os.environ.get("FLYTE_ENDPOINT", "localhost:8090")
PROJECT, DOMAIN = "flytesnacks", "development"
EXAMPLES = Path("examples").resolve()

# %% [markdown]
# ## Connect
#
# `init` makes one client the default of this process. Nothing is sent before the first question. A
# program that serves several people, or several platforms, passes `client=` to each call instead.

# %%
client = remote.init(ENDPOINT, insecure=True, project=PROJECT, domain=DOMAIN)

for project in Project.listall():
    print(project.id, [domain.id for domain in project.domains])

# %% [markdown]
# ## Deploy
#
# Deploying is the work of the Flyte SDK, since the code has to be packed. `flyte deploy
# examples/fanout.py env` in a shell does the same as this cell.

# %%
sys.path.insert(0, str(EXAMPLES))
programs = [importlib.import_module(name) for name in ("fanout", "broken", "chatty")]
flyte.init(
    endpoint=f"dns:///{ENDPOINT}",
    insecure=True,
    project=PROJECT,
    domain=DOMAIN,
    root_dir=EXAMPLES,
)
flyte.deploy(*(program.env for program in programs))

for task in Task.listall():
    print(task.name, task.version[:8], task.description)

# %% [markdown]
# ## Launch
#
# A task is named by its environment and its function. The interface tells what it takes; inputs
# that have a default may be left out, and an unknown one is refused before anything is sent.

# %%
fanout = Task.get("fanout.main", auto_version="latest")
print("fanout.main", fanout.fetch().interface)

run = fanout.run({"gates": 3, "step_s": 0.05})
print("started", run.name, run.url)

# %% [markdown]
# ## Watch
#
# The first list has all actions so far, the later ones what has changed. This watch goes on until
# you stop it; the root action, `a0`, tells when the run is over. The stream reconnects by itself
# when the platform goes away.

# %%
for changed in Action.watchall(run.name):
    for action in changed:
        print(f"{action.phase:<12} {action.short_name:<8} {action.group}")
    if any(action.name == "a0" and action.done() for action in changed):
        break

# %% [markdown]
# ## Read the log
#
# An attempt's log comes line by line from its beginning, and ends when the attempt has ended. To
# wait for a run without watching anything, there is `run.wait()`.

# %%
for line in Logs.tail(run.action.action_id):
    print(f"{line.timestamp:%H:%M:%S} {line.message}", end="")

# %% [markdown]
# ## Inputs and outputs
#
# Both are Python values. Inputs are a mapping; outputs are a tuple, whose values also have names.

# %%
print("inputs ", dict(run.inputs()))
(total,) = run.outputs()
print("outputs", total, run.outputs().named_outputs)

for action in Action.listall(run.name):
    print(action.name, action.phase, action.outputs().rendered())

# %% [markdown]
# ## When it fails
#
# `wait` returns the phase, whatever it is. Asking for the outputs of a run that failed raises an
# error which says why; the failed actions below the root say where.

# %%
failing = Task.get("broken.main", auto_version="latest").run()
print(failing.name, "has", failing.wait(quiet=True))

try:
    failing.outputs()
except ActionFailedError as error:
    print("why:", error.error_info.message.splitlines()[-1])

for action in Action.listall(failing.name, in_phase="failed"):
    print("where:", action.name, dict(action.inputs()))

# %% [markdown]
# What does not exist is an error with a name, too, and its text says what was asked.

# %%
try:
    Run.get("no-such-run")
except NotFound as error:
    print(error)

# %% [markdown]
# ## Stop it
#
# A run that was aborted has no outputs, and remembers the reason.

# %%
endless = Task.get("chatty.main", auto_version="latest").run({"lines": 1_000_000})
endless.wait(quiet=True, wait_for="running")
endless.abort("seen enough")
print(endless.name, "is", endless.wait(quiet=True))

try:
    endless.outputs()
except ActionAbortedError as error:
    print("why:", error.abort_info.reason)

# %%
client.close()
