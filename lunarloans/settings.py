"""Settings of the portal: everything from the environment first, plain Django below, hardening last.

Numbers of a round (loan months, signing days, the vote's threshold) are fields of the round and never stand here.
"""

import logging
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
import sentry_sdk
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from lunarloans import logs

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a web process works on one core: threads of the linear algebra only fight each other

django_stubs_ext.monkeypatch()  # so that ModelAdmin[Letter] and the like may be written

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- What the environment says. Each name is described in .env.example. -------------------------------------------------
VAR_DIR: Path = Path(env.str("PORTAL_VAR", default=str(BASE_DIR / "var")))  # data of the embedded default: database, queue, letters
DEBUG: bool = env.bool("DEBUG", default=False)  # technical error pages; never in production
SECRET_KEY: str = env.str("SECRET_KEY", default="")  # at least 50 random characters
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])  # earlier keys, while sessions live on
DATABASE_URL: str = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")
BROKER_URL: str = env.str("BROKER_URL", default="filesystem://localhost/")  # redis://… in production
SITE_URL: str = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")  # links in letters and mails
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[]) or [urlsplit(SITE_URL).hostname or "127.0.0.1"]
EMAIL_URL: str = env.str("EMAIL_URL", default=f"filemail:///{VAR_DIR / 'mail'}")  # smtp://user:password@host:25
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="Lunar Sample Loans <no-reply@example.org>")
CONTACT_EMAIL: str = env.str("CONTACT_EMAIL", default="office@example.org")  # shown on the contact page and in letters
MEDIA_ROOT: str = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))  # printed letters; never served by the web server
STATIC_ROOT: str = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))  # filled by collectstatic
LETTER_LEASE_SECONDS: int = env.int("LETTER_LEASE_SECONDS", default=90)  # after this long a worker that printed or mailed counts as dead
LETTER_SIGNING_KEY: str = env.str("LETTER_SIGNING_KEY", default="")  # the office's RSA key that signs letters: PEM, or the path of a file
LETTER_SIGNING_CERTIFICATE: str = env.str("LETTER_SIGNING_CERTIFICATE", default="")  # its certificate first, then those that vouch for it
LETTER_EARLIER_CERTIFICATES: str = env.str("LETTER_EARLIER_CERTIFICATES", default="")  # certificates with which older letters were signed
CLAMD_SOCKET: str = env.str("CLAMD_SOCKET", default="")  # the virus scanner: unix:///run/clamav/clamd.ctl or tcp://host:3310
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", default=0)  # reverse proxies before us whose X-Forwarded-For counts
PORTAL_DEMO: bool = env.bool("PORTAL_DEMO", default=False)  # demonstration accounts, no second factor asked for
ORCID_CLIENT_ID: str = env.str("ORCID_CLIENT_ID", default="")  # signing in with an ORCID iD; both names, or it stays off
ORCID_SECRET: str = env.str("ORCID_SECRET", default="")
SENTRY_DSN: str = env.str("SENTRY_DSN", default="")  # where unexpected errors are reported; without it nothing leaves the machine

HTTPS = SITE_URL.startswith("https://")
ORCID_ON = bool(ORCID_CLIENT_ID and ORCID_SECRET)

# --- Plain Django ---------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "desk",
    "loans",
    "results",
    "reviews",
    "applications",
    "rounds",
    "letters",
    "institutions",
    "samples",
    "workflow",
    "accounts",
    "lunarloans",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "lunarloans.static_files.StaticFiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.orcid",
    "crispy_forms",
    "csp",
    "django_countries",
    "django_htmx",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lunarloans.middleware.RequestLog",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ReaderMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lunarloans.middleware.PlainAddress",
    "lunarloans.middleware.RequestSize",
]

ROOT_URLCONF = "lunarloans.urls"
WSGI_APPLICATION = "lunarloans.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

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
                "csp.context_processors.nonce",
                "accounts.context.reader",
            ],
            "builtins": ["accounts.templatetags.portal"],
        },
    },
]

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # an action is the transaction, not the request
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    # IMMEDIATE takes the write lock at the start: a deferred transaction fails half-way with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A stuck session may not stop the office: waiting for a lock ends after 10 s, an idle transaction after 20 s.
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=20s",
    }

