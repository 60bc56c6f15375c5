"""Addresses of compare."""

from django.urls import URLPattern, URLResolver, path

from dashboard.compare import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [path("compare", views.compare, name="compare")]

# Below /
site_urls: list[URLPattern | URLResolver] = []
