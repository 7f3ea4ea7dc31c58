"""The surroundings of a command: its data folder, the running database, Django set up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from kith.config import Config, load

if TYPE_CHECKING:
    from kith.kernel.database.embedded import Embedded


@cache
def configuration() -> Config:
    """The configuration of this process, read once; raises ConfigError."""
    return load()


def use_data_folder(given: str | None) -> None:
    """Let `--data DIR` win over KITH_DATA, for this process and those it starts."""
    if given:
        os.environ["KITH_DATA"] = os.path.abspath(os.path.expanduser(given))


@contextmanager
def server() -> Iterator[Embedded | None]:
    """The database server is up and has Kith's database: ours (yielded), or the one of DATABASE_URL (None). No Django."""
    config = configuration()
    if not config.embedded:
        yield None
        return
    from kith.kernel.database.embedded import Embedded

    with Embedded(config.database_home) as embedded:
        embedded.create_database(config.database["NAME"])
        yield embedded


@contextmanager
def database() -> Iterator[Config]:
    """The server is up and Django is set up. Raises DatabaseError with a sentence when it cannot be reached."""
    with server():
        config = configuration()
        set_up_django()
        from django.db import OperationalError, connection, connections

        from kith.kernel.database.embedded import DatabaseError

        try:
            connection.ensure_connection()
        except OperationalError as error:
            name = "DATABASE_URL" if not config.embedded else "the embedded server"
            raise DatabaseError(f"The database of {name} cannot be reached: {str(error).strip()}") from error
        try:
            yield config
        finally:
            connections.close_all()


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kith.settings")
    import django

    django.setup()
