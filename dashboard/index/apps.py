"""A Django app of its own, for it has tables."""

from django.apps import AppConfig


class RunIndexConfig(AppConfig):
    name = "dashboard.index"
    label = "run_index"
