"""Addresses of triggers."""

from django.urls import URLPattern, URLResolver, path

from dashboard.triggers import editing, views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("triggers", views.triggers, name="triggers"),
    path("triggers/switch", views.switch, name="triggers-switch"),
    path("triggers/new", editing.new, name="trigger-new"),
    path("triggers/preview", editing.preview, name="trigger-preview"),
    path("triggers/<str:task>/<str:name>", views.trigger, name="trigger"),
    path("triggers/<str:task>/<str:name>/edit", editing.edit, name="trigger-edit"),
    path("triggers/<str:task>/<str:name>/delete", views.delete, name="trigger-delete"),
    path("triggers/<str:task>/<str:name>/run", views.run_now, name="trigger-run"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
