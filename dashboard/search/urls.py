"""Addresses of search."""

from django.urls import URLPattern, URLResolver, path

from dashboard.search import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = []

# Below /
site_urls: list[URLPattern | URLResolver] = [
    path("search", views.search, name="search"),
    path("search.json", views.search_json, name="search-json"),
]
