"""What an installation is told from outside: a few environment variables, read once, checked, frozen.

Every wrong value stops the start with one sentence that names its variable, because a half-configured server that runs
is worse than one that does not. Nothing else in Kith reads the environment, and this module imports no Django.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kith.kernel.database.embedded import socket_folder

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
HOST_SHAPE = re.compile(r"^(?:\*|\.?[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$")
UPLOAD_DEFAULT, UPLOAD_MOST = 512 * 2**20, 2 * 2**30
SECRET_KEY_LENGTH = 32
KEEP = {  # what is kept, by the variable that says how many days, unless it is set
    "RUNS": ("KITH_KEEP_RUNS", 180), "READ_NOTICES": ("KITH_KEEP_READ_NOTICES", 90), "NOTICES": ("KITH_KEEP_NOTICES", 365),
    "RAW_MAIL": ("KITH_KEEP_RAW_MAIL", 0),
}  # fmt: skip
KEEP_MOST = 36_500
SANDBOX = "sandbox"  # a file of this name makes of a data folder one that nothing leaves


class ConfigError(Exception):
    """A variable cannot be taken; the message is one sentence that names it. The command line exits with 2."""


@dataclass(frozen=True)
class Config:
    """The whole configuration. `database`, `email_settings` and `logging` are what Django's settings expect."""

    package_dir: Path
    data: Path
    secret_key: str
    hosts: list[str]
    https: bool
    origins: list[str]
    database: dict[str, Any]
    embedded: bool
    sandbox: bool
    static_root: Path
    static_storage: str
    static_finders: bool
    upload_limit: int
    keep: dict[str, int]  # days by name of KEEP; 0 is for ever
    email_backend: str
    email_settings: dict[str, Any]
    logging: dict[str, Any]

    @property
    def database_home(self) -> Path:
        """The folder that holds the embedded server, whether or not it is in use."""
        return self.data / "database"


