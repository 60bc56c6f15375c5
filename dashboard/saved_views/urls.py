"""Addresses of saved views."""

from django.urls import URLPattern, URLResolver, path

from dashboard.saved_views import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("views", views.views, name="saved-views"),
    path("views/<int:view>", views.change, name="saved-view"),
    path("views/<int:view>/delete", views.delete, name="saved-view-delete"),
    path("views/<int:view>/restore", views.restore, name="saved-view-restore"),
    path("views/<int:view>/opening", views.open_with, name="saved-view-opening"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
