"""What the process adds to record pages: the line of the relationship, the gate of its stage, the playbook."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.evidence.advised import advised_to
from kith.process.filling import Filling
from kith.process.gates import gate_of
from kith.process.handovers.offering import is_addressed, may_answer, may_take_back, whom_of
from kith.process.journeys.leading import Leading
from kith.process.models import Stay
from kith.process.playbook import parts
from kith.process.relationship import Relationship, late_by, relationship_of
from kith.process.suggesting import suggestion
from kith.process.versions import in_use
from kith.ui.dates import day, duration
from kith.ui.panels import Panel, register_panel, register_strip

ON = ("person", "company", "deal", "journey")
STYLE = "ui/css/pages/process.css"
VERBS = (
    "move",
    "change_process",
    "close",
    "tick",
    "untick",
    "hand_over",
    "accept_handover",
    "return_handover",
    "withdraw_handover",
    "plan_move",
)  # that the card offers
CELLS = 14  # of the clock on the card


def desk(actor: Actor, row: Any) -> dict[str, Any] | None:
    """Where a process is edited, for those who may, and where everybody reads it."""
    if not actor.can("settings.manage") and not row.in_force:
        return None
    base = f"/settings/process/{row.key}/" if actor.can("settings.manage") else ""
    return {"desk": base, "guide": f"/process/guide/{row.key}/" if row.in_force else ""}


DESK = Panel("desk", _("Steps"), "process/panel_desk.html", desk, place="main", order=5)


def strip(actor: Actor, record: Any, row: Any) -> list[dict[str, Any]] | None:
    """The stops of a relationship's line."""
    found = relationship_of(actor, record, row) if record.name in ON else None
    return stops_of(found) if found is not None else None


def stops_of(found: Relationship) -> list[dict[str, Any]]:
    """The stages of a relationship as `ui.lifecycle` takes them."""
    last = {stay.stage: stay for stay in found.stays}
    begins = found.definition.order[found.definition.first.key]
    here = found.definition.order.get(found.journey.stage, -1)
    came = min((found.definition.order.get(key, 0) for key in last), default=0) if found.journey.came_over else 0
    stops = []
    for i, stage in enumerate(found.definition.stages):
        stop: dict[str, Any] = {"step": stage.step, "name": stage.name, "href": guide(found, stage.key)}
        stay = last.get(stage.key)
        if i == here and found.journey.closed_at is None:
            stops.append(stop | _current(found, stay))
        elif stay is not None:
            stops.append(stop | _done(stay))
        elif stage.key in found.journey.skipped:
            stops.append(stop | {"state": "skipped", "meta": __("skipped")})
        elif i < came:
            stops.append(stop | {"state": "done", "meta": __("in another process")})
        elif i < begins:
            stops.append(stop | {"state": "done", "meta": __("before we met")})
        else:
            words = "" if stage.is_for(found.journey.segment) else __("not for them")
            stops.append(stop | {"state": "ahead", "meta": words or __("not yet")})
    return stops


def guide(found: Relationship, stage: str) -> str:
    return f"/process/guide/{found.definition.key}/#{stage}"


def _current(found: Relationship, stay: Stay | None) -> dict[str, Any]:
    due, since = found.journey.due_at, found.journey.entered_at
    told: dict[str, Any] = {"state": "current", "meta": __("since %s") % day(since)}
    if due is not None:
        told |= {"progress": _progress(since, due), "meta": left(due)}
        if due < timezone.now():
            told["tone"] = "late"
    return told


def _done(stay: Stay) -> dict[str, Any]:
    over = late_by(stay)
    if over is not None:
        return {
            "state": "done",
            "tone": "warn",
            "meta": __("%(day)s, %(over)s late") % {"day": day(stay.entered_at), "over": duration(over, rough=True)},
        }
    took = duration((stay.left_at or timezone.now()) - stay.entered_at, rough=True)
    return {"state": "done", "meta": __("%(day)s, %(time)s") % {"day": day(stay.entered_at), "time": took}}


def _progress(since: dt.datetime, due: dt.datetime) -> int:
    whole = max((due - since).total_seconds(), 1)
    return min(100, max(0, round(100 * (timezone.now() - since).total_seconds() / whole)))


def left(due: dt.datetime) -> str:
    """ "4 days left", "2 h late"."""
    rest = due - timezone.now()
    return __("%s left") % duration(rest) if rest > dt.timedelta(0) else __("%s late") % duration(-rest)


