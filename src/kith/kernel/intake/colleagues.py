"""Colleagues and teams from a file: an import target that is no record.

A colleague who comes from a file cannot sign in: there is no password, and the address is a placeholder unless the file
gives one. An administrator who sets a real address and sends the invitation turns them into a user like any other.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.actions import MANAGE, clean_email, clean_name, save_team, time_zone_of
from kith.kernel.accounts.models import Role, Team, User
from kith.kernel.errors import Invalid
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.mapping import Mapping
from kith.kernel.kinds import Choice, Email, Text
from kith.kernel.kinds.link import USERS
from kith.kernel.organisation.models import bump
from kith.kernel.records.columns import Column, Facts
from kith.kernel.text import fold, words

PLACEHOLDER = "placeholder.invalid"  # a domain that can never receive mail (RFC 2606)


def placeholder(name: str, *, by: Actor) -> User:
    """A colleague of that name who cannot sign in. Raises NotAllowed, Invalid."""
    by.require(MANAGE)
    user = User(email=_free_address(name), name=clean_name(name), role=Role.MEMBER, time_zone=time_zone_of(by))
    user.preferences = {"placeholder": True}
    user.set_unusable_password()
    user.save()
    bump()
    return user


def _free_address(name: str) -> str:
    stem = ".".join(words(name))[:60] or "colleague"
    taken = set(
        User.objects.filter(email__startswith=stem, email__endswith=f"@{PLACEHOLDER}").values_list("email", flat=True)
    )
    numbers = ["", *(f".{n}" for n in range(2, len(taken) + 3))]
    return next(a for n in numbers if (a := f"{stem}{n}@{PLACEHOLDER}") not in taken)


def _column(key: str, label: Any, kind: Any, required: bool = False) -> Column:
    return Column(key, label, kind, Facts(), key, "colleague", required=required)


class Colleagues:
    """The import target. `team` is made when it is missing; `lead` leads the team and belongs to it."""

    name, slug, icon = "colleague", "colleagues", "people"
    label, plural = gettext_lazy("Colleague"), gettext_lazy("Colleagues")
    match: tuple[str, ...] = ("email", "name")
    record = None
    lane = ""
    place = "/accounts/people/"

    def columns(self, actor: Actor, mapping: Mapping | None = None) -> dict[str, Column]:
        return {
            c.key: c
            for c in (
                _column("name", gettext_lazy("Name"), Text(200), required=True),
                _column("email", gettext_lazy("E-mail"), Email()),
                _column("role", gettext_lazy("Role"), Choice(dict(Role.choices))),
                _column("team", gettext_lazy("Team"), Text(120)),
                _column("lead", gettext_lazy("Leads the team"), Text(200)),
                _column("office", gettext_lazy("Office"), Text(120)),
            )
        }

    def allow(self, actor: Actor) -> None:
        actor.require(MANAGE)

    def session(self, mapping: Mapping, columns: dict[str, Column], actor: Actor, run: int) -> _Session:
        return _Session(mapping, actor)

    def url(self, pk: int) -> str:
        return f"{self.place}{pk}/"

    def names(self, pks: set[int], actor: Actor) -> dict[int, str]:
        return {user.pk: USERS.name_of(user) for user in USERS.rows(actor).filter(pk__in=pks)}


class _Session:
    """What one run knows: everybody by folded name and by address, so that a file of colleagues costs few queries."""

    def __init__(self, mapping: Mapping, actor: Actor):
        self.mapping, self.actor = mapping, actor

    def resolve(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            name, email = draft.values.get("name", ""), draft.values.get("email", "")
            draft.keys = [f"email:{email.lower()}"] if email else [f"name:{fold(name)}"] if name else []

    def forget(self) -> None:
        """Nothing is remembered from one batch to the next."""

    def dump(self, draft: Draft) -> dict[str, Any]:
        return dict(draft.values)

    def find(self, drafts: list[Draft]) -> None:
        people = list(User.objects.all())
        by_email = {u.email: u for u in people}
        by_name: dict[str, list[User]] = {}
        for u in people:
            by_name.setdefault(fold(u.name), []).append(u)
        for draft in drafts:
            name, email = draft.values.get("name", ""), draft.values.get("email", "")
            same = by_name.get(fold(name), [])
            draft.existing = by_email.get(email.lower()) if email else same[0] if len(same) == 1 else None
            if not email and len(same) > 1:
                draft.refuse(_("More than one colleague is called “%s”; give the e-mail address.") % name)

    def write(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            if draft.refused:
                continue
            try:
                with transaction.atomic():
                    self._one(draft)
            except Invalid as problem:
                draft.refuse(problem.message)
        bump()

    def _one(self, draft: Draft) -> None:
        """Make or complete one colleague. The role of somebody who is there already is never changed by a file."""
        user, values = draft.existing, draft.values
        if user is None:
            if not values.get("name"):
                raise Invalid(_("A colleague needs a name."))
            user = placeholder(values["name"], by=self.actor)
            draft.verdict = "create"
            user.role = values.get("role") or user.role
            if email := values.get("email"):
                user.email, user.preferences = clean_email(email, besides=user), {}
        before = _shown(user) if draft.existing else dict.fromkeys(SHOWN)
        if values.get("office"):
            user.preferences = {**user.preferences, "office": values["office"]}
        user.save()
        if values.get("team"):
            self._join(user, values["team"], values.get("lead", ""))
        after = _shown(user)
        draft.record_id = user.pk
        draft.changes = {k: [before[k], after[k]] for k in SHOWN if (before[k] or "") != after[k]}
        draft.verdict = draft.verdict or ("update" if draft.changes else "unchanged")

    def _join(self, user: User, name: str, lead: str) -> None:
        team = next((t for t in Team.objects.all() if fold(t.name) == fold(name)), None)
        boss = team.lead if team else None
        if lead:
            boss = next((u for u in User.objects.all() if fold(u.name) == fold(lead)), None)
            if boss is None:
                boss = placeholder(lead, by=self.actor)
                boss.role = Role.MANAGER
                boss.save(update_fields=["role"])
        members = set(team.members.all()) if team else set()
        save_team(team, name=name, members=members | {user}, lead=boss, by=self.actor)


SHOWN = ("name", "email", "role", "team", "office")


def _shown(user: User) -> dict[str, Any]:
    teams = ", ".join(sorted(t.name for t in user.teams.all()))
    return {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "team": teams,
        "office": user.preferences.get("office", ""),
    }


COLLEAGUES = Colleagues()
