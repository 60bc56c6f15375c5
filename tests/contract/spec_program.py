"""The task that the specification's snippets call, as a real SDK program."""

import flyte

env = flyte.TaskEnvironment(name="spec")


@env.task
async def another_task(input_param: str = "nothing") -> str:
    """Say what came."""
    print(f"got {input_param}")
    return f"{input_param}!"


@env.task
async def parent(word: str) -> list[str]:
    """Call the task above through `remote_client`, from inside a running task."""
    import remote_client

    await remote_client.init_from_config()
    newest = remote_client.Task.get("spec.another_task", auto_version="latest")
    same_version = remote_client.Task.get("spec.another_task", auto_version="current")
    return [await newest(input_param=word), await same_version(input_param=f"{word} again")]
