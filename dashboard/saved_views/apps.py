"""A Django app of its own, for it has tables."""

from django.apps import AppConfig


class SavedViewsConfig(AppConfig):
    name = "dashboard.saved_views"
    label = "saved_views"
