"""The column "campaign" that people are lent: filters ask who belongs to one, who answered, who came."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from kith.awareness.models import ANSWERED, Campaign, Member, State, Touch
from kith.kernel.kinds import Operator
from kith.kernel.organisation.models import cached
from kith.kernel.records.columns import Facts
from kith.kernel.segments.kinds import Keys


def campaigns() -> dict[str, str]:
    """{key: name} of every campaign that is not archived."""
    found: dict[str, str] = cached("awareness.campaigns", _load)
    return found


def _load() -> dict[str, str]:
    return dict(Campaign.objects.filter(archived_at__isnull=True).order_by("name").values_list("key", "name"))


def _members(keys: list[str], *states: str) -> Any:
    found = Member.objects.filter(campaign__key__in=keys)
    return (found.filter(state__in=states) if states else found).values("person_id")


def _touched(keys: list[str]) -> Any:
    return Touch.objects.filter(campaign__key__in=keys).values("person_id")


class InCampaign(Keys):
    """The campaigns somebody belongs to, by key."""

    name = "in_campaign"

    def __init__(self) -> None:
        super().__init__(campaigns)

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("is", _("is"), "many", lambda p, v: Q(pk__in=_members(v))),
            Operator("is_not", _("is not"), "many", lambda p, v: Q(~Exists(_members(v).filter(person_id=OuterRef("pk"))))),
            Operator("answered", _("answered"), "many", lambda p, v: Q(pk__in=_members(v, *ANSWERED))),
            Operator("reached", _("reached"), "many", lambda p, v: Q(pk__in=_members(v, *ANSWERED)) | Q(pk__in=_touched(v))),
            Operator("attended", _("attended"), "many", lambda p, v: Q(pk__in=_members(v, State.ATTENDED))),
            Operator("silent", _("did not answer"), "many", lambda p, v: Q(pk__in=_members(v, State.INVITED, State.SENT))),
        )  # fmt: skip


def in_campaign() -> Facts:
    theirs = Member.objects.filter(person_id=OuterRef("pk"), campaign__archived_at__isnull=True)
    keys = ArraySubquery(theirs.order_by("campaign__name").values("campaign__key"))
    return Facts(kind=InCampaign(), label=_("Campaign"), faces=frozenset({"list", "filter"}), expr=keys)
