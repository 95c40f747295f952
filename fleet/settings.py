"""Every value a deployment may change is read from the environment here, and nowhere else.

`docs/operations.md` lists the same variables; a test keeps the two equal.
"""

from datetime import timedelta

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry

from devices.policy import Policy
from fleet import environment, mail, paths, secret_key
from fleet.databases import SCHEMES, connection
from fleet.services import places

# --- The installation ------------------------------------------------------------

# Where everything this installation writes to disk lies. Default: var/ in the checkout.
VAR_DIR = paths.var_dir()

# The checkout itself.
BASE_DIR = paths.BASE_DIR

# The department, as the pages greet it.
DEPARTMENT = environment.text("DEPARTMENT", "West Hartford Police Department", longest=80)

# The time zone people read times in. Everything is stored in UTC.
TIME_ZONE = environment.time_zone("TIME_ZONE", "America/New_York")

# 1: a demonstration fleet and the simulator run with `make run`. 0: an empty installation.
DEMO = environment.flag("DEMO", default=True)

# How many times faster than life the simulated shift goes by. At 1 the simulated day is today,
# by the department's clocks: who goes out is who is on, and batteries last as long as they say.
# Faster is a show for the board alone: its shifts run ahead of the roster's.
DEMO_SPEED = environment.whole("DEMO_SPEED", 1, lowest=1, highest=1000)

# What happens in the simulated shift.
DEMO_SCENARIO = environment.choice(
    "DEMO_SCENARIO",
    "shift-change",
    among=(
        "quiet-day",
        "shift-change",
        "dock-switch-down",
        "reconnect-storm",
        "battery-epidemic",
        "bad-release",
    ),
)

# Seconds between two reports of a camera, as the fleet orders them. 60 in life; the
# demonstration asks every 10 s so that there is something to see.
REPORT_SECONDS = environment.whole("REPORT_SECONDS", 10 if DEMO else 60, lowest=1, highest=3600)

# The department's numbers, with what this installation decided of them.
POLICY = Policy(report_every=timedelta(seconds=REPORT_SECONDS))

# --- The door --------------------------------------------------------------------

# The address and port the web process listens on.
BIND = environment.text("BIND", "127.0.0.1", longest=64)
PORT = environment.whole("PORT", 8000, lowest=1, highest=65535)

# The names people and devices call this server by, with commas. This machine's own names
# are always among them: whoever watches the health asks by those.
ALLOWED_HOSTS = [*environment.names("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]

# Addresses whose forms are trusted although they differ from the host, with commas.
CSRF_TRUSTED_ORIGINS = environment.origins("CSRF_TRUSTED_ORIGINS")

# 1 behind a proxy that ends TLS and sets X-Forwarded-Proto and X-Forwarded-For: cookies
# are for https alone, http is redirected, browsers are told to remember https for a year.
BEHIND_TLS = environment.flag("BEHIND_TLS", default=False)

# The proxies (addresses, with commas) whose X-Forwarded-* headers are believed.
TRUSTED_PROXIES = environment.names("TRUSTED_PROXIES", ("127.0.0.1",))

# How people's browsers call this server, for the links in notices.
ADDRESS = environment.url("ADDRESS", schemes=("http", "https")).rstrip("/")
ADDRESS = ADDRESS or f"http://localhost:{PORT}"

# The name of this department in the addresses of update clients (hawkBit's tenant); DEFAULT
# answers as well.
TENANT = environment.text("TENANT", "DEFAULT", longest=40)

# Where the proxy in front finds the folder of releases, as an internal address: it then sends
# the images itself (X-Accel-Redirect). Default: the web process sends them.
X_ACCEL_REDIRECT = environment.text("X_ACCEL_REDIRECT", "", longest=200)

# What /metrics asks for as a bearer token. Without one it answers this machine alone.
METRICS_TOKEN = environment.secret("METRICS_TOKEN", shortest=20)

# --- Secrets, stores and words -----------------------------------------------------

# Signs sessions. Default: made at the first start and kept in VAR_DIR/secret-key.
SECRET_KEY = environment.secret("SECRET_KEY", shortest=50) or secret_key.kept_in(VAR_DIR)

# postgresql://user:password@host:port/name?sslmode=verify-full. Default: the embedded one.
DATABASE_URL = environment.url("DATABASE_URL", schemes=SCHEMES) or places.database_url(VAR_DIR)

# How many connections one process may hold open to PostgreSQL.
DATABASE_POOL = environment.whole("DATABASE_POOL", 12, lowest=2, highest=200)

# redis://, rediss:// or unix://. Default: the embedded one.
REDIS_URL = environment.url("REDIS_URL", schemes=("redis", "rediss", "unix"))
REDIS_URL = REDIS_URL or places.redis_url(VAR_DIR)

# Where releases lie: s3://key:secret@host/bucket?region=… (s3+http:// without TLS). Default: in
# VAR_DIR/releases.
RELEASES_STORE = environment.url("RELEASES_STORE", schemes=("s3", "s3+http"))

# A proxy sends what lies in the folder of releases; nothing lies there with a bucket.
if X_ACCEL_REDIRECT and RELEASES_STORE:
    raise environment.WrongVariable("X_ACCEL_REDIRECT", "empty where RELEASES_STORE is a bucket")

# How much room all releases together may take, in GB.
RELEASES_QUOTA_GB = environment.whole("RELEASES_QUOTA_GB", 50, lowest=1, highest=100_000)

# What every key in Redis begins with, so that several installations may share one.
REDIS_PREFIX = environment.text("REDIS_PREFIX", "fleet", longest=40)

# smtp://, smtp+tls:// or smtps:// user:password@host:port, for notices by e-mail. Default:
# they are written as files into VAR_DIR/mail.
MAIL_URL = environment.url("MAIL_URL", schemes=mail.SCHEMES)

# Whom notices by e-mail come from.
MAIL_FROM = environment.text("MAIL_FROM", "fleet@localhost", longest=120)

# How much the logs tell.
LOG_LEVEL = environment.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))

