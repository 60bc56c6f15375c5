"""Signing in and out: by password, or by a one-time link from this machine's shell."""

from __future__ import annotations

from ipaddress import ip_address

from asgiref.sync import sync_to_async
from django import forms
from django.conf import settings
from django.contrib.auth import aauthenticate
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import sign_in_links
from dashboard.errors import error_response
from dashboard.identity import sessions
from dashboard.identity.ways import sign_in_page
from dashboard.pages import ErrorPage
from dashboard.people import person_of


class SignInForm(forms.Form):
    username = forms.CharField(
        label="User name",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
async def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return await _sign_in_by_password(request)
    reason = _REASONS.get(request.GET.get("reason", ""), "")
    if person_of(request) and not reason:
        return HttpResponseRedirect(safe_next(request, request.GET.get("next", "")))
    # Signing in again won't help everybody then, and sending people round in a circle even less.
    return await _form_page(request, SignInForm(), request.GET.get("next", ""), reason)


_REASONS = {
    "platform": "The platform does not accept Flightboard's own credentials.",
    "ended": "Your sign-in has ended. Sign in again to go on where you were.",
}


async def _sign_in_by_password(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST)
    next_url = request.POST.get("next", "")
    if not settings.LOCAL_ACCOUNTS:
        return await _form_page(request, form, next_url, "There are no local accounts.", 400)
    if not form.is_valid():
        return await _form_page(request, form, next_url, "Both fields are needed.", 400)
    person = await aauthenticate(request, **form.cleaned_data)
    if person is None:
        error = "No account has this user name and password."
        return await _form_page(request, form, next_url, error, 400)
    await sessions.abegin(request, person)
    return HttpResponseRedirect(safe_next(request, next_url))


async def _form_page(
    request: HttpRequest, form: SignInForm, next_url: str, error: str, status: int = 200
) -> HttpResponse:
    page = await sign_in_page(next_url, error, is_local=is_local(request))
    context = {"page": page, "form": form}
    return await sync_to_async(render)(request, "session/sign_in.html", context, status=status)


@login_not_required
@require_GET
async def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Redeem a one-time link; only for a browser on this machine."""
    person = await sync_to_async(sign_in_links.redeem)(token) if is_local(request) else None
    if person is None:
        return await sync_to_async(error_response)(request, _dead_link())
    await sessions.abegin(request, person)
    return redirect("home")


@require_POST
async def sign_out(request: HttpRequest) -> HttpResponse:
    await sessions.end(request)
    return redirect("sign-in")


def safe_next(request: HttpRequest, next_url: str) -> str:
    """Where the person wanted to go, if that is a page of ours; else the first one."""
    is_safe = url_has_allowed_host_and_scheme(
        next_url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return next_url if is_safe else reverse("home")


def is_local(request: HttpRequest) -> bool:
    """Whether the browser runs on this machine; what a proxy passes on never counts as that."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _dead_link() -> ErrorPage:
    return ErrorPage(
        410,
        "This link does not work",
        "It has been used, is too old, or was opened on another machine.",
        "On the machine that runs Flightboard, `python manage.py local_account` prints a new one.",
        links=(("Sign in", reverse("sign-in")),),
    )
