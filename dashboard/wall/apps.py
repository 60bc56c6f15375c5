"""A Django app of its own, for it has tables."""

from django.apps import AppConfig


class WallConfig(AppConfig):
    name = "dashboard.wall"
    label = "wall"
