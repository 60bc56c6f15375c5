"""Tables of the run index: a copy of what the platform knows, which can be built again any time.

Moments are whole microseconds since 1970 and 0 for none, so that every order is total and every
page can begin behind a key, on SQLite and on PostgreSQL alike.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class IndexedScope(models.Model):
    """One project in one domain, and how far the index has read it."""

    project = models.CharField(max_length=255)
    domain = models.CharField(max_length=255)
    walked_to_us = models.BigIntegerField(default=0)
    """How far back the first reading has come: the creation of the last run read; 0 for not yet."""
    is_walked = models.BooleanField(default=False)
    synced_us = models.BigIntegerField(default=0)
    """Everything that changed before was read."""
    generation = models.PositiveIntegerField(default=0)
    """The number of the whole reading that its rows belong to."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "domain"], name="index_scope_once")
        ]

    def __str__(self) -> str:
        return f"{self.project}/{self.domain}"


class IndexedRun(models.Model):
    """One run, as lists show it."""

    scope = models.ForeignKey(
        IndexedScope, on_delete=models.CASCADE, related_name="runs", db_index=False
    )
    name = models.CharField(max_length=255)
    phase = models.PositiveSmallIntegerField()
    """The phase's number on the wire; 0 for one that is not known."""
    task = models.CharField(max_length=1024, default="")
    version = models.CharField(max_length=255, default="")
    owner = models.CharField(max_length=255, default="")
    owner_key = models.CharField(max_length=255, default="")
    """The owner in lower case."""
    owner_id = models.CharField(max_length=255, default="")
    source = models.CharField(max_length=32, default="")
    trigger = models.CharField(max_length=255, default="")
    labels = models.JSONField(default=list)
    """Pairs of key and value, sorted."""
    label_lines = models.TextField(default="")
    """The same as `key=value` lines with a line break around each, for looking them up."""
    started_us = models.BigIntegerField()
    ended_us = models.BigIntegerField(default=0)
    duration_us = models.BigIntegerField(default=-1)
    """-1 while it goes on."""
    attempts = models.PositiveIntegerField(default=0)
    error_line = models.TextField(default="")
    error_class = models.CharField(max_length=255, default="")
    fingerprint = models.CharField(max_length=32, default="")
    """Equal for errors that differ in numbers, names and addresses alone."""
    search = models.TextField(default="")
    """What free words are looked for in, in lower case."""
    is_explained = models.BooleanField(default=True)
    """False until what lists don't tell (labels, the error) was asked for."""
    generation = models.PositiveIntegerField(default=0)
    """The reading that last saw it: whatever a whole reading did not see is gone."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "name"], name="index_run_once")
        ]
        # Each ends with what pages go by: (what is sorted by,) creation. Runs of one microsecond
        # are put in order by the database as it reads. The phase behind it is for counting.
        indexes: ClassVar = [
            models.Index(fields=["started_us", "phase"], name="ix_started_phase"),
            models.Index(fields=["ended_us"], name="ix_ended"),
            models.Index(fields=["phase", "started_us"], name="ix_phase"),
            models.Index(fields=["owner_key", "started_us"], name="ix_owner"),
            models.Index(fields=["owner_id", "started_us"], name="ix_owner_id"),
            models.Index(fields=["phase", "ended_us"], name="ix_phase_ended"),
            models.Index(fields=["scope", "started_us", "phase"], name="ix_scope_started_phase"),
            models.Index(fields=["scope", "phase", "started_us"], name="ix_scope_phase"),
            models.Index(fields=["scope", "task", "started_us"], name="ix_scope_task"),
            models.Index(fields=["scope", "name", "started_us"], name="ix_scope_name"),
            models.Index(fields=["scope", "version", "started_us"], name="ix_scope_version"),
            models.Index(fields=["scope", "source", "started_us"], name="ix_scope_source"),
            models.Index(fields=["scope", "trigger", "started_us"], name="ix_scope_trigger"),
            models.Index(fields=["scope", "owner_key", "started_us"], name="ix_scope_owner"),
            models.Index(fields=["scope", "ended_us", "started_us"], name="ix_scope_ended"),
            models.Index(fields=["scope", "duration_us", "started_us"], name="ix_scope_duration"),
            models.Index(
                fields=["started_us"], name="ix_unexplained", condition=models.Q(is_explained=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope_id}/{self.name}"


class IndexLease(models.Model):
    """The one server process that feeds the index, and how the index fares (one row)."""

    holder = models.CharField(max_length=64, default="")
    until_us = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16, default="new")
    """`new`, `building`, `built` or `off`."""
    message = models.TextField(default="")
    """Why it is off, or what went wrong last."""
    heard_us = models.BigIntegerField(default=0)
    """When the feeder last heard from the platform."""

    def __str__(self) -> str:
        return f"index: {self.state}"
