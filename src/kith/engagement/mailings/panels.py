"""Parts of a mailing's page: what a look beforehand found, how far it is, what became of it; and mailings of a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.engagement.mailings import results
from kith.engagement.models import BEGUN, OPEN, Held, Mailing, MailingState, Recipient, RecipientState
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Language
from kith.kernel.records.registry import registry
from kith.ui.panels import BEFORE, Panel, register_panel

FIRST = ("check", "try_out", "schedule", "unschedule", "send")
GOING = ("pause", "resume", "cancel", "try_doubtful")
FEW = 8


def beforehand(actor: Actor, mailing: Mailing) -> dict[str, Any] | None:
    """What the last check found, and the verbs that come next; None once it has begun."""
    if mailing.state not in OPEN:
        return None
    found = mailing.checked if "at" in mailing.checked else {}
    return {
        "mailing": mailing, "found": found, "at": dt.datetime.fromisoformat(found["at"]) if found else None,
        "looking": "looking" in mailing.checked,
        "held": [(str(Held(key).label), n) for key, n in found.get("held", {}).items() if n],
        "languages": [(Language().show(key), n) for key, n in found.get("languages", {}).items()],
        "stale": bool(found) and found.get("version") != mailing.template.version, "look": mailing.template_id,
        "scheduled": mailing.state == MailingState.SCHEDULED,
    }  # fmt: skip


def progress(actor: Actor, mailing: Mailing) -> dict[str, Any] | None:
    """How many of how many, while it is sent and after."""
    if mailing.state in OPEN:
        return None
    found = results.counts(actor, mailing)
    everybody = sum(found.values())
    waiting = found.get(RecipientState.WAITING, 0) + found.get(RecipientState.HANDING, 0)
    return {
        "mailing": mailing, "everybody": everybody, "done": everybody - waiting, "waiting": waiting,
        "states": [(key, str(label), found[key]) for key, label in RecipientState.choices if found.get(key)],
        "held": results.held(actor, mailing), "going": mailing.state == MailingState.SENDING, "doubt": found.get("doubt", 0),
        "paused": mailing.state == MailingState.PAUSED, "hint": str(MailingState(mailing.state).label),
    }  # fmt: skip


def result(actor: Actor, mailing: Mailing) -> dict[str, Any] | None:
    """What came back, in all and by segment and language."""
    if (mailing.state not in BEGUN and mailing.state != MailingState.CANCELLED) or mailing.laid_at is None:
        return None
    segments, languages = results.per_segment(actor, mailing), results.per_language(actor, mailing)
    total = results.total(actor, mailing)
    return {
        "mailing": mailing, "total": total, "reading": results.reading(total) if mailing.track else "", "segments": segments, "languages": languages,
        "verdict": results.compared(segments), "after": results.afterwards(actor, mailing), "days": results.DAYS,
    }  # fmt: skip


def of_person(actor: Actor, person: Any) -> dict[str, Any] | None:
    """Mailings that somebody got, newest first."""
    seen = registry["mailing"].rows(actor)
    rows = Recipient.objects.filter(person=person.pk, mailing__in=seen, state__in=("sent", "doubt")).select_related(
        "mailing"
    )
    found = list(rows.order_by("-at", "-pk")[:FEW])
    return {"rows": found, "count": len(found)} if found else None


BEFOREHAND = Panel(
    "mailing-check", _("Before it is sent"), "engagement/mailing_check.html", beforehand, depends_on=("mailing",), place="main",
    order=5, verbs=FIRST,
)  # fmt: skip
PROGRESS = Panel(
    "mailing-progress", _("How far it is"), "engagement/mailing_progress.html", progress, depends_on=("mailing",), place="main",
    order=6, verbs=GOING,
)  # fmt: skip
RESULT = Panel(
    "mailing-result", _("What became of it"), "engagement/mailing_result.html", result, place="main", order=10, lazy=True,
)  # fmt: skip
register_panel(
    Panel("mailings", _("Mailings"), "engagement/mailing_person.html", of_person, depends_on=("mailing",), order=60, lazy=True, phase=BEFORE),
    on="person",
)  # fmt: skip
