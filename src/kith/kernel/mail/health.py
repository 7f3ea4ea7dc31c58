"""How a mailbox fares, in figures: for its page, for `kith mail health`, for programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils import timezone

from kith.kernel.mail.models import Arrived, Credential, DayCount, Folder, Mailbox

LATE = dt.timedelta(minutes=15)  # it is looked at once a minute


@dataclass(frozen=True)
class FolderHealth:
    """One folder: its days, newest first; how far the newest message here is behind the newest there."""

    name: str
    compared_at: dt.datetime | None
    lag: dt.timedelta | None
    days: list[DayCount]

    @property
    def there(self) -> int:
        return sum(day.there for day in self.days)

    @property
    def here(self) -> int:
        return sum(day.here for day in self.days)

    @property
    def missing(self) -> int:
        return self.there - self.here


@dataclass(frozen=True)
class Health:
    """A mailbox: what stands in its way, how its arrivals ended, its folders, which others the server offers."""

    mailbox: Mailbox
    signed_in: str  # "password", "oauth" or ""
    states: dict[str, int] = field(default_factory=dict)
    folders: list[FolderHealth] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return sum(folder.missing for folder in self.folders)

    @property
    def stale(self) -> bool:
        """Has nobody looked for so long that the worker must be down?"""
        box = self.mailbox
        if not (box.active and self.signed_in) or (box.next_try_at and box.next_try_at > timezone.now()):
            return False
        return (box.last_run_at or box.created_at) < timezone.now() - LATE

    @property
    def well(self) -> bool:
        return bool(self.signed_in) and not (self.mailbox.problem or self.missing or self.stale)


def health_of(mailbox: Mailbox) -> Health:
    """The health of a mailbox that the caller has read through `Record.get` before. Two queries, and those of its folders."""
    credential = Credential.objects.filter(mailbox=mailbox).only("kind").first()
    counted = Arrived.objects.filter(mailbox=mailbox).values_list("state").annotate(n=Count("pk")).order_by()
    return Health(
        mailbox, credential.kind if credential else "", dict(counted), folders_of(mailbox),
        [name for name in mailbox.offered if name not in mailbox.all_folders],
    )  # fmt: skip


def folders_of(mailbox: Mailbox) -> list[FolderHealth]:
    """Only its folders, by name, each with its days. Two queries."""
    found = Folder.objects.filter(mailbox=mailbox, name__in=mailbox.all_folders).prefetch_related("days")
    return [_folder(folder) for folder in found.order_by("name")]


def _folder(folder: Folder) -> FolderHealth:
    lag = None
    if folder.newest_there is not None:
        behind = folder.newest_there - (folder.newest_here or folder.newest_there)
        lag = max(behind, dt.timedelta(0))
    days = sorted(folder.days.all(), key=lambda day: day.day, reverse=True)
    return FolderHealth(folder.name, folder.compared_at, lag, days)


def as_json(health: Health) -> dict[str, Any]:
    """For programs; moments as ISO 8601, the lag in seconds."""
    box = health.mailbox
    return {
        "mailbox": box.name, "address": box.address, "read": box.active, "well": health.well, "problem": box.problem,
        "stale": health.stale,
        "problem_since": _iso(box.problem_since), "last_run_at": _iso(box.last_run_at), "last_ok_at": _iso(box.last_ok_at),
        "next_try_at": _iso(box.next_try_at), "states": health.states, "missing": health.missing,
        "folders": [
            {
                "name": folder.name, "compared_at": _iso(folder.compared_at),
                "lag": folder.lag.total_seconds() if folder.lag is not None else None,
                "days": [
                    {"day": d.day.isoformat(), "there": d.there, "here": d.here, "gone": d.gone, "missing": d.missing}
                    for d in folder.days
                ],
            }
            for folder in health.folders
        ],
    }  # fmt: skip


def as_text(health: Health) -> str:
    """A few lines for people."""
    box = health.mailbox
    seen = timezone.localtime(box.last_run_at).strftime("%Y-%m-%d %H:%M") if box.last_run_at else "never"
    lines = [
        f"{box.name} <{box.address}>: {'well' if health.well else box.problem or 'not complete'} (last looked at: {seen})"
    ]
    if health.stale:
        lines.append("  Nobody looked for a while: is the worker running (`kith serve`, or `kith worker`)?")
    if not health.signed_in:
        lines.append("  Nobody gave its password yet.")
    for folder in health.folders:
        lag = f", {int(folder.lag.total_seconds() // 60)} min behind" if folder.lag else ""
        lines.append(f"  {folder.name}: {folder.here} of {folder.there} messages of the last days are here{lag}")
        lines += [f"    {day.day}: message {uid}: {why}" for day in folder.days for uid, why in day.missing[:10]]
    return "\n".join(lines)


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
