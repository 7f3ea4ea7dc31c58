"""Telling colleagues what a published version changes for them, and who has read it.

Those are told whose team owns a step that changed; everybody is, where a changed step has no team that exists. A receipt
holds for the version as it was published: one that was taken back and published again is to be read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, team_members
from kith.kernel.accounts.models import User
from kith.kernel.lookups.directory import colleagues, teams
from kith.process.definition.differ import differences
from kith.process.definition.shape import Definition, Stage
from kith.process.models import Process, Receipt, Version
from kith.process.versions import definition_of

MOST_TOLD = 10_000


def announce(process: Process, *, by: Actor) -> int:
    """Tell those whom the version in force changes something for, in the caller's transaction; returns how many."""
    number = process.in_force or 0
    before = earlier(process, number)
    if before is None:
        return 0  # the first version begins a process; it changes nothing for anybody
    told = [user for user in concerned(definition_of(process.pk, number), before) if user.pk != by.user_id]
    words = _("%(process)s changed: version %(n)s is in force.") % {"process": process.name, "n": number}
    version = Version.objects.get(process=process, number=number)
    stamp = version.published_at.isoformat() if version.published_at else ""
    return notify(
        told[:MOST_TOLD], words, kind="process", key=f"process:{process.pk}:{number}:{stamp}", by=by,
        path=f"/process/changes/{process.key}/{number}/",
    )  # fmt: skip


def earlier(process: Process, number: int) -> Definition | None:
    """What was in force before this version."""
    last = Version.objects.filter(process=process, number__lt=number).order_by("-number").first()
    return definition_of(process.pk, last.number) if last is not None and last.number else None


def changed_stages(now: Definition, before: Definition | None) -> list[Stage]:
    """Stages that are new, say something else, or are gone (as they were)."""
    if before is None:
        return list(now.stages)
    fresh = [s for s in now.stages if before.by_key.get(s.key) != s]
    return [*fresh, *(s for s in before.stages if s.key not in now.by_key)]


def concerned(now: Definition, before: Definition | None) -> list[User]:
    """Colleagues whom the changed stages concern, by id."""
    active = {pk: user for pk, user in colleagues().items() if user.is_active}
    by_name = {team.name: pk for pk, team in teams().items()}
    members = team_members()
    wanted: set[int] = set()
    stages = changed_stages(now, before)
    named = [by_name[team] for s in stages for team in (s.team, *s.team_for.values()) if team in by_name]
    if not stages or any(s.team not in by_name for s in stages):
        return list(active.values())
    for team in named:
        wanted |= set(members.get(team, ()))
    return [active[pk] for pk in sorted(wanted) if pk in active]


@dataclass(frozen=True)
class Changed:
    """What changed with one version: sentences, when and by whom; `read_at` of the actor; `readers` who read it, and
    `waiting` who has not, for those who manage settings."""

    process: Process
    version: Version
    definition: Definition
    changes: list[str]
    read_at: Any = None
    readers: tuple[Receipt, ...] = ()
    waiting: tuple[str, ...] = ()


def changed_with(process: Process, version: Version, actor: Actor) -> Changed:
    """What is said about one version to one colleague."""
    number = version.number or 0
    now, before = definition_of(process.pk, number), earlier(process, number)
    rows = receipts(process, version)
    mine = next((r.read_at for r in rows if r.user_id == actor.user_id), None)
    told = differences(before, now) if before else [_("This process is new.")]
    if not actor.can("settings.manage"):
        return Changed(process, version, now, told, mine)
    read = {r.user_id for r in rows} | {version.published_by_id}
    waiting = tuple(str(user) for user in concerned(now, before) if user.pk not in read)
    return Changed(process, version, now, told, mine, tuple(rows), waiting)


def receipts(process: Process, version: Version) -> list[Receipt]:
    rows = Receipt.objects.filter(
        process=process, number=version.number, read_at__gte=version.published_at or F("read_at")
    )
    return list(rows.select_related("user").order_by("read_at"))


def mark_read(process: Process, version: Version, actor: Actor) -> None:
    """The actor has read what changed."""
    if actor.user_id:
        Receipt.objects.update_or_create(
            process=process, number=version.number, user_id=actor.user_id, defaults={"read_at": timezone.now()}
        )


def handles(verb: str) -> bool:
    return verb == "process.published"


def hear(entries: list[Any], by: Actor) -> None:
    """A version was published, whatever face it came through."""
    for row in Process.objects.filter(pk__in=[e.record_id for e in entries]):
        announce(row, by=by)
