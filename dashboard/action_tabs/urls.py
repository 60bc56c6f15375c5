"""Addresses about one action of a run, beside the run's page."""

from django.urls import URLPattern, URLResolver, path

from dashboard.action_tabs import answering, report, values

_ACTION = "runs/<str:run>/actions/<str:action>"

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path(f"{_ACTION}/signal", answering.signal, name="action-signal"),
    path(f"{_ACTION}/abort", answering.abort, name="action-abort"),
    path(f"{_ACTION}/attempts/<int:attempt>/report", report.report, name="action-report"),
    path(f"{_ACTION}/values/<str:side>/<str:value>/<str:what>", values.value, name="value"),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
