"""Profiles for programs: the criteria and versions of one, and what each criterion in force says of a person or a company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness.models import Criterion, Profile, ProfileVersion, Sort
from kith.awareness.profiles.fitting import MET, UNKNOWN, UNMET, Line, Result, results_now
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Choice, Integer, LongText, Moment, Text
from kith.kernel.records.parts import Part

VERDICTS = {MET: "met", UNMET: "unmet", UNKNOWN: "unknown"}


@dataclass(frozen=True)
class Told:
    """One criterion of one profile with what it says; the id of the profile, and how well the row fits it in all."""

    result: Result
    line: Line

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line if name in ("label", "words", "weight", "note") else self.result, name)

    @property
    def verdict(self) -> str:
        return VERDICTS[self.line.sign]


@dataclass(frozen=True)
class Published:
    """A criterion as a version has it."""

    version: ProfileVersion
    current: bool
    label: str
    conditions: str
    weight: int
    note: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.version, name)


def _draft(actor: Actor, profile: Profile) -> list[Criterion]:
    return list(Criterion.objects.filter(profile=profile).order_by("position", "pk"))


def _versions(actor: Actor, profile: Profile) -> list[Published]:
    return [
        Published(version, version.number == profile.number, one["label"], one["conditions"], one["weight"], one.get("note", ""))
        for version in ProfileVersion.objects.filter(profile=profile).order_by("-number")
        for one in version.criteria
    ]  # fmt: skip


def fits(subject: str) -> Part:
    """What the panel of a person or a company shows, a line for each criterion of each profile in force."""

    def read(actor: Actor, row: Any) -> list[Told]:
        found = results_now(actor, subject, row.pk) if actor.can("profile.see") else []
        return [Told(result, line) for result in found for line in result.lines]

    return Part(
        "fits", _("Fit"),
        {"profile": Integer(), "name": Text(120), "sort": Choice(dict(Sort.choices)), "number": Integer(), "share": Integer(),
         "known": Integer(), "label": Text(120), "words": LongText(), "weight": Integer(), "note": LongText(),
         "verdict": Choice({"met": _("met"), "unmet": _("not met"), "unknown": _("unknown")})},
        read,
    )  # fmt: skip


_CRITERION = {"label": Text(120), "conditions": LongText(), "weight": Integer(), "note": LongText()}
CRITERIA = Part("criteria", _("Criteria"), {"id": Integer(), **_CRITERION}, _draft)
VERSIONS = Part(
    "versions", _("Versions"),
    {"number": Integer(), "current": Bool(), "at": Moment(), "by_name": Text(200), **_CRITERION}, _versions,
)  # fmt: skip
