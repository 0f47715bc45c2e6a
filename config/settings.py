"""Settings of every installation. They read the environment only; docs/configuration.md lists the variables.

REGISTRY_ENV=production refuses to start where a secret or the host names are missing. Anything else is an evaluation
on this computer: its secret key is generated once and kept in var/.
"""

import datetime
import os
import tomllib
from pathlib import Path

from csp.constants import NONE, SELF

from config import environment

BASE_DIR = Path(__file__).resolve().parent.parent
# Its one source: nothing is installed that could tell it.
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
PRODUCTION = environment.production()
PRACTICE = environment.practice()
# The directory for everybody at `/`; alone: without the staff's site and API, for a database role that reads no more.
PUBLIC_ONLY = environment.flag("REGISTRY_PUBLIC_ONLY")
PUBLIC_SITE = PUBLIC_ONLY or environment.flag("REGISTRY_PUBLIC_SITE", default=True)
VAR_DIR = Path(os.environ.get("REGISTRY_VAR") or BASE_DIR / "var").absolute()
if PRACTICE:
    VAR_DIR /= "practice"
DEBUG = environment.flag("REGISTRY_DEBUG") and not PRODUCTION

SECRET_KEY = environment.secret_key(VAR_DIR / "secret_key")
ALLOWED_HOSTS = environment.allowed_hosts()
CSRF_TRUSTED_ORIGINS = environment.names("REGISTRY_CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "registry",
    "alliance",
    "bench",  # the command generate_registry
    "config",  # backup and restore
    "registry.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
]

