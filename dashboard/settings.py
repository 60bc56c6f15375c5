"""Django's settings. What an operator may change comes from the environment, a name each.

| variable          | default                              | meaning                               |
|-------------------|--------------------------------------|---------------------------------------|
| FLYTE_ENDPOINT    | localhost:8090                       | the platform, host:port               |
| FLYTE_INSECURE    | 1 for a loopback endpoint, else 0    | no TLS to the platform                |
| FLYTE_CA_CERT     | the system's                         | PEM file of the authorities to trust  |
| FLIGHTBOARD_HOME  | .flightboard in the checkout         | folder of database, key and log spool |
| DATABASE_URL      | SQLite in FLIGHTBOARD_HOME           | sqlite:///path or postgres://…        |
| SECRET_KEY        | made once, kept in FLIGHTBOARD_HOME  | signs sessions; 32 characters or more |
| ALLOWED_HOSTS     | localhost,127.0.0.1,[::1]            | host names that the dashboard answers |
| FLIGHTBOARD_HTTPS | 0                                    | 1 behind a proxy that ends TLS        |
| FLIGHTBOARD_LOG_LEVEL | INFO                             | how much is logged                    |
| DEBUG             | 0                                    | debug pages; never in the open        |
| TOKEN_KEYS        | made once, kept in FLIGHTBOARD_HOME  | seal tokens; the first one seals      |
| SIGN_IN_CLIENT_ID | what the platform announces          | this dashboard's id at its server     |
| OIDC_ISSUER       | none                                 | a provider for people, by its address |
| OIDC_CLIENT_ID    | flightboard                          | this dashboard's id there             |
| OIDC_CLIENT_SECRET| none                                 | for a client that has one             |
| OIDC_SCOPES       | openid,profile,email                 | what is asked of the provider         |
| OIDC_GROUPS_CLAIM | groups                               | where it tells a person's groups      |
| LOCAL_ACCOUNTS    | 1                                    | the form for accounts with passwords  |
| DEMO_PEOPLE       | none                                 | name=what; one click each, local only |
| FLYTE_SERVICE_CLIENT_ID, …_SECRET | none                 | the service identity's credentials    |
| RUN_INDEX         | 1                                    | keep a copy of all runs for searching |
| LOG_SPOOL_MAX_MB  | 4096                                 | saved logs in all; 0 for no limit     |
| LOG_SPOOL_MAX_DAYS| 30                                   | after the last look; 0 for no limit   |
| DEFAULT_ROLE      | none                                 | what everybody has who is signed in   |
| ROLE_GROUPS       | none                                 | group=role[@project]; …               |
| FILE_STORES       | none                                 | folders and buckets of tasks' files   |
| REPORT_HOSTS      | none                                 | where reports may load scripts from   |
| REDIS_URL         | none                                 | tells several processes of changes    |
| METRICS_TOKEN     | none: loopback alone may ask         | bearer token for /metrics             |

docs/dashboard.md explains each. A value that makes no sense stops the start with one clear line.
"""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from dashboard import environment
from dashboard.access import mapping
from dashboard.identity import sealing

BASE_DIR = Path(__file__).resolve().parent.parent
FLIGHTBOARD_HOME = environment.home("FLIGHTBOARD_HOME", BASE_DIR / ".flightboard")

# --- the platform ---------------------------------------------------------------------------------

FLYTE_ENDPOINT = environment.endpoint("FLYTE_ENDPOINT", "localhost:8090")
FLYTE_INSECURE = environment.boolean("FLYTE_INSECURE", environment.is_plain(FLYTE_ENDPOINT))
FLYTE_CA_CERT = environment.existing_file("FLYTE_CA_CERT")
FLYTE_SERVICE_CLIENT_ID = environment.text("FLYTE_SERVICE_CLIENT_ID", "")
FLYTE_SERVICE_CLIENT_SECRET = environment.text("FLYTE_SERVICE_CLIENT_SECRET", "")
RUN_INDEX = environment.boolean("RUN_INDEX", True)

# --- Django ---------------------------------------------------------------------------------------

DEBUG = environment.boolean("DEBUG", False)
SECRET_KEY = environment.secret_key("SECRET_KEY", FLIGHTBOARD_HOME)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "daphne",
    "channels",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "template_partials",
    "csp",
    "social_django",
    "axes",
    "dashboard",
    "dashboard.index",
    "dashboard.saved_views",
    "dashboard.wall",
]

MIDDLEWARE = [
    "dashboard.middleware.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "dashboard.static_files.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dashboard.middleware.SignInRequired",
    "dashboard.places.RememberPlaces",
    "dashboard.middleware.RemoteErrors",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "dashboard.frame.frame",
            ],
        },
    }
]

