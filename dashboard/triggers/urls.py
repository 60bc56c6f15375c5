"""Addresses of triggers."""

from django.urls import URLPattern, URLResolver

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = []

# Below /
site_urls: list[URLPattern | URLResolver] = []
