"""Limits how often passwords can be guessed: django-axes, made ready for views on the loop."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from axes.backends import AxesStandaloneBackend
from django.http import HttpRequest


class GuessLimit(AxesStandaloneBackend):
    """Asked before the passwords are looked at; refuses whoever was wrong too often."""

    async def aauthenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """As `authenticate`. Raises PermissionDenied."""
        await sync_to_async(self.authenticate)(request, **credentials)

    async def aget_user(self, user_id: int) -> None:
        """It knows nobody: the next backend does."""
