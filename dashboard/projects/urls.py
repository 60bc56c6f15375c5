"""Addresses of projects."""

from django.urls import URLPattern, URLResolver, path

from dashboard.projects import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = []

# Below /; a project may be called "new", so making one stands beside them.
site_urls: list[URLPattern | URLResolver] = [
    path("v2/new-project", views.new, name="project-new"),
    path("v2/projects/<str:project>", views.project, name="project"),
    path("v2/projects/<str:project>/edit", views.edit, name="project-edit"),
    path("v2/projects/<str:project>/archive", views.archive, name="project-archive"),
    path("v2/projects/<str:project>/restore", views.restore, name="project-restore"),
]
