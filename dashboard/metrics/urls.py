"""Addresses of metrics, health and readiness."""

from django.urls import URLPattern, URLResolver, path

from dashboard.metrics import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = []

# Below /
site_urls: list[URLPattern | URLResolver] = [
    path("metrics", views.metrics, name="metrics"),
    path("healthz", views.health, name="health"),
    path("readyz", views.ready, name="ready"),
]
