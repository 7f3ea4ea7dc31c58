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
    made: dict[int, InForce] = cached("process:in-use", _in_use, ("process",))
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


def standing(process: int) -> Standing:
    """What is in force of a process, read afresh and held until the transaction ends: for whoever follows publishing."""
    row = Process.objects.select_for_update(of=("self",)).get(pk=process)
    found = Version.objects.filter(process=process, number=row.in_force).first() if row.in_force else None
    if found is None or row.archived_at is not None:
        return Standing(process)
    return Standing(process, found.number, read(found.document), found.published_by_id, found.published_at)


def every_process() -> list[int]:
    """The ids of all processes there ever were."""
    return list(Process.objects.order_by("pk").values_list("pk", flat=True))


def draft_of(process: Process) -> Version | None:
    return Version.objects.filter(process=process, number__isnull=True).first()


def published(process: Process) -> list[Version]:
    """The published versions, newest first."""
    return list(
        Version.objects.filter(process=process, number__isnull=False).select_related("published_by").order_by("-number")
    )
