"""Django settings, derived from the five variables in `kith.config`.

Nothing here reads the environment directly: a wrong value is reported by `kith.config` with one sentence.
"""

from kith import config

CONFIG = config.load()

BASE_DIR = CONFIG.package_dir
SECRET_KEY = CONFIG.secret_key
DEBUG = False
ALLOWED_HOSTS = CONFIG.hosts
ROOT_URLCONF = "kith.web.urls"
WSGI_APPLICATION = "kith.web.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = None

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "kith.kernel.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "django.contrib.postgres",
    "kith.kernel.database",
    "kith.kernel.organisation",
    "kith.kernel.records",
    "kith.kernel.access",
    "kith.kernel.timeline",
    "kith.kernel.lookups",
    "kith.kernel.customfields",
    "kith.kernel.jobs",
    "kith.kernel.files",
    "kith.kernel.calendars",
    "kith.kernel.money",
    "kith.kernel.search",
    "kith.kernel.intake",
    "kith.kernel.mail",
    "kith.kernel.segments",
    "kith.ui",
    "kith.contacts",
    "kith.contacts.consent",
    "kith.activities",
    "kith.surveys",
    "kith.awareness",
    "kith.capture",
    "kith.capture.chat",
    "kith.qualification",
    "kith.engagement",
    "kith.engagement.meetings",
    "kith.engagement.budget",
    "kith.deals",
    "kith.deals.quotes",
    "kith.conversion",
    "kith.onboarding",
    "kith.support",
    "kith.support.articles",
    "kith.support.channels",
    "kith.retention",
    "kith.advocacy",
    "kith.insight",
    "kith.process",
    "kith.process.forgotten",
    "kith.process.review",
    "kith.process.trackers",
    "kith.today",
    "kith.portal",
    "kith.automation",
    "kith.api",
    "kith.configuration",
    "kith.starters",
    "kith.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random, so that lengths tell nothing about what is secret in a page
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "kith.web.middleware.ActorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "kith.ui.jinja.environment",
            "context_processors": [
                "kith.ui.render.defaults",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
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
    },
]

DATABASES = {"default": CONFIG.database}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"

STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.static_root
WHITENOISE_USE_FINDERS = CONFIG.static_finders
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": CONFIG.static_storage},
}
MEDIA_ROOT = CONFIG.data / "files"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CONFIG.https
CSRF_COOKIE_SECURE = CONFIG.https
CSRF_TRUSTED_ORIGINS = CONFIG.origins
CSRF_FAILURE_VIEW = "kith.web.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31536000 if CONFIG.https else 0

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

UPLOAD_LIMIT = CONFIG.upload_limit
KEEP_DAYS = CONFIG.keep  # runs of workflows that ended, notices that were read, and those that were not; 0 is for ever
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["kith.kernel.accounts.backends.Backend"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

# Sign-in (kernel/accounts). People are invited, so nothing here creates an account or confirms an address.
ACCOUNT_ADAPTER = "kith.kernel.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if CONFIG.https else "http"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "kith.kernel.accounts.links.LinkTokenGenerator"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {"login": "kith.kernel.accounts.forms.LoginForm"}
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key,20/h/key",
    "reset_password": "10/m/ip,3/10m/key",
}
MFA_ADAPTER = "kith.kernel.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Kith"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "kith.kernel.accounts.forms.SecondFactorForm",
    "reauthenticate": "kith.kernel.accounts.forms.SecondFactorAgainForm",
    "authenticate_webauthn": "kith.kernel.accounts.forms.PasskeyForm",
    "login_webauthn": "kith.kernel.accounts.forms.PasskeyLoginForm",
    "reauthenticate_webauthn": "kith.kernel.accounts.forms.PasskeyAgainForm",
    "add_webauthn": "kith.kernel.accounts.forms.AddPasskeyForm",
}
# What colleagues read, and what Kith speaks to people outside (kernel/languages.py; the catalogues are in locale/).
LANGUAGES = [("en", "English"), ("en-us", "English (US)")]
SPOKEN = [*LANGUAGES, ("de", "Deutsch"), ("sv", "Svenska")]
LOCALE_PATHS = [BASE_DIR / "locale"]

SANDBOX = CONFIG.sandbox  # nothing leaves: no mail (there is no way out), no call, no mailbox that is read
EMAIL_BACKEND = CONFIG.email_backend
for _name, _value in CONFIG.email_settings.items():
    globals()[_name] = _value

# Sign-in limits and used one-time codes live in the default cache and must hold across processes, hence the database.
# MAX_ENTRIES is far above what the per-address limits let one attacker write, so nobody can push out his own counters.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_shared_counter",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
LOGGING = CONFIG.logging
