"""Each noun brings its own operations of the API."""

from ninja import Router

from dashboard import logs_api
from dashboard.action_tabs import api as action_tabs_api
from dashboard.cluster_settings import api as cluster_settings_api
from dashboard.compare import api as compare_api
from dashboard.flyte_apps import api as flyte_apps_api
from dashboard.home import api as home_api
from dashboard.launching import api as launching_api
from dashboard.projects import api as projects_api
from dashboard.run_lists import api as run_lists_api
from dashboard.saved_views import api as saved_views_api
from dashboard.search import api as search_api
from dashboard.secrets import api as secrets_api
from dashboard.tasks import api as tasks_api
from dashboard.triggers import api as triggers_api
from dashboard.wall import api as wall_api

ROUTERS: tuple[Router, ...] = (
    action_tabs_api.router,
    cluster_settings_api.router,
    compare_api.router,
    flyte_apps_api.router,
    home_api.router,
    launching_api.router,
    logs_api.router,
    projects_api.router,
    run_lists_api.router,
    saved_views_api.router,
    search_api.router,
    secrets_api.router,
    tasks_api.router,
    triggers_api.router,
    wall_api.router,
)