def gate(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The card of the stage where a relationship stands; None where there is none, or it has ended."""
    found = relationship_of(actor, registry.by_model(type(row)), row)
    if found is None or found.stage is None or not found.journey.is_running:
        return None
    due = found.journey.due_at
    asked, filling = found.gate.asked, Filling(actor, found, row)
    missing = len(found.gate.missing)
    leading = Leading(found.journey, found.stage, found.next) if missing and found.stage.lead_only else None
    passes = leading is None or leading.may(actor)
    offered = found.handover
    answers = may_answer(offered, actor)
    gone = round(CELLS * _progress(found.journey.entered_at, due) / 100) if due else 0
    return {
        "found": found, "left": left(due) if due else "", "tone": "late" if due and due < timezone.now() else None,
        "cells": [i < gone for i in range(CELLS)] if due else [], "asked": [filling.line(a) for a in asked],
        "why": _why(found, len(asked), missing), "missing": missing, "handover": offered,
        "may": actor.can("journey.edit"), "others": len(in_use()) > 1, "to": found.next, "skipped": _skipped(found),
        "mine": offered is not None and answers and offered.receiver_id in (actor.user_id, None), "answers": answers,
        "whom": whom_of(offered.receiver, offered.team) if offered is not None else "",
        "addressed": is_addressed(offered), "gives": may_take_back(offered, actor),
        "passes": passes, "leads": leading.words if leading is not None and not passes else "",
        "url": registry["journey"].url(found.journey.pk), "waits": _waits(found),
    }  # fmt: skip


def _skipped(found: Relationship) -> str:
    """Which steps were left out, counted and named; "" where none was."""
    keys, by_key = found.journey.skipped, found.definition.by_key
    names = ", ".join(by_key[key].name if key in by_key else key for key in keys)
    if not keys:
        return ""
    return ngettext("%(n)s step was skipped: %(names)s.", "%(n)s steps were skipped: %(names)s.", len(keys)) % {
        "n": len(keys),
        "names": names,
    }


def _waits(found: Relationship) -> str:
    """Where something would have brought it, and what holds it; "" where nothing did."""
    to = found.definition.by_key.get(found.journey.wanted)
    if to is None:
        return ""
    passage = gate_of(found.journey, found.definition, to)
    holding = passage.holding
    if not holding:
        return __("Held back from %s until now; it goes on when something happens next.") % to.name
    what = {"stage": to.name, "what": ", ".join(holding).rstrip(".")}
    if any(one.instead for one in passage.barred):  # no named way: nothing that can still come true leads there
        return __("Held back from %(stage)s: %(what)s. Move them on by one of these.") % what
    if any(a.fault for a in passage.asked):
        return __("Held back from %(stage)s: %(what)s. Goes on once that is mended under Settings, Process.") % what
    return __("Held back from %(stage)s: %(what)s. Goes on by itself once that is met.") % what


def _why(found: Relationship, asked: int, missing: int) -> str:
    if found.next is None:
        return __("The last stage. %s") % (found.stage.purpose if found.stage else "")
    if not asked:
        return __("Passes to %s when you say so.") % found.next.name
    met = ngettext("%d is met.", "%d are met.", asked - missing) % (asked - missing)
    words = (
        __("Passes to %(stage)s when all %(n)d are met.") if asked > 1 else __("Passes to %(stage)s when this is met.")
    )
    return f"{words % {'stage': found.next.name, 'n': asked}} {met if asked > 1 else ''}".strip()


def playbook(actor: Actor, row: Any) -> dict[str, Any] | None:
    """What good looks like in this stage."""
    found = relationship_of(actor, registry.by_model(type(row)), row)
    if found is None or found.stage is None or not found.journey.is_running:
        return None
    told = advised_to(actor, found.journey.process_id).get(found.stage.key)
    if not found.stage.playbook and told is None:
        return None
    return {
        "advice": told,
        "parts": parts(found.stage.playbook),
        "hint": __("version %s") % found.journey.held_to,
        "guide": guide(found, found.stage.key),
        "say": f"/processes/{found.journey.process_id}/do/say?stage={found.stage.key}",
    }


def suggested(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The one thing to do next."""
    found = relationship_of(actor, registry.by_model(type(row)), row)
    one = suggestion(actor, found, row) if found is not None else None
    return (
        {"one": one, "inputs": json.dumps(dict(one.inputs)), "query": urlencode(one.inputs)}
        if one is not None
        else None
    )


register_strip(strip)
for name in ON:
    register_panel(
        Panel("gate", _("Gate"), "process/panel_gate.html", gate, depends_on=("journey", "company", "person", "deal", "activity"),
              order=5, bare=True, verbs=VERBS if name == "journey" else (), style=STYLE), on=name,
    )  # fmt: skip
    register_panel(
        Panel("suggestion", _("Suggested next step"), "process/panel_suggestion.html", suggested,
              depends_on=("journey", "company", "person", "deal", "activity", "promise"), order=6, lazy=True), on=name,
    )  # fmt: skip
    register_panel(
        Panel("playbook", _("Playbook"), "process/panel_playbook.html", playbook, depends_on=("journey",), order=15),
        on=name,
    )

from kith.process.campaigns import panel  # noqa: E402, F401 - what campaigns brought
