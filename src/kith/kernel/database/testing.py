"""A database for a test session, in a tenth of a second: cloned from a template that is migrated once per schema.

The template's name carries a hash of everything that shapes the schema, so a changed migration makes a new one. The
server lives in the temp folder, is shared by every session of this user, and stops with the last of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from kith.kernel.database.embedded import FAST, DatabaseError, Embedded
from kith.kernel.database.fresh import lay_out

TEMPLATE, CLONE = "kith_template_", "kith_test_"
TEMPLATES_KEPT = 24  # several checkouts share the server
LOCK = 5_484_480  # any number, the same for all sessions


@contextmanager
def cloned_database() -> Iterator[str]:
    """Point Django's default connection at a new clone of the template; drop it at the end. Yields its name."""
    with test_server():
        with lock() as admin:
            sweep(admin)
        with another_database("main") as name:
            use(name)
            try:
                yield name
            finally:
                connection.close()


def renew_database() -> None:
    """Throw the session's database away and clone it anew: what a test that commits leaves behind.

    Quicker than emptying the tables, and it brings back rows that migrations made and tables Django does not manage.
    """
    name = connection.settings_dict["NAME"]
    connection.close()
    clone(name)


@contextmanager
def another_database(suffix: str) -> Iterator[str]:
    """One more clone of the template, for a test that needs a database of its own. Yields its name."""
    name = f"{CLONE}{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', '')}_{suffix}"
    clone(name)
    try:
        yield name
    finally:
        with psycopg.connect(conninfo("postgres"), autocommit=True) as admin:
            drop(admin, name)


def clone(name: str) -> None:
    """Make the database `name` a fresh clone of the template."""
    statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
    with lock() as admin:
        template = ensure_template(admin)
        drop(admin, name)
        admin.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(template)))


@contextmanager
def test_server() -> Iterator[None]:
    """The shared throw-away server, or the one that DATABASE_URL names."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    home = Path(tempfile.gettempdir()) / f"kith-test-server-{os.geteuid()}"
    try:
        server = Embedded(home, FAST).start()
    except DatabaseError:
        shutil.rmtree(home / "pgdata")  # without fsync a crash of the machine may have damaged it
        server = Embedded(home, FAST).start()
    connection.settings_dict["HOST"] = str(server.socket)
    try:
        yield
    finally:
        server.release()


def database_address(name: str = "") -> str:
    """The database `name` (the default connection's own) as an address for DATABASE_URL."""
    given = connection.settings_dict
    where = {key: value for key, value in {"host": given["HOST"], "port": given["PORT"]}.items() if value}
    user = quote(given["USER"]) + (f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else "")
    return f"postgresql://{user}@/{name or given['NAME']}?{urlencode(where)}"


def conninfo(database: str) -> str:
    given = connection.settings_dict
    parts = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    return psycopg.conninfo.make_conninfo(dbname=database, **{key: value for key, value in parts.items() if value})


def use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


@contextmanager
def lock() -> Iterator[psycopg.Connection]:
    """An administrator's connection that holds the lock under which templates are made, cloned and removed."""
    with psycopg.connect(conninfo("postgres"), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield admin


def ensure_template(admin: psycopg.Connection) -> str:
    """The name of the migrated template for the present schema, made when it is missing."""
    name = TEMPLATE + schema_hash()
    if name in databases(admin, TEMPLATE):
        return name
    draft = f"{name}_draft"
    drop(admin, draft)
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 STRATEGY file_copy").format(sql.Identifier(draft)))
    before = connection.settings_dict["NAME"]
    use(draft)
    try:
        lay_out()
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)  # apps without migrations
    finally:
        use(before)
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def schema_hash() -> str:
    """A short hash of every file that shapes the schema: migrations, models of apps without any, and versions."""
    digest = hashlib.sha256()
    for package in ("django", "django-allauth", "procrastinate"):
        digest.update(f"{package}={version(package)};".encode())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.name):
        root = Path(app.path)
        if not app.name.startswith("kith."):
            continue
        files = sorted(root.glob("migrations/*.py")) or sorted([*root.glob("models.py"), *root.glob("models/*.py")])
        for file in [*files, *root.glob("apps.py")]:
            digest.update(str(file.relative_to(root.parent)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def databases(admin: psycopg.Connection, prefix: str) -> list[str]:
    """Names that begin with `prefix`, oldest first."""
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid"
    return [name for (name,) in admin.execute(query, [prefix])]


def sweep(admin: psycopg.Connection) -> None:
    """Drop the clones of sessions that were killed, and all but the newest few templates."""
    for name in databases(admin, CLONE):
        if not psutil.pid_exists(int(name.removeprefix(CLONE).split("_")[0])):
            drop(admin, name)
    for name in databases(admin, TEMPLATE)[:-TEMPLATES_KEPT]:
        drop(admin, name)


def drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
