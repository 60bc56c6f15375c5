"""Addresses of tasks."""

from django.urls import URLPattern, URLResolver, path

from dashboard.tasks import views

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("tasks", views.tasks, name="tasks"),
    path("tasks/<str:name>", views.task, name="task"),
    path("tasks/<str:name>/<str:version>", views.task, name="task-version"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
