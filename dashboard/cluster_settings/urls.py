"""Addresses of settings."""

from django.urls import URLPattern, URLResolver, path

from dashboard.cluster_settings import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("settings", views.settings, name="settings"),
    path("settings/<str:level>/edit", views.edit, name="settings-edit"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
