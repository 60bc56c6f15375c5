"""Addresses of home."""

from django.urls import URLPattern, URLResolver, path

from dashboard.home import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = []

# Below /
site_urls: list[URLPattern | URLResolver] = [path("", views.home, name="home")]
