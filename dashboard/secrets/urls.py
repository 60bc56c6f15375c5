"""Addresses of secrets."""

from django.urls import URLPattern, URLResolver, path

from dashboard.secrets import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("secrets", views.secrets, name="secrets"),
    path("secrets/new", views.new, name="secret-new"),
    path("secrets/<str:at>/<str:name>", views.secret, name="secret"),
    path("secrets/<str:at>/<str:name>/delete", views.delete, name="secret-delete"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