# 1 shows stack traces in the browser: on a developer's own machine only.
DEBUG = environment.flag("DEBUG", default=False)

# --- Django ------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "lucide",
    "fleet",
    "devices",
    "dashboard",
]
MIDDLEWARE = [
    "fleet.middleware.name_the_request",
    "fleet.middleware.set_security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.witness.witness",
    "django.contrib.messages.middleware.MessageMiddleware",
    "fleet.bodies.refuse_large_bodies",
    "dashboard.session.KeepTime",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "fleet.urls"
ASGI_APPLICATION = "fleet.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": connection(DATABASE_URL, pool=DATABASE_POOL)}
USE_TZ = True
LANGUAGE_CODE = "en-us"

# --- People ------------------------------------------------------------------------

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]
SESSION_ENGINE = "dashboard.session_keys"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = BEHIND_TLS

# --- What browsers are told ----------------------------------------------------------

SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # asked by neighbours, not through the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Files for browsers ----------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "fleet.static.DigestNamedFiles"},
}
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()

# What a form may hold beside its file; `fleet.bodies` bounds the whole.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- What is remembered for a minute ------------------------------------------------------

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
        # What is remembered is never worth a wait: a Redis that hangs or is away says nothing.
        "OPTIONS": {
            "socket_timeout": 0.25,
            "socket_connect_timeout": 0.25,
            "retry": Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
        },
    }
}

# --- The live feed ------------------------------------------------------------------------

# No timeout on the socket: a board may be quiet for longer than any guess (redis-py's own
# guess of 5 s would end it), and the layer notices a Redis that went away by itself.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "prefix": REDIS_PREFIX,
        },
    }
}

# --- Work that the clock starts ------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
# Without the timeouts a half-open link leaves a worker deaf for ever.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 15,
    "socket_connect_timeout": 5,
    "health_check_interval": 10,
    "global_keyprefix": f"{REDIS_PREFIX}:",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A Redis that dies while every thread works leaves their messages unacknowledged for ever; a worker
# that may hold no more than those asks for no others, and never learns that its line is gone.
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = TIME_ZONE

# --- Notices by e-mail -----------------------------------------------------------------------

globals().update(mail.settings(MAIL_URL, VAR_DIR / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
EMAIL_SUBJECT_PREFIX = ""

# --- The API -------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "dashboard.api.authentication.ByToken",
        "dashboard.api.authentication.BySession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["dashboard.api.permissions.MayRead"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],  # it only reads, so nothing that is sent is decoded
    "DEFAULT_FILTER_BACKENDS": ["dashboard.api.filters.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "dashboard.api.schema.FleetSchema",
    "EXCEPTION_HANDLER": "dashboard.api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fleet manager for body-worn cameras",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "CredentialKind": "devices.inventory.models.CredentialKind",
        "CustodyKind": "devices.custody.models.CustodyKind",
        "ReleaseKind": "devices.releases.models.ReleaseKind",
        "ReleaseState": "devices.releases.models.ReleaseState",
        "RolloutState": "dashboard.api.rollout_serializers.COURSES",
        "DeploymentState": "dashboard.api.rollout_serializers.TURNS",
    },
}

# --- Logs ------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "fleet.logs.JsonLines"}},
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stream"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},  # our own line a request tells of refusals
        "django.server": {"handlers": [], "propagate": False},
        "uvicorn.access": {"handlers": [], "propagate": False},
        "celery.app.trace": {"level": "WARNING"},  # two lines for every tick of every clock
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.worker.request": {"level": "WARNING"},  # every tick that came too late
        "celery.beat": {"level": "WARNING"},
    },
}
