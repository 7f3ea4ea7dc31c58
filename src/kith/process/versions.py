"""Definitions as they are used: read once per configuration stamp, never per row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F

from kith.kernel.organisation.models import cached
from kith.process.definition.document import read
from kith.process.definition.shape import Definition
from kith.process.models import Process, Version


@dataclass(frozen=True)
class InForce:
    """The process that new journeys begin in: its row, the number of the version in force, and what that says."""

    process: Process
    number: int
    definition: Definition


def definition_of(process: int, number: int) -> Definition:
    """What a published version of a process says. A version never changes once published, so it is kept."""
    running = in_use().get(process)
    if running is not None and running.number == number:
        return running.definition
    made: Definition = cached(f"process:{process}:{number}", lambda: _read(process, number))
    return made


def _read(process: int, number: int) -> Definition:
    return read(Version.objects.get(process=process, number=number).document)


def standard() -> InForce | None:
    """The process in which new journeys begin; None while none is published."""
    return next((one for one in in_use().values() if one.process.is_default), None)


def in_use() -> dict[int, InForce]:
    """Every process with a version in force, by id."""
    made: dict[int, InForce] = cached("process:in-use", _in_use)
    return made


def _in_use() -> dict[int, InForce]:
    """Two queries, however many processes there are."""
    rows = {row.pk: row for row in Process.objects.filter(in_force__isnull=False, archived_at__isnull=True)}
    versions = Version.objects.filter(process__in=list(rows), number=F("process__in_force"))
    made = {version.process_id: read(version.document) for version in versions} if rows else {}
    return {pk: InForce(rows[pk], rows[pk].in_force or 0, made[pk]) for pk in rows if pk in made}


@dataclass(frozen=True)
class Standing:
    """What is in force of a process at this moment, as its row says; `definition` is None where nothing is (any more)."""

    process: int
    number: int | None = None
    definition: Definition | None = None
    author: int | None = None
    published_at: dt.datetime | None = None


def standing(processes: list[int]) -> list[Standing]:
    """What is in force of these processes (none named: of all), read afresh: for whoever follows publishing, in its
    transaction. Two queries."""
    rows = Process.objects.filter(pk__in=processes) if processes else Process.objects.all()
    out = {row.pk: Standing(row.pk) for row in rows.order_by("pk")}
    in_force = Version.objects.filter(process__in=list(out), number=F("process__in_force"), process__archived_at=None)
    for v in in_force:
        out[v.process_id] = Standing(v.process_id, v.number, read(v.document), v.published_by_id, v.published_at)
    return list(out.values())


def draft_of(process: Process) -> Version | None:
    return Version.objects.filter(process=process, number__isnull=True).first()


def published(process: Process) -> list[Version]:
    """The published versions, newest first."""
    return list(
        Version.objects.filter(process=process, number__isnull=False).select_related("published_by").order_by("-number")
    )
