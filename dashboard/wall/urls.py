"""Addresses of the wall and of its links."""

from django.urls import URLPattern, URLResolver, path

from dashboard.wall import link_views, views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("wall", views.scope_wall, name="scope-wall"),
    path("wall/links", link_views.scope_links, name="scope-wall-links"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = [
    path("wall", views.wall, name="wall"),
    path("wall/link/<str:token>", views.link, name="wall-link"),
    path("wall/links", link_views.all_links, name="wall-links"),
    path("wall/links/<int:number>/revoke", link_views.revoke, name="wall-link-revoke"),
]
