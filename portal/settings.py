"""Settings, read from the environment; .env.example lists every variable. No secret has a default.

PORTAL_DEMO=1 (set by `python3 dev.py demo`) allows plain HTTP and uncollected static files.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured
from xstatic.pkg import bootstrap

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(env.str("PORTAL_ENV_FILE", default=str(BASE_DIR / ".env")))


def required(name: str, meaning: str) -> str:
    """Return a variable that has no default; raises ImproperlyConfigured saying what to set."""
    value: str = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. It is {meaning}. Set it in the environment or in .env "
            "(.env.example lists every variable; `python3 dev.py secrets` prints fresh secrets)."
        )
    return value


# Process
DEBUG = env.bool("DEBUG", default=False)
PORTAL_DEMO = env.bool("PORTAL_DEMO", default=False)
SECRET_KEY = required("SECRET_KEY", "the key that signs sessions, OAuth states and queued tasks")
PUBLIC_URL = required("PUBLIC_URL", "the address people and HubSpot see").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
if not (HTTPS or DEBUG or PORTAL_DEMO):
    raise ImproperlyConfigured("PUBLIC_URL must start with https:// outside the demo.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
VAR_DIR = Path(env.str("PORTAL_VAR", default=str(BASE_DIR / "var")))
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "integrations",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "crispy_bootstrap5",
    "crispy_forms",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_q",
    "rest_framework",
]
MIDDLEWARE = [
    "integrations.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "integrations.context.frame",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database: PostgreSQL only. CONN_MAX_AGE=0 made webhooks 3.5 times slower.
if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db_url("DATABASE_URL")}
    if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// URL: nothing else works.")
else:
    DATABASES = {
        "default": {
            "ENGINE": "portal.postgres",
            "NAME": "postgres",
            "OPTIONS": {"directory": str(VAR_DIR / "postgres")},
        }
    }
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}

# Worker. A waiting task is locked too: keep retry > timeout * (1 + (queue_limit + bulk) / workers).
Q_CLUSTER = {
    "name": "portal",
    "orm": "default",
    "workers": env.int("WORKERS", default=2),
    "queue_limit": 2,
    "bulk": 1,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": -1,
    "poll": 0.2,
    "recycle": 500,
}

# Secrets at rest
ENCRYPTION_KEYS = required(
    "ENCRYPTION_KEYS", 'a comma-separated list of "keyid:base64url of 64 bytes"; the first encrypts'
).split(",")
DIGEST_KEY = required("DIGEST_KEY", "the key of the digests that stand for synced values")

# HubSpot. The burst and the rate stay 5 % below 110 calls in 10 s: burst + 10 * rate.
HUBSPOT_CLIENT_ID = required("HUBSPOT_CLIENT_ID", "the client id of your HubSpot app")
HUBSPOT_CLIENT_SECRET = required("HUBSPOT_CLIENT_SECRET", "the client secret of your HubSpot app")
HUBSPOT_APP_ID = env.int("HUBSPOT_APP_ID", default=0)
HUBSPOT_API_URL = env.str("HUBSPOT_API_URL", default="https://api.hubapi.com").rstrip("/")
HUBSPOT_APP_URL = env.str("HUBSPOT_APP_URL", default="https://app.hubspot.com").rstrip("/")
HUBSPOT_BURST = env.float("HUBSPOT_BURST", default=10.0)
HUBSPOT_RATE = env.float("HUBSPOT_RATE", default=9.5)
HUBSPOT_SEARCH_BURST = env.float("HUBSPOT_SEARCH_BURST", default=1.0)
HUBSPOT_SEARCH_RATE = env.float("HUBSPOT_SEARCH_RATE", default=3.8)

# RXNT, Thena, Magentrix, Xentral: where they are (the last two: only a stand-in's address), limits
RXNT_API_URL = env.str("RXNT_API_URL", default="https://app2.rxnt.com").rstrip("/")
RXNT_API_ROOT = env.str(
    "RXNT_API_ROOT", default="/MasterIndexExternalAPIServices/masterindexexternalapi/v1"
)
RXNT_SAVE_PATIENT_PATH = env.str(
    "RXNT_SAVE_PATIENT_PATH", default="/patientdashboard/patient/SavePatient"
)
RXNT_DOB_FORMAT = env.str("RXNT_DOB_FORMAT", default="%Y-%m-%d")
RXNT_RATE = env.float("RXNT_RATE", default=10.0)
RXNT_BURST = env.float("RXNT_BURST", default=50.0)
RXNT_TIMEOUT = env.float("RXNT_TIMEOUT", default=30.0)
THENA_API_URL = env.str("THENA_API_URL", default="https://platform.thena.ai").rstrip("/")
THENA_APPS_URL = env.str("THENA_APPS_URL", default="https://apps-studio.thena.ai").rstrip("/")
THENA_ACCOUNTS_BY_IDS = env.str("THENA_ACCOUNTS_BY_IDS", default="")
THENA_RATE = env.float("THENA_RATE", default=1.5)
THENA_BURST = env.float("THENA_BURST", default=10.0)
THENA_EVENTS_RATE = env.float("THENA_EVENTS_RATE", default=1.5)
THENA_EVENTS_BURST = env.float("THENA_EVENTS_BURST", default=10.0)
MAGENTRIX_API_URL = env.str("MAGENTRIX_API_URL", default="").rstrip("/")
MAGENTRIX_RATE = env.float("MAGENTRIX_RATE", default=5.0)
MAGENTRIX_BURST = env.float("MAGENTRIX_BURST", default=10.0)
XENTRAL_API_URL = env.str("XENTRAL_API_URL", default="").rstrip("/")
XENTRAL_RATE = env.float("XENTRAL_RATE", default=1.5)
XENTRAL_BURST = env.float("XENTRAL_BURST", default=10.0)

# Webhooks: what comes in, and whether tenants may have theirs sent to private hosts
WEBHOOK_MAX_BYTES = env.int("WEBHOOK_MAX_BYTES", default=1_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = max(WEBHOOK_MAX_BYTES, 2_500_000)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000  # a value list of 500 entries has two inputs for each
ENDPOINTS_PRIVATE = env.bool("ENDPOINTS_PRIVATE", default=PORTAL_DEMO)

# How long history is kept
EVENT_RETENTION_DAYS = env.int("EVENT_RETENTION_DAYS", default=30)
RUN_RETENTION_DAYS = env.int("RUN_RETENTION_DAYS", default=90)
AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", default=2190)

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Logging in
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=8)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
# Whoever may look at devices could else copy everybody's second factor.
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
OTP_TOTP_ISSUER = env.str("OTP_ISSUER", default="HubSpot integration portal")

# Browser safety
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 86_400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        # Browsers hold the redirect that follows a form to this, too: connecting goes to HubSpot.
        "form-action": ["'self'", "{0.scheme}://{0.netloc}".format(urlsplit(HUBSPOT_APP_URL))],
        "frame-ancestors": ["'none'"],
    }
}

# REST. Tokens are the only way in; the counts of the throttles are in each web process's memory.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["integrations.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "integrations.api.openapi.Schema",
    "DEFAULT_THROTTLE_RATES": {"token": f"{env.int('API_CALLS_PER_MINUTE', default=600)}/min"},
    "NUM_PROXIES": int(BEHIND_PROXY),
}
MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {"default": {"BACKEND": MEMORY, "OPTIONS": {"MAX_ENTRIES": 20_000}}}

# Static files. The demo serves them where they lie; production collects them once per release.
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", bootstrap.BASE_DIR)]
WHITENOISE_USE_FINDERS = DEBUG or PORTAL_DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Languages and time: instants are kept in UTC and shown in the user's zone.
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# Logs
LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "integrations.logs.JsonFormatter"},
        "plain": {"()": "integrations.logs.PlainFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # one line per answer comes from our middleware
        "django.server": {"handlers": [], "propagate": True},
        "django-q": {"handlers": [], "propagate": True},
        "gunicorn.error": {"handlers": [], "propagate": True},
    },
}