DATABASES = {"default": environment.database("DATABASE_URL", FLIGHTBOARD_HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- sign-in --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "dashboard.Person"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator")
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SIGN_IN_LINK_LIFETIME_S = 15 * 60

# Guessing passwords: five tries for a name from an address, then none for a quarter of an hour.
AUTHENTICATION_BACKENDS = [
    "dashboard.access.limits.GuessLimit",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "dashboard.access.addresses.address_for_limits"
AXES_LOCKOUT_CALLABLE = "dashboard.views.errors.too_many_tries"
# The audit log holds the sign-ins; a second table of them is one more thing to keep.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

TOKEN_KEYS = sealing.read_keys("TOKEN_KEYS", FLIGHTBOARD_HOME)
SIGN_IN_CLIENT_ID = environment.text("SIGN_IN_CLIENT_ID", "")
OIDC_ISSUER = environment.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = environment.text("OIDC_CLIENT_ID", "flightboard")
OIDC_CLIENT_SECRET = environment.text("OIDC_CLIENT_SECRET", "")
OIDC_SCOPES = environment.words("OIDC_SCOPES", ["openid", "profile", "email"])
OIDC_GROUPS_CLAIM = environment.text("OIDC_GROUPS_CLAIM", "groups")
LOCAL_ACCOUNTS = environment.boolean("LOCAL_ACCOUNTS", True)
DEMO_PEOPLE = environment.pairs("DEMO_PEOPLE")
# Without tokens of the platform's nothing else tells when a person's sign-in should be repeated.
OIDC_SIGN_IN_LIFETIME_S = 12 * 3600

SOCIAL_AUTH_AUTHENTICATION_BACKENDS = (
    "dashboard.identity.providers.PlatformSignIn",
    "dashboard.identity.providers.ProviderSignIn",
)
SOCIAL_AUTH_STRATEGY = "dashboard.identity.providers.Strategy"
SOCIAL_AUTH_PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_names",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.social_user",
    "social_core.pipeline.user.get_username",
    "social_core.pipeline.user.create_user",
    "social_core.pipeline.social_auth.associate_user",
    # Not load_extra_data, which would write tokens in plain text.
    "social_core.pipeline.user.user_details",
    "dashboard.identity.pipeline.refuse_inactive",
    "dashboard.identity.pipeline.keep_tokens",
    "dashboard.identity.pipeline.hand_over_groups",
)
SOCIAL_AUTH_REQUESTS_TIMEOUT = 5.0
SOCIAL_AUTH_VERIFY_SSL = FLYTE_CA_CERT or True

# --- saved logs -----------------------------------------------------------------------------------

LOG_SPOOL_MAX_MB = environment.number("LOG_SPOOL_MAX_MB", 4096)
LOG_SPOOL_MAX_DAYS = environment.number("LOG_SPOOL_MAX_DAYS", 30)

# --- roles ----------------------------------------------------------------------------------------

DEFAULT_ROLE = mapping.role_or_none("DEFAULT_ROLE", environment.text("DEFAULT_ROLE", ""))
ROLE_GROUPS = mapping.group_roles("ROLE_GROUPS", environment.text("ROLE_GROUPS", ""))

# --- what tasks write -----------------------------------------------------------------------------

FILE_STORES = environment.words("FILE_STORES", [])
REPORT_HOSTS = environment.words("REPORT_HOSTS", [])

# --- operations -----------------------------------------------------------------------------------

REDIS_URL = environment.text("REDIS_URL", "")
METRICS_TOKEN = environment.text("METRICS_TOKEN", "")

# --- transport security ---------------------------------------------------------------------------

FLIGHTBOARD_HTTPS = environment.boolean("FLIGHTBOARD_HTTPS", False)
if FLIGHTBOARD_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_SSL_REDIRECT = True
    # A proxy asks for the health of this server over the plain connection between the two.
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
# Whether browsers ship with this host on their list is for its owner to ask, not for us to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = FLIGHTBOARD_HTTPS
# Cookies belong to a host whatever its port: names of our own keep another server on localhost,
# which uses Django's names, from signing people out.
SESSION_COOKIE_NAME = "flightboard_session"
CSRF_COOKIE_NAME = "flightboard_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "dashboard.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- static files ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = FLIGHTBOARD_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dashboard.static_files.HashedFiles"},
}
# Files that nobody has collected yet (tests, a first look) are served from where they lie.
WHITENOISE_USE_FINDERS = True

# --- words and clocks -----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "filters": {"links": {"()": "dashboard.redacting.WithoutLinkTokens"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["links"],
        }
    },
    "root": {
        "handlers": ["stderr"],
        "level": environment.log_level("FLIGHTBOARD_LOG_LEVEL", "INFO"),
    },
    "loggers": {
        # One line a request is noise beside daphne's own.
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        # The addresses, headers and bodies of requests may hold what no log should, at any level.
        **{
            name: {"level": "WARNING"}
            for name in ("httpx", "httpcore", "hpack", "urllib3", "oauthlib", "requests_oauthlib")
        },
    },
}
