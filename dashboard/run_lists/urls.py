"""Addresses of run lists."""

from django.urls import URLPattern, URLResolver, re_path

from dashboard.run_lists import bulk_views, export

# Below /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    re_path(r"^runs\.(?P<kind>csv|json)$", export.export, name="runs-export"),
    re_path(r"^bulk/(?P<act>abort|rerun)$", bulk_views.act_on_many, name="runs-bulk"),
    re_path(
        r"^bulk/(?P<act>abort|rerun)/(?P<job>[\w-]{8,64})$",
        bulk_views.result,
        name="runs-bulk-result",
    ),
]

# Below /
site_urls: list[URLPattern | URLResolver] = []
