"""Everything between an installation and a dashboard that can start, in one process.

Migrates the database, collects the static files, makes the local account, and prints a one-time
link for it. One process, because starting Python and Django three times costs seconds.
"""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, collect static files, and print a one-time sign-in link."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("local_account", stdout=self.stdout)
