"""Taking a team away without losing sight of what it worked on: its rows go to another team, or to none, as one
operation that can be undone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import Team, User
from kith.kernel.errors import Invalid
from kith.kernel.lookups.models import SavedView
from kith.kernel.organisation.models import bump
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation, undoes
from kith.kernel.timeline.takeback import undo_changes

MANAGE = "settings.people"


def rows_of(team: Team) -> dict[str, int]:
    """{plural of a record type: how many rows belong to the team}, types without any left out."""
    found: dict[str, int] = {}
    for record, field in _holders():
        count = record.model._default_manager.filter(**{field: team}).count()
        if count:
            found[record.plural.lower()] = found.get(record.plural.lower(), 0) + count
    return found


@transaction.atomic
def delete_team(team: Team, *, to: Team | None, by: Actor) -> Operation:
    """Move the team's rows to another team (None: to no team) and delete it; its members stay colleagues. Undoing brings
    the team, its members and its rows back. Raises Invalid, NotAllowed."""
    by.require(MANAGE)
    team = Team.objects.select_for_update().get(pk=team.pk)
    if to is not None and to.pk == team.pk:
        raise Invalid(_("Choose another team; this one goes."), "to")
    data = {
        "id": team.pk, "name": team.name, "lead": team.lead_id,
        "members": list(team.members.order_by("pk").values_list("pk", flat=True)),
        "views": list(SavedView.objects.filter(team=team).values_list("pk", flat=True)),
    }  # fmt: skip
    with operation("team.delete", _("Deleted the team %s") % team.name, by=by, data=data) as (op, actor):
        for record, field in _holders():
            _move(record, field, team, to, actor)
        team.delete()
    bump()
    return op


def _holders() -> list[tuple[Any, str]]:
    """(record type, field) of every field that names a team."""
    return [
        (record, f.name)
        for record in registry
        for f in record.model._meta.concrete_fields
        if f.remote_field is not None and f.remote_field.model is Team
    ]


def _move(record: Any, field: str, team: Team, to: Team | None, by: Actor) -> None:
    def moved(row: Any) -> None:
        setattr(row, field, to)

    rows = record.model._default_manager.filter(**{field: team}).order_by("pk")
    change_many(rows.iterator(chunk_size=1000), moved, by=by)
    if left := rows.count():
        words = ngettext(
            "%(n)s of its %(what)s is out of your reach; let somebody who may change all of them delete the team.",
            "%(n)s of its %(what)s are out of your reach; let somebody who may change all of them delete the team.",
            left,
        )
        raise Invalid(words % {"n": left, "what": record.plural.lower()})


@undoes("team.delete")
def _bring_back(op: Operation, by: Actor) -> list[str]:
    by.require(MANAGE)
    data = op.data
    if Team.objects.filter(name__iexact=data["name"]).exists():
        raise Invalid(_("There is a team called “%s” again; rename it first.") % data["name"])
    team = Team.objects.create(pk=data["id"], name=data["name"], lead=User.objects.filter(pk=data["lead"] or 0).first())
    team.members.set(User.objects.filter(pk__in=data["members"]))
    SavedView.objects.filter(pk__in=data["views"], team=None).update(team=team)
    bump()
    return undo_changes(op, by)