# Attempts to sign in are counted where every web process sees them; a queue that is down keeps nobody out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # a crowd may not push out the counters that limit it
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SessionBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:desk"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"login": "accounts.entrance.SignInForm"}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignUpDetailsForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.names.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told to its owner
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.tokens.LinkTokens"
PASSWORD_RESET_TIMEOUT = int(timedelta(days=7).total_seconds())  # an invitation; a reset lives one hour (accounts/tokens.py)
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"keep_text": "60/h/ip"}  # besides allauth's own: forms of ended sessions (accounts/kept.py)
# An ORCID iD belongs to the account that connected it, whatever addresses either has (accounts/orcid.py).
SOCIALACCOUNT_ADAPTER = "accounts.orcid.OrcidAdapter"
SOCIALACCOUNT_PROVIDERS = {"orcid": {"APP": {"client_id": ORCID_CLIENT_ID, "secret": ORCID_SECRET}}} if ORCID_ON else {}
SOCIALACCOUNT_AUTO_SIGNUP = False  # the same page as everybody, and a code to the address
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 4  # seconds that one web process waits for ORCID; then nobody waits for a minute
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"activate_totp": "accounts.entrance.ActivateAppForm"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_TOTP_ISSUER = "Lunar Sample Loans"
# When a session ends (accounts/session.py): after so much time without a request, by role, and after half a day whatever is done.
SESSION_IDLE_OFFICE = int(timedelta(minutes=30).total_seconds())
SESSION_IDLE_APPLICANT = int(timedelta(hours=2).total_seconds())
SESSION_LONGEST = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_AGE = SESSION_LONGEST
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "desk.views.public.form_expired"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
TIME_ZONE = "Asia/Shanghai"  # deadlines are Beijing time; the database holds UTC
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["lunarloans.formats"]  # 22 December 2026, 14:05

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "attachments": {"BACKEND": "applications.files.storage.WriteOnceStorage"},
    "staticfiles": {"BACKEND": "lunarloans.static_files.PackedFiles"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = ["applications.files.receiving.CappedUploadHandler"]  # on the disk, and no more of it than may be attached
DATA_UPLOAD_MAX_NUMBER_FILES = 10

_mail = env.email_url_config(EMAIL_URL) if not EMAIL_URL.startswith("filemail:") else {}
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_HOST = _mail.get("EMAIL_HOST") or ""
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20

CRISPY_ALLOWED_TEMPLATE_PACKS = ("lunar",)
CRISPY_TEMPLATE_PACK = "lunar"
CRISPY_FAIL_SILENTLY = False

# --- The queue: JSON only, no result backend, the row is the truth (letters/post.py) ---------------------------------------
CELERY_BROKER_URL = BROKER_URL
if BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "queue"),
        "data_folder_out": str(VAR_DIR / "queue"),
        "control_folder": str(VAR_DIR / "queue-control"),
        "polling_interval": 0.1,
    }
else:  # a broker that takes the call and says nothing may not hold up a page either
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False  # a dead broker may not hold up a page; the sweep rings again
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {  # expires: while no worker listens the queue does not fill with strokes of the clock
    "sweep-letters": {"task": "letters.jobs.sweep", "schedule": 15.0, "options": {"expires": 60}},
    "expire-drafts": {"task": "applications.jobs.expire", "schedule": 60.0, "options": {"expires": 60}},
    "scan-files": {"task": "applications.jobs.scan_files", "schedule": 60.0, "options": {"expires": 60}},
    "draw-files": {"task": "applications.jobs.draw_files", "schedule": 15.0, "options": {"expires": 60}},
    "clear-files": {"task": "applications.jobs.clear_files", "schedule": 3600.0, "options": {"expires": 3600}},
    "clear-sessions": {"task": "accounts.jobs.clear_sessions", "schedule": 3600.0, "options": {"expires": 3600}},
    "remind-drafts": {"task": "applications.jobs.remind", "schedule": 600.0, "options": {"expires": 600}},
    "remind-hearings": {"task": "reviews.jobs.remind_hearings", "schedule": 600.0, "options": {"expires": 600}},
    "remind-reviewers": {"task": "reviews.jobs.remind_reviewers", "schedule": 600.0, "options": {"expires": 600}},
    "read-words": {"task": "reviews.jobs.read_words", "schedule": 60.0, "options": {"expires": 60}},
    "fold-history": {"task": "desk.jobs.fold_history", "schedule": 600.0, "options": {"expires": 600}},
    "run-announcements": {"task": "reviews.jobs.announce", "schedule": 15.0, "options": {"expires": 60}},
    "publish-results": {"task": "results.jobs.publish", "schedule": 5.0, "options": {"expires": 30}},
    "make-agreements": {"task": "loans.jobs.make_agreements", "schedule": 60.0, "options": {"expires": 60}},
    "remind-signing": {"task": "loans.jobs.remind_signing", "schedule": 600.0, "options": {"expires": 600}},
}

LOGGING = logs.configure(readable=DEBUG)
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request, when it is finished

# --- Headers ----------------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, "https://orcid.org"] if ORCID_ON else [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# --- Hardening --------------------------------------------------------------------------------------------------------------
if not DEBUG:
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
    SECURE_SSL_REDIRECT = HTTPS
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
    if HTTPS:
        SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
        SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
        SECURE_HSTS_INCLUDE_SUBDOMAINS = True
        SECURE_HSTS_PRELOAD = True
        SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if SENTRY_DSN:  # the error and where it happened, never what a person wrote
    sentry_sdk.init(SENTRY_DSN, send_default_pii=False, include_local_variables=False, max_request_body_size="never")
