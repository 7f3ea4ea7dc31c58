"""What every page asks about whoever is signed in, read with their row instead of in queries of its own."""

from __future__ import annotations

from django.db.models import Field, UUIDField
from django.db.models.expressions import RawSQL

CARRIED: dict[str, RawSQL] = {}


def carry(name: str, sql: str, kind: Field) -> None:
    """Let a user that is read for a request have `name`, the value of `sql`: a subquery over `accounts_user.id`. It is
    written as SQL because it is asked with every page."""
    CARRIED[name] = RawSQL(sql, (), output_field=kind)  # noqa: S611  written by rooms, never by a person


carry("configuration", "SELECT config FROM organisation_organisation ORDER BY id LIMIT 1", UUIDField())
