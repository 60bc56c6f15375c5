"""The merged list of secrets, one secret, and the forms that write them."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access.rights import of_request
from dashboard.errors import PageProblem
from dashboard.live import registry
from dashboard.live.protocol import SecretsArgs
from dashboard.pages import Scope
from dashboard.secrets import changing
from dashboard.secrets.changing import BadSecret, may
from dashboard.secrets.merging import merged, place, secret_url
from dashboard.secrets.pages import (
    AT_PROJECT,
    REACHES,
    NewSecretPage,
    Place,
    SecretPage,
    SecretRow,
    SecretsPage,
)
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client.errors import AlreadyExists, InvalidArgument, NotFound


@require_safe
async def secrets(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="secret.list")
    async with registry.visited(SecretsArgs(project, domain)) as topic:
        rows = await topic.refresh()
        cursor, refusals = topic.cursor, topic.refusals
    search = request.GET.get("q", "").strip()[:253]
    reach = request.GET.get("at", "") if request.GET.get("at") in REACHES else ""
    shown = tuple(
        row for row in rows if search.lower() in row.name.lower() and reach in ("", row.reach)
    )
    keys = {row.key for row in shown}
    page = SecretsPage(
        scope=scope,
        secrets=shown,
        total=len(rows),
        hidden=tuple(row.key for row in rows if row.key not in keys),
        refusals=refusals,
        search=search,
        reach=reach,
        cursor=cursor,
        may_write=_writable(request, scope),
    )
    return render(request, "secrets/list.html", {"page": page})


@sensitive_post_parameters("value")
@require_http_methods(["GET", "HEAD", "POST"])
async def new(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="secret.write")
    given = request.POST if request.method == "POST" else request.GET
    page = NewSecretPage(
        scope=scope,
        places=_places(request, scope),
        name=given.get("name", "").strip()[:300],
        at=given.get("at", AT_PROJECT) if given.get("at") in REACHES else AT_PROJECT,
        kind="image_pull" if given.get("kind") == "image_pull" else "regular",
    )
    if request.method != "POST":
        return render(request, "secrets/new.html", {"page": page})
    return await _create(request, page)


@sensitive_variables("value")
async def _create(request: HttpRequest, page: NewSecretPage) -> HttpResponse:
    scope, at, name = page.scope, page.at, page.name
    await changing.require_reach(request, "secret.write", scope, at, name)
    try:
        value = _value(request)
        await changing.create(request, scope, at, name, value, page.kind)
    except BadSecret as bad:
        return _wrong(request, page, bad.field, str(bad))
    except AlreadyExists:
        says = f"{name} exists already for {place(scope, at)}; open it to give it another value."
        return _wrong(request, page, "name", says)
    except InvalidArgument:
        return _wrong(request, page, "name", "The platform does not take this name or value.")
    messages.success(request, f"Secret {name} is kept for {place(scope, at)}.")
    return redirect(f"{scope.base_url}/secrets")


@sensitive_post_parameters("value")
@require_http_methods(["GET", "HEAD", "POST"])
async def secret(
    request: HttpRequest, domain: str, project: str, at: str, name: str
) -> HttpResponse:
    """What is known of it; POST gives it another value."""
    scope = await existing_scope(
        request, project, domain, action="secret.list", thing=f"{project}/{domain}/{name}"
    )
    if request.method == "POST":
        return await _update(request, scope, at, name)
    return render(request, "secrets/detail.html", {"page": await _page(request, scope, at, name)})


@sensitive_variables("value")
async def _update(request: HttpRequest, scope: Scope, at: str, name: str) -> HttpResponse:
    await changing.require_reach(request, "secret.write", scope, at, name)
    page = await _page(request, scope, at, name)
    try:
        value = _value(request)
        await changing.update(request, scope, at, name, value, page.secret.kind)
    except (BadSecret, InvalidArgument) as bad:
        says = str(bad) if isinstance(bad, BadSecret) else "The platform does not take this value."
        context = {"page": replace(page, error=says)}
        return render(request, "secrets/detail.html", context, status=422)
    except NotFound:
        raise PageProblem(changing.no_secret(scope, at, name)) from None
    messages.success(
        request, f"{name} has another value now. Attempts that start from here on get it."
    )
    return redirect(secret_url(scope, at, name))


@require_POST
async def delete(
    request: HttpRequest, domain: str, project: str, at: str, name: str
) -> HttpResponse:
    scope = await existing_scope(
        request, project, domain, action="secret.delete", thing=f"{project}/{domain}/{name}"
    )
    await changing.require_reach(request, "secret.delete", scope, at, name)
    try:
        await changing.delete(request, scope, at, name)
    except NotFound:
        messages.info(request, f"{name} was gone already.")
    else:
        messages.success(request, f"{name} is deleted for {place(scope, at)}.")
    return redirect(f"{scope.base_url}/secrets")


# --- parts ------------------------------------------------------------------------------------


async def _page(request: HttpRequest, scope: Scope, at: str, name: str) -> SecretPage:
    rows = (await merged(platform(), scope)).rows
    same = [row for row in rows if row.name == name]
    found = next((row for row in same if row.reach == at), None)
    if found is None:
        raise PageProblem(changing.no_secret(scope, at if at in REACHES else AT_PROJECT, name))
    rights = of_request(request)
    return SecretPage(
        scope=scope,
        secret=found,
        snippet=snippet(found),
        others=tuple(row for row in same if row is not found),
        may_write=may(rights, "secret.write", scope, at),
        may_delete=may(rights, "secret.delete", scope, at),
    )


def snippet(row: SecretRow) -> str:
    """How a task asks for it."""
    if row.kind == "image_pull":
        return (
            "image = flyte.Image.from_debian_base(\n"
            f'    registry="registry.example.com/team", registry_secret="{row.name}"\n'
            ")\n"
            'env = flyte.TaskEnvironment(name="my-env", image=image)'
        )
    variable = "".join(char if char.isalnum() else "_" for char in row.name).upper()
    if variable[:1].isdigit():
        variable = f"_{variable}"
    return (
        "env = flyte.TaskEnvironment(\n"
        '    name="my-env",\n'
        f'    secrets=flyte.Secret(key="{row.name}", as_env_var="{variable}"),\n'
        ")\n\n"
        "@env.task\n"
        "async def main() -> None:\n"
        f'    value = os.environ["{variable}"]'
    )


@sensitive_variables("typed", "held")
def _value(request: HttpRequest) -> str | bytes:
    """What was typed, or the bytes of the file. Raises BadSecret when both or none are there."""
    # A form sends line ends as two characters, which nobody typed.
    typed = request.POST.get("value", "").replace("\r\n", "\n")
    uploaded = request.FILES.get("file")
    if uploaded is None:
        return typed
    if typed:
        raise BadSecret("value", "Type the value or choose a file, not both.")
    if (uploaded.size or 0) > changing.MOST_BYTES:
        raise BadSecret("value", f"A value has at most {changing.MOST_BYTES:,} bytes.")
    held: bytes = uploaded.read()
    return held


def _wrong(request: HttpRequest, page: NewSecretPage, field: str, sentence: str) -> HttpResponse:
    context = {"page": replace(page, errors={field: sentence})}
    return render(request, "secrets/new.html", context, status=422)


def _places(request: HttpRequest, scope: Scope) -> tuple[Place, ...]:
    allowed = _writable(request, scope)
    return tuple(Place(reach, place(scope, reach), reach in allowed) for reach in REACHES)


def _writable(request: HttpRequest, scope: Scope) -> tuple[str, ...]:
    rights = of_request(request)
    return tuple(reach for reach in REACHES if may(rights, "secret.write", scope, reach))
