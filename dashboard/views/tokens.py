"""A person's own API tokens: made, shown once, revoked."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import audit, tokens
from dashboard.access.guard import require
from dashboard.access.pages import TokenRow, TokensPage
from dashboard.access.permissions import GRANTABLE, Role
from dashboard.access.rights import of_request
from dashboard.errors import PageProblem, home_link
from dashboard.models import ApiToken, Person
from dashboard.pages import ErrorPage
from dashboard.people import person_of


class TokenForm(forms.Form):
    name = forms.CharField(max_length=80)
    role = forms.ChoiceField(choices=[(role.key, role.key) for role in GRANTABLE])
    project = forms.CharField(max_length=255, required=False)
    days = forms.IntegerField(min_value=1, max_value=tokens.LONGEST_DAYS)


@require_http_methods(["GET", "HEAD", "POST"])
async def own_tokens(request: HttpRequest) -> HttpResponse:
    """The list; a POST makes a token, and its answer is the only page that ever shows it."""
    await require(request, "token.own")
    person = person_of(request)
    assert person is not None
    if request.method != "POST":
        return await _list(request, person)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return await _list(request, person, error="A name, a role and 1 to 365 days are needed.")
    try:
        token, text = await sync_to_async(tokens.make)(
            person,
            name=form.cleaned_data["name"],
            role=Role.named(form.cleaned_data["role"]),
            project=form.cleaned_data["project"],
            days=form.cleaned_data["days"],
        )
    except tokens.NotGiven as refusal:
        await audit.record(request, "token.make", result=audit.REFUSED, detail=str(refusal))
        return await _list(request, person, error=str(refusal))
    await audit.record(request, "token.make", _thing(token))
    return await _list(request, person, new_token=text)


@require_POST
async def revoke(request: HttpRequest, token: int) -> HttpResponse:
    person = person_of(request)
    assert person is not None
    found = await sync_to_async(tokens.revoke)(person, token)
    if found is None:
        raise PageProblem(_no_token())
    await audit.record(request, "token.revoke", _thing(found))
    messages.success(request, f"Token {found.name} no longer works.")
    return redirect("tokens")


async def _list(
    request: HttpRequest, person: Person, *, new_token: str = "", error: str = ""
) -> HttpResponse:
    highest = of_request(request).highest
    page = TokensPage(
        tokens=await sync_to_async(_rows)(person),
        roles=tuple(role.key for role in GRANTABLE if role <= highest),
        new_token=new_token,
        error=error,
        api_url=request.build_absolute_uri("/api/v1/"),
    )
    return render(request, "tokens/list.html", {"page": page}, status=400 if error else 200)


def _rows(person: Person) -> tuple[TokenRow, ...]:
    return tuple(
        TokenRow(
            id=token.pk,
            name=token.name,
            role=token.role,
            project=token.project,
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
            is_good=token.is_good,
            is_revoked=token.revoked_at is not None,
        )
        for token in ApiToken.objects.filter(person=person)[:200]
    )


def _thing(token: ApiToken) -> str:
    return f"{token.name}: {token.role} {f'in {token.project}' if token.project else 'anywhere'}"


def _no_token() -> ErrorPage:
    return ErrorPage(
        404,
        "No such token",
        "You have no token of that number.",
        "Look at the list of your tokens.",
        links=(("API tokens", reverse("tokens")), home_link()),
    )
