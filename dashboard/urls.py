"""Every address of the dashboard, top to bottom. Below /v2/ they are what the SDK prints."""

from django.urls import URLPattern, URLResolver, include, path

from dashboard.action_tabs import urls as action_tabs_urls
from dashboard.api import routes as api
from dashboard.cluster_settings import urls as cluster_settings_urls
from dashboard.compare import urls as compare_urls
from dashboard.flyte_apps import urls as flyte_apps_urls
from dashboard.home import urls as home_urls
from dashboard.launching import urls as launching_urls
from dashboard.metrics import urls as metrics_urls
from dashboard.patterns import urls as patterns_urls
from dashboard.projects import urls as projects_urls
from dashboard.run_lists import urls as run_lists_urls
from dashboard.saved_views import urls as saved_views_urls
from dashboard.search import urls as search_urls
from dashboard.secrets import urls as secrets_urls
from dashboard.tasks import urls as tasks_urls
from dashboard.triggers import urls as triggers_urls
from dashboard.views import (
    audit,
    logs,
    people,
    projects,
    provider,
    run,
    runs,
    session,
    tokens,
)
from dashboard.wall import urls as wall_urls

# /v2/domain/<domain>/project/<project>/runs/<run>/
run_urls = [
    path("", run.run, name="run"),
    path("/abort", run.abort, name="run-abort"),
    path("/rerun", run.rerun, name="run-rerun"),
    path(
        "/actions/<str:action>/attempts/<int:attempt>/log.txt",
        logs.raw_log,
        name="log-raw",
    ),
    path(
        "/actions/<str:action>/attempts/<int:attempt>/log.json",
        logs.window,
        name="log-window",
    ),
    path(
        "/actions/<str:action>/attempts/<int:attempt>/log.found",
        logs.search,
        name="log-search",
    ),
]

# /v2/domain/<domain>/project/<project>/
scope_urls: list[URLPattern | URLResolver] = [
    path("runs", runs.runs, name="runs"),
    path("runs/<str:run>", include(run_urls)),
]

# Each noun lists its own addresses.
_NOUNS = (
    action_tabs_urls,
    cluster_settings_urls,
    compare_urls,
    flyte_apps_urls,
    home_urls,
    launching_urls,
    metrics_urls,
    patterns_urls,
    projects_urls,
    run_lists_urls,
    saved_views_urls,
    search_urls,
    secrets_urls,
    tasks_urls,
    triggers_urls,
    wall_urls,
)
for _noun in _NOUNS:
    scope_urls += _noun.scope_urls
site_urls = [address for noun in _NOUNS for address in noun.site_urls]

# /sign-in, /sign-out
session_urls = [
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-in/link/<str:token>", session.sign_in_link, name="sign-in-link"),
    path("sign-in/with/<str:kind>", provider.begin, name="sign-in-begin"),
    path("complete/<str:kind>/", provider.complete, name="sign-in-complete"),
    path("sign-out", session.sign_out, name="sign-out"),
]

# What admins keep, and each person's own tokens.
access_urls = [
    path("people", people.people, name="people"),
    path("people/<int:person>/grants", people.give, name="grant-give"),
    path("people/<int:person>/grants/<int:grant>/take", people.take, name="grant-take"),
    path("people/<int:person>/active", people.set_active, name="person-active"),
    path("audit", audit.audit, name="audit"),
    path("audit.jsonl", audit.export, name="audit-export"),
    path("tokens", tokens.own_tokens, name="tokens"),
    path("tokens/<int:token>/revoke", tokens.revoke, name="token-revoke"),
]

urlpatterns = [
    path("v2/projects", projects.projects, name="projects"),
    path("v2/domain/<str:domain>/project/<str:project>/", include(scope_urls)),
    *site_urls,
    *session_urls,
    *access_urls,
    path("api/v1/", api.urls),
    path("api/<path:rest>", api.unknown, name="api-unknown"),
]

handler400 = "dashboard.views.errors.bad_request"
handler403 = "dashboard.views.errors.forbidden"
handler404 = "dashboard.views.errors.not_found"
handler500 = "dashboard.views.errors.server_error"
