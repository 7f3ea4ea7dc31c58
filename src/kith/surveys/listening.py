"""Surveys listen: what happened puts somebody down to be asked; a task that is done closes the loop it was made for."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.surveys import asking, sampling
from kith.surveys.models import Loop, Response, ResponseState, Survey
from kith.surveys.moments import MOMENTS, REOPENED

DONE = frozenset({"activity.done", "activity.called", "activity.met"})


def handles(verb: str) -> bool:
    return verb in MOMENTS or verb == REOPENED


def active() -> dict[str, list[int]]:
    """{verb: surveys that ask after it}; without a query mostly."""
    found: dict[str, list[int]] = cached("surveys:active", _active)
    return found


def _active() -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    rows = Survey.objects.filter(active=True, archived_at=None).exclude(asks_after="").order_by("pk")
    for pk, verb in rows.values_list("pk", "asks_after"):
        out.setdefault(verb, []).append(pk)
    return out


def hear(entries: list[Any], by: Actor) -> None:
    """Put down whoever is to be asked about what just happened. Nothing is looked up while no survey asks after it."""
    if again := [entry for entry in entries if entry.says.verb_for(entry.record) == REOPENED]:
        _opened_again(again, by)
    asks = active()
    late = timezone.now() - asking.GIVES_UP  # a story that is told later, by an import, is about nothing they remember
    fresh = [entry for entry in entries if entry.at is None or entry.at > late] if asks else []
    wanted = [(entry, pk) for entry in fresh for pk in asks.get(entry.says.verb_for(entry.record), ())]
    if not wanted:
        return
    surveys = Survey.objects.select_related("segment").in_bulk({pk for _entry, pk in wanted})
    for entry, pk in wanted:
        person = person_of(entry)
        if person is not None and pk in surveys:
            _consider(surveys[pk], person, entry)


def _opened_again(entries: list[Any], by: Actor) -> None:
    """A deal goes on: nobody is asked how it ended who was not asked yet."""
    deals = [entry.record_id for entry in entries]
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    for row in Response.objects.filter(record="deal", record_id__in=deals, state=ResponseState.WAITING):
        with change(row, by=actor) as c:
            c.row.state, c.row.why = ResponseState.UNASKED, _("The deal it was about is open again.")


def _consider(survey: Survey, person: Any, entry: Any) -> None:
    at = entry.at or timezone.now()
    if not person.email or not sampling.drawn(survey, person.pk, str(entry.id)) or not sampling.inside(survey, person.pk):  # fmt: skip
        return
    if sampling.resting([person.pk], survey.rest_days):
        return
    about = (entry.record, entry.record_id) if entry.record != "person" else None
    due = at + dt.timedelta(minutes=survey.delay)
    asking.put_down(survey, person, by=system(cause=entry.id), due=due, about=about, event=entry.id)


def person_of(entry: Any) -> Any:
    """Who an event is of: the person it is on, is about, or that its row names; None where it is of nobody."""
    people = registry["person"]
    found = dict(entry.about)
    pk = entry.record_id if entry.record == "person" else found.get("person")
    if pk is None and entry.record in registry:
        row = registry[entry.record].model._default_manager.filter(pk=entry.record_id).first()
        pk = getattr(row, "person_id", None) or getattr(row, "contact_id", None)
    return people.rows(system(), archived=False).filter(pk=pk).first() if pk else None


def unhear(events: list[Any], by: Actor) -> None:
    """What happened was taken back: nobody is asked about it who was not asked yet."""
    rows = Response.objects.filter(event__in=[event.id for event in events], state=ResponseState.WAITING)
    for row in rows:
        with change(row, by=system()) as c:
            c.row.state, c.row.why = ResponseState.UNASKED, "–"


def hear_done(entries: list[Any], by: Actor) -> None:
    """The task of a low answer is done: that is its follow-up."""
    from kith.surveys.answering import close_loop

    ids = [entry.record_id for entry in entries if entry.record == "activity"]
    rows = Response.objects.filter(task__in=ids, loop=Loop.OPEN).select_related("task", "survey")
    for row in rows:
        if row.task is not None and row.task.done_at is not None:
            close_loop(row, row.task.outcome, by=by)
