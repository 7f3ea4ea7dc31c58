"""Reading touches: the trail of a person as its reader may see it, and all that attribution needs, in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from kith.awareness.campaigns.kinds import campaigns
from kith.awareness.models import ANSWERED, Channel, Member, Touch
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Operator
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry
from kith.kernel.segments.kinds import Keys

CHANNELS = dict(Channel.choices)
LENT = frozenset({"list", "filter"})


def trail(actor: Actor, person: Any, limit: int = 50) -> list[Touch]:
    """Somebody's touches, newest first; campaigns out of the reader's reach have no name."""
    found = list(Touch.objects.filter(person_id=person.pk).select_related("campaign").order_by("-at", "-pk")[:limit])
    seen = set(
        registry["campaign"].rows(actor).values_list("pk", flat=True).filter(pk__in={t.campaign_id for t in found})
    )
    for touch in found:
        if touch.campaign_id not in seen:
            touch.campaign = None
    return found


def touches_of(people: Iterable[int], until: dt.datetime) -> list[tuple[int, dt.datetime, str, str, int | None]]:
    """(person, moment, channel, source, campaign) of all touches of these people before a moment, oldest first."""
    rows = Touch.objects.filter(person_id__in=list(people), at__lte=until).order_by("at", "pk")
    return list(rows.values_list("person_id", "at", "channel", "source", "campaign_id"))


def people_reached(campaign: int) -> Any:
    """Ids of people with a touch of this campaign, as a subquery."""
    return Touch.objects.filter(campaign_id=campaign).values("person_id")


def came_by(first: bool) -> Facts:
    """The channel of somebody's first, or last, touch, lent to people."""
    theirs = Touch.objects.filter(person_id=OuterRef("pk")).order_by("at" if first else "-at")
    label = _("First came by") if first else _("Last came by")
    return Facts(
        kind=Choice(CHANNELS),
        label=label,
        faces=frozenset({"list", "filter"}),
        expr=Subquery(theirs.values("channel")[:1]),
    )


def came_until(day: Any) -> Facts:
    """The channel of the last touch until a day, which is a subquery of the room that knows it, with the person as `person_id`."""
    theirs = Touch.objects.filter(person_id=OuterRef("pk"), at__date__lte=Subquery(day)).order_by("-at", "-pk")
    return Facts(
        kind=Choice(CHANNELS), label=_("Became business by"), faces=LENT, expr=Subquery(theirs.values("channel")[:1]),
        help=_("The last way they came before their first deal was opened."),
    )  # fmt: skip


def touched(**which: Any) -> Exists:
    """Condition on deals: the contact, or somebody of the company, was touched (by such touches) until the day it closed."""
    theirs = Touch.objects.filter(Q(person_id=OuterRef("contact_id")) | Q(person__company_id=OuterRef("company_id")))
    return Exists(theirs.filter(at__date__lte=OuterRef("closed_on"), **which))


def brought(keys: list[str]) -> Q:
    """Condition on deals: one of these campaigns touched their people, or had their answer, until the day they closed."""
    theirs = Member.objects.filter(Q(person_id=OuterRef("contact_id")) | Q(person__company_id=OuterRef("company_id")))
    answers = theirs.filter(campaign__key__in=keys, state__in=ANSWERED, since__date__lte=OuterRef("closed_on"))
    return Q(touched(campaign__key__in=keys)) | Q(Exists(answers))


def campaign_names(actor: Actor, pks: Iterable[int]) -> dict[int, tuple[str, str]]:
    """{id: (key, name)} of the campaigns that the reader may see."""
    rows = registry["campaign"].rows(actor).filter(pk__in=set(pks))
    return {pk: (key, name) for pk, key, name in rows.values_list("pk", "key", "name")}


class TouchedBy(Choice):
    """The channel that first touched a deal's people; conditions ask about any touch until it closed."""

    name, customisable, sortable = "touched_by", False, False

    def __init__(self) -> None:
        super().__init__(CHANNELS)

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("is", _("is"), "many", lambda p, v: Q(touched(channel__in=v))),
            Operator("empty", _("is empty"), "none", lambda p, v: Q(~touched())),
        )


class TouchedIn(Keys):
    """Campaigns that touched a deal's people until it closed; only conditions ask for it."""

    name = "touched_in"

    def __init__(self) -> None:
        super().__init__(campaigns)

    def ops(self) -> tuple[Operator, ...]:
        return (Operator("is", _("is"), "many", lambda p, v: Q(touched(campaign__key__in=v))),)


class FromCampaign(Keys):
    """The same, or whose people answered one: what a campaign counts as its own."""

    name = "from_campaign"

    def __init__(self) -> None:
        super().__init__(campaigns)

    def ops(self) -> tuple[Operator, ...]:
        return (Operator("is", _("is"), "many", lambda p, v: brought(v)),)


def touched_by() -> Facts:
    """The column for deals, which stand above this room: whoever reads both lends it."""
    theirs = Touch.objects.filter(Q(person_id=OuterRef("contact_id")) | Q(person__company_id=OuterRef("company_id")))
    first = theirs.filter(at__date__lte=OuterRef("closed_on")).order_by("at", "pk")
    return Facts(kind=TouchedBy(), label=_("Touched by"), faces=LENT, expr=Subquery(first.values("channel")[:1]))


def campaign_columns() -> dict[str, Facts]:
    """{key: column} that ask for a deal's campaigns, lent like `touched_by`; only filters see them."""
    nothing, filters = Value(None, CharField()), frozenset({"filter"})
    return {
        "touched_in": Facts(kind=TouchedIn(), label=_("Touched in"), faces=filters, expr=nothing),
        "from_campaign": Facts(kind=FromCampaign(), label=_("Brought by"), faces=filters, expr=nothing),
    }
