"""The questions under Settings, and the one page on which they are answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid, NotFound
from kith.kernel.kinds import Day, LongText
from kith.kernel.records.registry import registry
from kith.qualification.checklist.answering import Known, answer_all, known_of
from kith.qualification.checklist.questions import criteria
from kith.qualification.checklist.shipped import bring
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page

ASKED = {"people": "person", "companies": "company"}
LONG = LongText(20_000)


def settings(request: HttpRequest) -> HttpResponse:
    """`/settings/checklist/`: post brings the shipped questions where there are none."""
    actor = actor_of(request)
    actor.require("settings.manage")
    if request.method == "POST":
        bring(actor)
        return answers.go(request, "/settings/checklist/", _("Six questions to begin with."))
    columns = {name: registry[name].columns(actor) for name in ASKED.values()}
    fields = {c.pk: columns[c.on][c.column].label for c in criteria() if c.column in columns[c.on]}
    return page(request, "qualification/checklist_settings.html", {"criteria": criteria(), "fields": fields})


def fill(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """`/people/7/checklist`: every question with its answer, evidence and date; what changed is saved as one operation."""
    actor = actor_of(request)
    if slug not in ASKED:
        raise NotFound(_("There is no such page."))
    record = registry[ASKED[slug]]
    row = record.get(actor, pk, "edit")
    known = known_of(record.name, row, actor)
    context: dict[str, Any] = {
        "row": row,
        "record": record,
        "url": record.url(row.pk),
        "lines": [_line(k) for k in known],
    }
    if request.method == "POST":
        given, problems = _read(known, request.POST)
        if not problems:
            op = answer_all(record.name, row, given, by=actor)
            return answers.go(request, record.url(row.pk), _("Saved."), op=op)
        context["lines"] = [_line(k, given.get(k.criterion.pk), problems.get(k.criterion.pk, "")) for k in known]
        return page(request, "qualification/checklist.html", context, 422)
    return page(request, "qualification/checklist.html", context)


def _line(known: Known, typed: dict[str, Any] | None = None, problem: str = "") -> dict[str, Any]:
    answer = known.answer
    today = timezone.localdate()
    now = {
        "answer": answer.answer if answer else "", "evidence": answer.evidence if answer else "",
        "answered_on": (answer.answered_on if answer else today).isoformat(),
    }  # fmt: skip
    return {"known": known, "criterion": known.criterion, "value": {**now, **(typed or {})}, "problem": problem}


def _read(known: list[Known], sent: QueryDict) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """(typed answers by criterion, sentences about what cannot be taken)"""
    given: dict[int, dict[str, Any]] = {}
    problems: dict[int, str] = {}
    for one in known:
        pk = one.criterion.pk
        words = {key: sent.get(f"{key}-{pk}", "") for key in ("answer", "evidence")}
        try:
            typed = {key: LONG.parse(text) for key, text in words.items()}
            day: dt.date = Day().parse(sent.get(f"answered_on-{pk}", "")) or timezone.localdate()
            given[pk] = {**typed, "answered_on": day}
        except Invalid as problem:
            given[pk], problems[pk] = words, problem.message
            continue
        if typed["evidence"] and not typed["answer"] and one.answer is None:
            problems[pk] = _("Evidence needs an answer that it stands for.")
    return given, problems
