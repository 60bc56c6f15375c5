"""Addresses of patterns."""

from django.urls import URLPattern, URLResolver, path

from dashboard.patterns import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = []

# Below /
site_urls: list[URLPattern | URLResolver] = [path("patterns", views.patterns, name="patterns")]
