"""What this step adds to the pages of people and companies."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Day
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry
from kith.qualification.checklist.answering import Known, known_of
from kith.qualification.models import Changed, Decision, Lead, Part, Verdict, Waiting
from kith.qualification.outcome.deciding import ACTIONS
from kith.qualification.predicting.applying import learned_from
from kith.ui.panels import BEFORE, Panel, register_panel

SHOWN = 6


def assignment(actor: Actor, person: Any) -> dict[str, Any] | None:
    """Why this person is with whom they are: the latest decisions, newest first. One query."""
    rows = Decision.objects.filter(person=person, archived_at=None).select_related("user", "rule", "previous")
    found = list(rows.order_by("-pk")[:SHOWN])
    if not found:
        return None
    running = next((d for d in found if d.due_at and not d.stopped_at), None)
    late = bool(running and running.due_at and running.due_at < timezone.now())
    return {"decisions": found, "running": running, "late": late}


def lead_of(person: Any) -> Lead | None:
    """The lead's row, read once for all panels of a page."""
    try:
        lead: Lead = person.lead
    except Lead.DoesNotExist:
        return None
    return lead


def score(actor: Actor, person: Any) -> dict[str, Any] | None:
    """Every point of this person, the strongest first, and what moved them. One query beside the lead's row."""
    lead = lead_of(person)
    if lead is None or not (lead.lines or lead.chance is not None or lead.band):
        return None
    history = Changed.objects.filter(person=person).order_by("-pk")[:SHOWN]
    return {
        "hint": lead.band, "parts": [_part(lead, part) for part in Part], "reasons": lead.reasons,
        "history": [_moved(one) for one in history], "chance": None if lead.chance is None else round(lead.chance * 100),
        "learned_from": learned_from() if lead.chance is not None else 0,
    }  # fmt: skip


def _part(lead: Lead, part: Part) -> dict[str, Any]:
    lines = sorted((line for line in lead.lines if line["part"] == part), key=lambda line: -abs(line["points"]))
    points = lead.fit if part == Part.FIT else lead.engagement
    return {"label": part.label, "points": points, "lines": [{**line, "at": _moment(line["at"])} for line in lines]}


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def why_moved(one: Changed) -> str:
    """The rules that moved a score, each with what it gave or took."""
    return ", ".join(f"{w['name']} {w['after'] - w['before']:+d}" for w in one.why)


def _moved(one: Changed) -> dict[str, Any]:
    said = {"before": one.fit_before + one.engagement_before, "after": one.fit + one.engagement}
    why = why_moved(one)
    if one.band != one.band_before:
        why = " · ".join(w for w in (why, __("now %s") % (one.band or __("in no band"))) if w)
    return {"words": __("%(before)s to %(after)s points") % said, "why": why, "at": one.at}


def _checklist(record: str, slug: str) -> Any:
    def context(actor: Actor, row: Any) -> dict[str, Any] | None:
        known = known_of(record, row, actor)
        if not known:
            return None
        return {
            "lines": [_known(one) for one in known], "href": f"/{slug}/{row.pk}/checklist",
            "hint": __("%(known)s of %(asked)s known") % {"known": sum(one.known for one in known), "asked": len(known)},
        }  # fmt: skip

    return context


def _known(one: Known) -> dict[str, Any]:
    """What is known, or the question to ask next."""
    told = one.answer
    if told is None:
        small = one.said or one.criterion.question
        return {"label": one.criterion.name, "state": "met" if one.said else "", "small": small}
    small = " · ".join(w for w in (told.answer, told.evidence, str(told.user or "")) if w)
    return {"label": one.criterion.name, "state": "met", "small": small, "at": Day().show(told.answered_on)}


for name, slug in (("person", "people"), ("company", "companies")):
    register_panel(
        Panel("checklist", _("Checklist"), "qualification/panel_checklist.html", _checklist(name, slug),
              depends_on=("answer", "criterion"), order=44, covers=("answer",), verbs=("answer",), lazy=True, phase=BEFORE),
        on=name,
    )  # fmt: skip


def to_ask(actor: Actor, deal: Any) -> dict[str, Any] | None:
    """What nobody knows yet of the deal's contact, else of its company: the questions to ask next."""
    for record, pk in (("person", deal.contact_id), ("company", deal.company_id)):
        row = registry[record].rows(actor).filter(pk=pk).first() if pk and actor.can(f"{record}.see") else None
        missing = [one for one in known_of(record, row, actor) if not one.known] if row is not None else []
        if missing:
            return {
                "lines": [_known(one) for one in missing], "name": registry[record].name_of(row), "count": len(missing),
                "href": f"{registry[record].url(row.pk)}/checklist", "may": actor.can(f"{record}.edit"),
            }  # fmt: skip
    return None


register_panel(
    Panel("to-ask", _("To ask next"), "qualification/panel_to_ask.html", to_ask, depends_on=("answer", "criterion"),
          order=45, lazy=True),
    on="deal",
)  # fmt: skip


def verdict(actor: Actor, person: Any) -> dict[str, Any] | None:
    """What was decided last, and what may be decided now; nothing for whom deals have decided already. One query."""
    decided = lead_of(person) is not None
    rows = Verdict.objects.filter(person=person, archived_at=None).select_related("user", "reason", "deal")
    found = list(rows.order_by("-pk")[:SHOWN]) if decided else []
    if not found and _in_deals(person) and not Waiting.objects.filter(person=person).exists():
        return None
    verbs = [(act.verb, act.label, act.icon) for act in ACTIONS if act.open_to(person, actor)]
    deals = {v.deal_id for v in found if v.deal_id}
    seen = seen_ids(actor, registry["deal"], deals) if deals else set()
    return {"verdicts": found, "verbs": verbs, "seen": seen, "deals": actor.can("deal.create")}


def _in_deals(person: Any) -> bool:
    """Is there a deal with them, or with their company? That there is one is no secret among colleagues who see them."""
    theirs = Q(contact=person.pk) | (Q(company=person.company_id) if person.company_id else Q())
    return bool(registry["deal"].model._default_manager.filter(theirs, archived_at__isnull=True).exists())


register_panel(
    Panel("verdict", _("Verdict"), "qualification/panel_verdict.html", verdict, depends_on=("verdict",), order=43,
          covers=("verdict",), verbs=(*(act.verb for act in ACTIONS), "convert"), lazy=True, phase=BEFORE),
    on="person",
)  # fmt: skip
register_panel(
    Panel(
        "score", _("Score"), "qualification/panel_score.html", score, depends_on=("score_rule",), order=42, phase=BEFORE
    ),
    on="person",
)
register_panel(
    Panel("assignment", _("Assignment"), "qualification/panel_assignment.html", assignment, depends_on=("assignment",),
          place="facts", order=82, covers=("assignment",), lazy=True),
    on="person",
)  # fmt: skip

from kith.qualification import parts  # noqa: E402, F401 - the same for programs
