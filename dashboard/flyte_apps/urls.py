"""Addresses of flyte apps."""

from django.urls import URLPattern, URLResolver, path

from dashboard.flyte_apps import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("apps", views.apps, name="flyte-apps"),
    path("apps/<str:name>", views.app, name="flyte-app"),
    path("apps/<str:name>/switch", views.switch, name="flyte-app-switch"),
    path("apps/<str:name>/delete", views.delete, name="flyte-app-delete"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
