"""Makes sure that a local account exists and prints a one-time link that signs its browser in."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse

from dashboard import sign_in_links
from dashboard.access import audit
from dashboard.models import Grant, Person


class Command(BaseCommand):
    help = "Print a one-time sign-in link for a local account, which is made when it is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default="local")
        parser.add_argument(
            "--port",
            type=int,
            default=int(os.environ.get("DASHBOARD_PORT", "8080")),
            help="port of the dashboard that the link leads to (default: DASHBOARD_PORT or 8080)",
        )

    def handle(self, *args: Any, username: str, port: int, **options: Any) -> None:
        person, is_new = Person.objects.get_or_create(username=username)
        if is_new:
            person.set_unusable_password()
            person.save()
        # Whoever has a shell on this machine has its database too: nothing to be kept from them.
        grant, is_given = Grant.objects.get_or_create(
            person=person, project="", origin=Grant.BY_HAND, defaults={"role": "admin"}
        )
        if is_given:
            thing = f"{username}: {grant}"
            audit.write(person="", action="grant.give", thing=thing, detail="from the shell")
        path = reverse("sign-in-link", args=[sign_in_links.make(person)])
        # `localhost`, as in the SDK's console links: a cookie belongs to the host that set it.
        self.stdout.write(f"http://localhost:{port}{path}")
