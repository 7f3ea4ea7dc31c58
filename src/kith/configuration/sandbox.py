"""A second Kith to try things in: its configuration, its teams and colleagues are those of this one, its customers are not.

What goes along is written to the new data folder (`pack`), and taken up there by a process of its own (`fill`): a process
has one database. That nothing leaves a sandbox is said in `kith.config`, by a file in its data folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kith.config import SANDBOX
from kith.configuration.actions import Refused, apply
from kith.configuration.exporting import MANAGE, files_of
from kith.configuration.files import read_folder, write_folder
from kith.configuration.reviewing import review
from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts.actions import generate_password, invite, save_team
from kith.kernel.accounts.models import Team, User
from kith.kernel.accounts.queries import administrators
from kith.kernel.errors import Invalid
from kith.kernel.organisation.actions import describe, finish_setup
from kith.kernel.organisation.models import refresh
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry

BROUGHT = "brought"  # what came along, in the sandbox's data folder
TOLD = ("name", "currency", "country", "time_zone", "language")


def pack(folder: Path, *, by: Actor) -> int:
    """Make the data folder of a sandbox with what it begins with; returns how many files came along. Raises Invalid."""
    by.require(MANAGE)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(_("%s is there already and has something in it; name a new folder.") % folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    brought = folder / BROUGHT
    brought.mkdir()
    (brought / "organisation.json").write_text(json.dumps(_house(), ensure_ascii=False, indent=1), encoding="utf-8")
    files = files_of(by=by)
    write_folder(brought / "configuration", files)
    (folder / SANDBOX).write_text("Nothing leaves this Kith: it is a sandbox.\n", encoding="utf-8")
    return len(files)


def _house() -> dict[str, Any]:
    """The organisation, its colleagues and teams: no password, no token, no customer."""
    organisation = refresh()
    process = registry["process"].model._default_manager.filter(is_default=True, archived_at=None).first()
    return {
        "organisation": {name: getattr(organisation, name) for name in TOLD},
        "colleagues": [
            {"email": user.email, "name": user.name, "role": user.role}
            for user in User.objects.filter(is_active=True).order_by("pk")
        ],
        "teams": [
            {"name": team.name, "lead": team.lead.email if team.lead and team.lead.is_active else "",
             "members": [user.email for user in team.members.filter(is_active=True).order_by("pk")]}
            for team in Team.objects.select_related("lead").order_by("pk")
        ],
        "process": process.key if process is not None else "",
    }  # fmt: skip


def fill(folder: Path, *, by: Actor) -> tuple[str, str]:
    """Take up what was packed, in the sandbox itself; returns the (e-mail, password) of an administrator. Raises Refused."""
    house = json.loads((folder / BROUGHT / "organisation.json").read_text(encoding="utf-8"))
    for one in house["colleagues"]:
        if not User.objects.filter(email__iexact=one["email"]).exists():
            invite(email=one["email"], name=one["name"], role=one["role"], by=by)
    for one in house["teams"]:
        members = User.objects.filter(email__in=one["members"])
        lead = User.objects.filter(email=one["lead"]).first() if one["lead"] else None
        save_team(
            Team.objects.filter(name__iexact=one["name"]).first(), name=one["name"], members=members, lead=lead, by=by
        )
    if house["organisation"]["name"]:
        describe(**house["organisation"], by=by)
    finish_setup(by=by)
    first = _administrator(house)
    _take_up(read_folder(folder / BROUGHT / "configuration"), house["process"], actor_for(first, "cli"))
    return first.email, generate_password(first, by=by)


def _administrator(house: dict[str, Any]) -> User:
    known = [one["email"] for one in house["colleagues"]]
    first: User | None = administrators().filter(email__in=known).order_by("pk").first() or administrators().first()
    if first is None:
        raise Invalid(_("There is no administrator yet; add one with kith user add, then make the sandbox."))
    return first


def _take_up(files: dict[str, str], standard: str, by: Actor) -> None:
    """All of it counts from the start; new customers begin where they do at home."""
    apply(files, by=by)
    process = registry["process"].rows(by, archived=False).filter(key=standard).first() if standard else None
    waits = [entry.key for entry in review(files, by=by).of("waiting") if entry.chapter.name == "processes"]
    if process is not None and (standard,) in waits:
        perform(ACTIONS["process.publish"], process, {"default": "1"}, by=by)
    try:
        apply(files, by=by, publish=True)
    except (
        Refused
    ) as problem:  # what cannot be published here (a template with a file that stayed at home) waits as a draft
        raise Refused(
            [_("The configuration is there as drafts, and not all of it counts yet:"), *problem.sentences]
        ) from None
