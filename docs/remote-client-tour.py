"""A tour of `remote_client` in cells: open it as a notebook, or run it as a script.

    make run                                   # in another shell: the platform, with example runs
    PYTHONPATH=. .venv/bin/python docs/remote-client-tour.py

Every call here blocks, as in a script or a notebook without `await`. Inside async code put `await`
before the calls and `async` before the loops; nothing else changes.
"""

# %% Connect. Nothing is sent before the first question.
import os

import remote_client as remote

client = remote.init(
    os.environ.get("FLYTE_ENDPOINT", "localhost:8090"),
    insecure=True,
    project="flytesnacks",
    domain="development",
)
print(client)

# %% Which projects are there?
for project in remote.Project.listall():
    print(project.id, project.state, [domain.id for domain in project.domains])

# %% The newest runs, with what one wants to know at a glance.
runs = list(remote.Run.listall(limit=5))
for run in runs:
    print(f"{run.phase:<10} {run.short_name:<12} {run.duration}  {run.url}")

# %% One run: what went in, what came out, or why nothing did.
run = runs[0]
run.wait(quiet=True)
print(dict(run.inputs()))
try:
    print(run.outputs().named_outputs)
except remote.errors.ActionFailedError as failed:
    print(failed.error_info)

# %% Its actions. Each is a call of a task, within the run.
for action in remote.Action.listall(run.name):
    print(action.name, action.phase, action.short_name)

# %% The log of its first attempt, from the first line to the last.
for number, line in enumerate(remote.Logs.tail(run.action.action_id), start=1):
    print(number, line.message, end="")
    if number == 10:
        break  # the stream behind it is closed at once

# %% Run it again. Inputs that are not named stay as they were.
again = run.rerun()
print(again.name, again.wait(quiet=True))

# %% Errors are named and say what was asked.
try:
    remote.Run.get("no-such-run")
except remote.errors.NotFound as error:
    print(error)

# %% Several platforms, or several people, at once: a client is a value.
elsewhere = client.with_scope(domain="production")
print(len(list(remote.Run.listall(limit=5, client=elsewhere))))
with elsewhere.bound():
    print(len(list(remote.Run.listall(limit=5))))

client.close()
