"""Verbs and columns lent to people: how a lead is decided, what they are worth as a lead, and where they are, for territories.

What is kept on `Lead` is one join away, whatever the size of a list.
"""

from __future__ import annotations

from django.db.models import Case, CharField, F, Func, IntegerField, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf, Round
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Choice, Integer, Moment, Text
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry
from kith.qualification.assigning.unrouted import assign_by_rules
from kith.qualification.checklist.answering import ANSWER_COMPANY, ANSWER_PERSON
from kith.qualification.models import State
from kith.qualification.outcome.converting import become_deal
from kith.qualification.outcome.deciding import ACTIONS


def _part(path: str, part: str) -> Func:
    return Func(
        F(path), Value("0"), Value(part), function="jsonb_extract_path_text", output_field=CharField(max_length=300)
    )


def _place(part: str) -> Coalesce:
    """Of the person's main address, else of their company's."""
    own, theirs = NullIf(_part("addresses", part), Value("")), _part("company__addresses", part)
    return Coalesce(own, theirs, Value(""), output_field=CharField(max_length=300))


PLACE = frozenset({"filter"})
registry.lend("person", "region", Facts(kind=Text(300), label=_("Region"), faces=PLACE, expr=_place("region")))
registry.lend("person", "postcode", Facts(kind=Text(300), label=_("Postcode"), faces=PLACE, expr=_place("postcode")))


SHOWN = frozenset({"list", "filter", "export", "api"})
LEAD = {
    "score": Facts(kind=Integer(), label=_("Score"), measure="avg", faces=SHOWN, expr=F("lead__total")),
    "fit": Facts(kind=Integer(), label=_("Fit"), measure="avg", faces=SHOWN, expr=F("lead__fit")),
    "engagement": Facts(kind=Integer(), label=_("Engagement"), measure="avg", faces=SHOWN, expr=F("lead__engagement")),
    "score_band": Facts(kind=Text(60), label=_("Score band"), faces=SHOWN, expr=Coalesce(F("lead__band"), Value(""))),
    "checklist": Facts(
        kind=Integer(), label=_("Checklist known, in %"), measure="avg", faces=SHOWN,
        expr=Case(When(lead__asked__gt=0, then=F("lead__known") * 100 / F("lead__asked")), output_field=IntegerField()),
    ),
    "lead_state": Facts(
        kind=Choice({key: label for key, label in State.choices if key}), label=_("Verdict"), faces=SHOWN, expr=Coalesce(F("lead__state"), Value(""))
    ),
    "wakes_at": Facts(kind=Moment(), label=_("Wakes up"), faces=SHOWN, expr=F("lead__wake_at")),
    "chance": Facts(
        kind=Integer(), label=_("Predicted chance, in %"), measure="avg", faces=SHOWN,
        expr=Cast(Round(F("lead__chance") * 100), IntegerField()),
    ),
}  # fmt: skip
registry.lend_actions("person", *ACTIONS, become_deal, ANSWER_PERSON, assign_by_rules)
registry.lend_actions("company", ANSWER_COMPANY)
for key, facts in LEAD.items():
    registry.lend("person", key, facts)