MIDDLEWARE = [
    "registry.security.current.CurrentRequestMiddleware",
    "config.middleware.MethodsMiddleware",
    "config.middleware.HealthMiddleware",
    "registry.api.middleware.ApiHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.CompressedPagesMiddleware",
    "config.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "registry.api.middleware.UploadLimitMiddleware",
    "registry.api.middleware.ReadableAddressMiddleware",
    "config.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "registry.site.sessions.SessionRulesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

if PUBLIC_ONLY:  # nobody logs in, and the database shows neither accounts nor sessions
    _OF_ACCOUNTS = (
        "sessions",
        "auth",
        "messages",
        "csrf",
        "History",
        "axes",
        "UploadLimit",
    )
    MIDDLEWARE = [name for name in MIDDLEWARE if not any(part in name for part in _OF_ACCOUNTS)]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# --- Database

DATABASES = {"default": environment.database(VAR_DIR / "postgres")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Milliseconds after which a statement of a web request is given up (config/wsgi.py). Commands have no limit;
# what may take longer (exports) sets its own.
WEB_STATEMENT_TIMEOUT = environment.number("REGISTRY_STATEMENT_TIMEOUT", 10_000)

# Reading changes nothing that history records.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# --- Accounts

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "registry.second_factor.rules.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # also where the log-in was to lead to another site
# Cookies know no ports: on one computer the practice copy would end the sessions of the registry.
COOKIE_PREFIX = "practice_" if PRACTICE else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = environment.number("REGISTRY_IDLE_MINUTES", 30, minimum=1) * 60
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60  # of the one-time links by which the owner of an account sets a password
# Which roles need a second factor where the page of a role says nothing else: none, private (those that see private
# data or look after accounts), or all.
SECOND_FACTOR = environment.second_factor()
OTP_TOTP_ISSUER = environment.text("REGISTRY_SITE_NAME", 60) or "AI registry"  # as the authenticator app names it

# Sign-in by somebody else's system (OpenID Connect): off without an issuer, and then nothing of it is imported.
OIDC_ISSUER = environment.web_address("REGISTRY_OIDC_ISSUER")
OIDC_NAME = environment.text("REGISTRY_OIDC_NAME", 60) or "OpenID Connect"  # on the button of the log-in page
OIDC_CLAIM = environment.text("REGISTRY_OIDC_CLAIM", 60) or "preferred_username"  # names the account
OIDC_GROUPS_CLAIM = environment.text("REGISTRY_OIDC_GROUPS_CLAIM", 60) or "groups"
OIDC_ROLES = environment.pairs("REGISTRY_OIDC_ROLES")
OIDC_RP_CLIENT_ID = environment.needed_with("REGISTRY_OIDC_ISSUER", "REGISTRY_OIDC_CLIENT_ID")
OIDC_RP_CLIENT_SECRET = environment.needed_with("REGISTRY_OIDC_ISSUER", "REGISTRY_OIDC_CLIENT_SECRET")
OIDC_RP_SCOPES = environment.text("REGISTRY_OIDC_SCOPES") or "openid profile"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_CREATE_USER = False  # an administrator opens accounts
OIDC_TIMEOUT = 10
OIDC_AUTHENTICATION_CALLBACK_URL = "oidc_end"
if OIDC_ISSUER:
    AUTHENTICATION_BACKENDS.append("registry.sign_in.backend.OpenIdBackend")

# Failed log-ins within the time after which log-in is open again; registry/site/login.py tells whom they close it to.
AXES_HANDLER = "registry.site.login.LoginHandler"
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_FAILURE_LIMIT = 5  # for one account from one address
LOGIN_FAILURES_OF_ADDRESS = 50  # over all accounts
LOGIN_FAILURES_OF_ACCOUNT = 50  # over all addresses
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # what a right password makes forgotten
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who goes on guessing keeps nobody out for longer
AXES_LOCKOUT_CALLABLE = "registry.site.error_pages.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "registry.api.access.clients.login_address"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]  # kept masked, as passwords are
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # registry.site.login writes log-ins into the log of security events
AXES_ENABLE_ADMIN = False  # registry.site.accounts shows what the staff needs of it, in both languages

# --- Languages, time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = "config.formats"

# --- Files

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"
# All of a form with files. 20,000 rows of everything that can be said of an organization have some 10 MB.
UPLOAD_MAX_BYTES = environment.number("REGISTRY_UPLOAD_MAX_MB", 50, minimum=1) << 20
# One file that is attached to a record, such as the scan of a form.
ATTACHMENT_MAX_BYTES = environment.number("REGISTRY_ATTACHMENT_MAX_MB", 20, minimum=1) << 20
# So many uploaded files are read at once on this machine; each may take a processor and 512 MiB.
IMPORT_READERS = environment.number("REGISTRY_IMPORT_READERS", 2, minimum=1)
# So many papers are set as PDF at once on this machine; each may take a processor and 700 MiB.
PAPER_SETTERS = environment.number("REGISTRY_PAPER_SETTERS", 2, minimum=1)
# A directory with fonts of one's own, for names with rare characters.
PAPER_FONTS = os.environ.get("REGISTRY_FONTS", "")
# Days after which the files of imports are dropped, and imports that were never applied.
IMPORT_KEEP_DAYS = environment.number("REGISTRY_IMPORT_KEEP_DAYS", 30, minimum=1)
# How many days other data are kept, for `retention`; 0 is for ever. The least is what laws ask for.
KEEP_DAYS = {
    # Logs of log-ins: Cybersecurity Law, article 21 III, six months at least.
    "logins": environment.number("REGISTRY_LOG_KEEP_DAYS", 365, minimum=184),
    # Looks at personal data and receipts of files: PIPL, article 56, three years at least.
    "receipts": environment.number("REGISTRY_RECEIPT_KEEP_DAYS", 1096, minimum=1096),
    # What the history says of persons who are not entered any more.
    "person_history": environment.number("REGISTRY_PERSON_HISTORY_DAYS", 1096),
    "representatives": environment.number("REGISTRY_ENDED_REPRESENTATIVE_DAYS", 1096),
    "office_holders": environment.number("REGISTRY_ENDED_OFFICE_DAYS", 0),
    # After so many days without use an account is closed.
    "unused_accounts": environment.number("REGISTRY_ACCOUNT_UNUSED_DAYS", 90),
}
# A verification of an organization holds for so many months.
VERIFY_MONTHS = environment.number("REGISTRY_VERIFY_MONTHS", 12, minimum=1)
# Days after which the start page reminds of a backup; 0 where the database has backups of its own.
BACKUP_DAYS = environment.number("REGISTRY_BACKUP_DAYS", 7)
# What one person may not change alone.
TWO_PERSONS = environment.two_persons()
# A form or JSON body; uploaded files do not count here.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # an admin selection of some thousand rows
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Safety of the browser

CSRF_FAILURE_VIEW = "registry.site.error_pages.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
# Only where a proxy of ours sets the header and removes what the client sent under its name.
if environment.behind_proxy():
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Addresses or networks of our proxies: what they add to X-Forwarded-For is believed, for limits and the log-in lock.
TRUSTED_PROXIES = environment.trusted_proxies()

# --- Public directory

# What the foot of every page names; what is empty is left out.
DIRECTORY = {
    "name": environment.text("REGISTRY_SITE_NAME", 60),
    "operator": environment.text("REGISTRY_SITE_OPERATOR"),
    "contact": environment.text("REGISTRY_SITE_CONTACT"),
    "code": environment.text("REGISTRY_SITE_CODE", 40),
    "icp": environment.text("REGISTRY_SITE_ICP", 60),
    "police": environment.text("REGISTRY_SITE_POLICE", 60),
    "report": environment.web_address("REGISTRY_SITE_REPORT"),
    "licence": environment.text("REGISTRY_SITE_LICENCE", 300),
}
# Where rebuild_directory puts the whole published list.
DIRECTORY_FILES = VAR_DIR / "directory"

# --- API

# Each address on the public API, each token or account on the staff's; 0 is no limit.
PUBLIC_REQUESTS_PER_MINUTE = environment.number("REGISTRY_PUBLIC_RATE", 600)
TOKEN_REQUESTS_PER_MINUTE = environment.number("REGISTRY_TOKEN_RATE", 6_000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.access.authentication.BearerAuthentication",  # first: its challenge stands in a 401
        "registry.api.access.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.access.permissions.DeclaredPermissions"],
    "DEFAULT_THROTTLE_CLASSES": ["registry.api.access.throttling.ClientThrottle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "registry.api.negotiation.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["registry.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["registry.api.lists.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": "registry.api.negotiation.MethodsAlone",
    "EXCEPTION_HANDLER": "registry.api.errors.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "registry.api.lists.schema.ApiSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI industry registry" + (" (practice copy 练习库)" if PRACTICE else ""),
    "VERSION": "1",
    "DESCRIPTION": "Organizations of the AI industry, and the alliances that they are members of. Addresses below "
    "`/api/v1/` need an account; those below `/public/v1/` give published records to everybody. Chinese in an address "
    "is percent-encoded UTF-8, as curl -G --data-urlencode writes it.",
    "TAGS": [
        {"name": "organizations", "description": "Organizations of every kind, and what belongs to each."},
        {"name": "enterprises", "description": "Organizations that are enterprises."},
        {"name": "institutes", "description": "Universities and research institutes."},
        {"name": "alliances", "description": "Alliances, their tiers and their members of a day."},
        {"name": "memberships", "description": "Memberships: admission, change of tier, end."},
        {"name": "proposals", "description": "What waits for a decision, and what was decided."},
        {"name": "plans", "description": "Industry plans, to which sectors belong."},
        {"name": "sectors", "description": "Sectors of a plan, as a tree."},
        {"name": "townships", "description": "Towns and subdistricts of the city."},
        {"name": "zones", "description": "Functional zones of the city."},
        {"name": "gradings", "description": "Qualifications that public bodies grant."},
    ],
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,  # what may be written is another thing than what is shown
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/(api|public)/v1",
    "POSTPROCESSING_HOOKS": ["registry.api.openapi_hooks.share_components"],  # choices stand where they are used
}

# --- Log

_SECURITY_LINES = environment.security_log()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "registry.security.current.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s %(client_request_id)s] %(message)s"},
        "message": {"format": "%(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
        "security": _SECURITY_LINES or {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": environment.log_level()},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "axes": {"level": "WARNING"},  # it has a line for every login
        "registry.security.lines": {"handlers": ["security"], "level": "INFO", "propagate": False},
    },
}
