"""Identifiers of runs and actions, as messages that every call accepts."""

from __future__ import annotations

from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier

__all__ = ["ActionIdentifier", "RunIdentifier"]
