"""Addresses of launching."""

from django.urls import URLPattern, URLResolver, path

from dashboard.launching import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("tasks/<str:name>/<str:version>/launch", views.launch, name="launch"),
    path("runs/<str:run>/rerun/edit", views.rerun_edit, name="rerun-form"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
