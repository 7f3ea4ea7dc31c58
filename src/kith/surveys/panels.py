"""Parts of record pages: what a survey found, what a response is about, what a person or company answered."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.surveys.figures import figures
from kith.surveys.models import Response, ResponseState, Survey
from kith.surveys.queries import of_row
from kith.surveys.shown import said
from kith.surveys.wording import about_of, words_of
from kith.ui.panels import SINCE, Panel, register_panel

MOST = 5


def found(actor: Actor, survey: Survey) -> dict[str, Any]:
    words = words_of(survey, survey.language)
    return {"survey": survey, "words": words, **said(figures(actor, survey.kind, survey=survey))}


def asked(actor: Actor, row: Response) -> dict[str, Any]:
    """What was asked, about what, and how the follow-up stands."""
    record = registry.get(row.record)
    href = record.url(row.record_id) if record is not None and row.record_id and record.rows(actor).filter(pk=row.record_id).exists() else ""  # fmt: skip
    return {
        "row": row,
        "words": words_of(row.survey, row.language),
        "about": about_of(row) if href else "",
        "href": href,
    }


def answers_of(actor: Actor, row: Any) -> dict[str, Any] | None:
    """Their last answers, what is still to follow up, and whether they can be asked; None where there is none of it."""
    kind = registry.by_model(type(row))
    assert kind is not None
    theirs = registry["response"].rows(actor, archived=False).filter(**{f"{kind.name}_id": row.pk})
    rows = list(theirs.exclude(state=ResponseState.UNASKED).select_related("survey", "person").order_by("-updated_at")[:MOST])  # fmt: skip
    ask = _askable(actor, row) if kind.name == "person" else ""
    if not rows and not ask:
        return None
    return {
        "ask": ask, "rows": rows, "count": len(rows) or None, "of_company": kind.name == "company",
        "all": f"/survey-responses/?filter={kind.name}.is:{row.pk}",
    }  # fmt: skip


def about_ticket(actor: Actor, ticket: Any) -> dict[str, Any] | None:
    """How they rated it."""
    rows = of_row(actor, "ticket", ticket.pk)
    return {"ask": "", "rows": rows, "count": None, "of_company": True, "all": ""} if rows else None


def _askable(actor: Actor, person: Any) -> str:
    """Where somebody is asked now; "" while they cannot be, or no survey asks."""
    can = actor.can("person.edit") and person.archived_at is None and person.email
    return (
        f"/people/{person.pk}/do/ask" if can and Survey.objects.filter(active=True, archived_at=None).exists() else ""
    )


FIGURES = Panel("found", _("What it found"), "surveys/panel_found.html", found, depends_on=("response",), place="main", order=5,
                lazy=True)  # fmt: skip
ASKED = Panel("asked", _("What was asked"), "surveys/panel_asked.html", asked, place="main", order=5)
for _record in ("person", "company"):
    register_panel(
        Panel("survey-answers", _("What they answered"), "surveys/panel_answers.html", answers_of, depends_on=("response",),
              order=40, covers=("response",), verbs=("ask",), lazy=True, phase=SINCE),
        on=_record,
    )  # fmt: skip
register_panel(
    Panel(
        "rated",
        _("How they rated it"),
        "surveys/panel_answers.html",
        about_ticket,
        depends_on=("response",),
        order=40,
        lazy=True,
    ),
    on="ticket",
)