def load(env: Mapping[str, str] | None = None) -> Config:
    """Read and check the variables of `env` (the process's own by default); raises ConfigError."""
    env = os.environ if env is None else env
    data = data_folder(env)
    hosts, https, origins = read_hosts(env.get("KITH_HOSTS", ""))
    sandbox = (data / SANDBOX).is_file()
    if sandbox:  # a database and a key of its own, and no way out, whatever the variables of the other installation say
        env = {
            name: said
            for name, said in env.items()
            if name not in ("DATABASE_URL", "KITH_EMAIL_URL", "KITH_SECRET_KEY")
        }
    backend, email = read_email(env.get("KITH_EMAIL_URL", "").strip())
    url = env.get("DATABASE_URL", "").strip()
    static = data / "static"
    static.mkdir(exist_ok=True)
    collected = (static / "staticfiles.json").exists()
    return Config(
        package_dir=Path(__file__).resolve().parent,
        data=data,
        secret_key=read_secret(env, data),
        hosts=hosts,
        https=https,
        origins=origins,
        database=read_database(url) if url else embedded_database(data / "database"),
        embedded=not url,
        sandbox=sandbox,
        static_root=static,
        static_storage=(
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if collected
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
        static_finders=not collected,
        upload_limit=read_size(env.get("KITH_UPLOAD_LIMIT", "")),
        keep={name: read_days(variable, env, days) for name, (variable, days) in KEEP.items()},
        email_backend=backend,
        email_settings=email,
        logging=logging_settings(),
    )


def data_folder(env: Mapping[str, str]) -> Path:
    """The data folder as an absolute path, made (0700) when missing."""
    given = env.get("KITH_DATA", "").strip()
    path = Path(given).expanduser() if given else user_data_folder(env)
    if not path.is_absolute():
        path = Path.cwd() / path
    try:
        if not path.is_dir():
            path.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise ConfigError(f"KITH_DATA: the folder {path} cannot be made: {error.strerror}.") from error
    if os.geteuid() == 0 and not env.get("DATABASE_URL"):
        path.chmod(path.stat().st_mode | 0o011)  # the server cannot be root, and its user passes through this folder
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigError(f"KITH_DATA: the folder {path} cannot be written to by this user.")
    return path.resolve()


def user_data_folder(env: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "kith"
    if os.geteuid() == 0:
        return Path("/var/lib/kith")  # root's home is closed to the user the database server runs as
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kith"


def read_days(name: str, env: Mapping[str, str], default: int) -> int:
    """A number of days; 0 is for ever."""
    given = env.get(name, "").strip()
    if not given:
        return default
    if not (given.isascii() and given.isdecimal()) or len(given) > 6 or int(given) > KEEP_MOST:
        raise ConfigError(
            f"{name} is a number of days from 0 (for ever) to {KEEP_MOST}, such as {default}, not “{given}”."
        )
    return int(given)


def read_secret(env: Mapping[str, str], data: Path) -> str:
    """The given secret, or one generated once and kept in the data folder, readable by its owner only."""
    if given := env.get("KITH_SECRET_KEY", "").strip():
        if len(given) < SECRET_KEY_LENGTH:
            raise ConfigError(
                f"KITH_SECRET_KEY must have at least {SECRET_KEY_LENGTH} characters, it has {len(given)}."
            )
        return given
    path = data / "secret_key"
    try:
        if not path.exists():
            write_secret_once(path)
        return path.read_text().strip()
    except OSError as error:
        message = f"KITH_DATA: the secret key in {path} cannot be read or made: {error.strerror}."
        raise ConfigError(message) from error


def write_secret_once(path: Path) -> None:
    """Make the key file whole or not at all: of two processes that start together, the first one's key stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def read_hosts(given: str) -> tuple[list[str], bool, list[str]]:
    """Hosts, whether the site is reached over https, and the origins whose forms are trusted.

    An entry is a host name, or an address such as `https://crm.example.org` as people type it.
    """
    hosts, origins = [], []
    for entry in filter(None, (part.strip() for part in given.split(","))):
        scheme, _, rest = entry.rpartition("://")
        host = re.sub(r":\d+$", "", rest.rstrip("/"))
        if scheme not in ("", "http", "https") or not HOST_SHAPE.match(host):
            raise ConfigError(f"KITH_HOSTS: “{entry}” is not a host name such as crm.example.org.")
        hosts.append(host)
        if scheme:
            origins.append(f"{scheme}://{rest.rstrip('/')}")
    https = any(origin.startswith("https://") for origin in origins)
    return [*hosts, *(host for host in LOCAL_HOSTS if host not in hosts)], https, origins


def embedded_database(home: Path) -> dict[str, Any]:
    return django_database({"host": str(socket_folder(home)), "port": "5432", "user": "kith", "dbname": "kith"})


def read_database(url: str) -> dict[str, Any]:
    """Django's settings for a PostgreSQL address; everything libpq understands after `?` is passed on."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise ConfigError("DATABASE_URL must begin with postgresql://, because Kith needs PostgreSQL.")
    try:
        parts = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        # libpq's own message may quote the address, password included.
        raise ConfigError("DATABASE_URL cannot be read as postgresql://user:password@host:port/name.") from error
    if not parts.get("dbname"):
        raise ConfigError("DATABASE_URL names no database: end it with /name, for example /kith.")
    return django_database(parts)


def django_database(parts: dict[str, Any]) -> dict[str, Any]:
    parts = dict(parts)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def read_size(given: str) -> int:
    """The largest request body in bytes: a number, or one followed by K, M or G."""
    if not given.strip():
        return UPLOAD_DEFAULT
    shape = re.fullmatch(r"(\d+)\s*([KMG]?)i?B?", given.strip(), re.IGNORECASE)
    size = int(shape[1]) * 1024 ** " KMG".index(shape[2].upper() or " ") if shape else 0
    if not 1024 <= size <= UPLOAD_MOST:
        raise ConfigError(f"KITH_UPLOAD_LIMIT: “{given}” is not a size between 1K and 2G, such as 512M.")
    return size


def read_email(url: str) -> tuple[str, dict[str, Any]]:
    """Django's mail backend and settings. Without an address mail stays in the outbox, which says so."""
    if not url:
        return "django.core.mail.backends.dummy.EmailBackend", {}
    shape = "KITH_EMAIL_URL must look like smtp://user:password@host:587?tls=1"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{shape}: its port is not a number.") from error
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in ("smtp", "smtps"):
        raise ConfigError(f"{shape}: it must begin with smtp:// or smtps://.")
    if not parts.hostname:
        raise ConfigError(f"{shape}: it names no host.")
    if unknown := set(options) - {"tls", "from"}:
        raise ConfigError(f"{shape}: it knows “tls” and “from”, not “{min(unknown)}”.")
    if options.get("tls", "0") not in ("0", "1"):
        raise ConfigError(f"{shape}: tls is 1 or 0.")
    secure = parts.scheme == "smtps"
    tls = options.get("tls") == "1" and not secure
    settings = {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if secure else 587 if tls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": secure,
        "EMAIL_TIMEOUT": 20,
    }
    if sender := options.get("from"):
        settings["DEFAULT_FROM_EMAIL"] = settings["SERVER_EMAIL"] = sender
    return "django.core.mail.backends.smtp.EmailBackend", settings


def logging_settings() -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "kith": {"level": "INFO"},
            "django.request": {"level": "ERROR"},
            "procrastinate": {"level": "WARNING"},
        },
    }
