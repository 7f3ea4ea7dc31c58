"""What somebody has to do: what is late, most overdue first, and what is due today, by the hour.

A thing is late once its moment has passed; what is due on a day, without an hour, once that day has passed; a call or a
meeting once it is over. Finished rows stay struck through for four seconds where a page asks for its rows again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import CharField, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Left, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.lookups.directory import colleagues
from kith.kernel.records.registry import registry
from kith.process.standing import place_of, stage_behind
from kith.today import doing, said
from kith.today.prepared import rows_of
from kith.today.reading import counted, list_address, may, nearest, seen_name, shows, total_of
from kith.today.scope import STRUCK, Scope
from kith.today.sections import Item, More, Opened, Section
from kith.ui.dates import clock, day

MOST = 20
TALKS = ("call", "meeting")
ICONS = {"task": "check", "call": "phone", "meeting": "calendar"}
OVER = ExpressionWrapper(
    F("due_at") + Coalesce(F("minutes"), 0) * Value(dt.timedelta(minutes=1)), output_field=DateTimeField()
)
CALLED = Coalesce(NullIf(F("subject"), Value("")), Left("body", 300), output_field=CharField())


def late(actor: Actor, scope: Scope) -> Section | None:
    rows = rows_of("late", actor, scope, lambda a, s: _read(a, s, (is_late(s),), due_at__lt=s.now))
    struck = [row for row in _struck(actor, scope) if was_late(row, scope)]
    return _section(actor, scope, rows, struck, "late", _("Most overdue first"))


def due(actor: Actor, scope: Scope) -> Section | None:
    rows = rows_of("due", actor, scope, lambda a, s: _read(a, s, ahead(s), due_at__gte=s.start, due_at__lt=s.end))
    struck = [row for row in _struck(actor, scope) if not was_late(row, scope)]
    return _section(actor, scope, rows, struck, "", "")


def is_late(scope: Scope) -> Q:
    """Of rows due before now: whether their time is over."""
    return ~Q(due_at=scope.start) & (~Q(kind__in=TALKS) | Q(over__lt=scope.now))


def ahead(scope: Scope) -> tuple[Q, ...]:
    """Of rows due today, those that are not late: due on the day, still to come, or a talk that is not over."""
    begun = Q(kind__in=TALKS, due_at__gt=scope.start, due_at__lt=scope.now, over__gte=scope.now)
    return Q(due_at=scope.start), Q(due_at__gt=scope.start, due_at__gte=scope.now), begun


def was_late(row: Any, scope: Scope) -> bool:
    """The same for a row at hand."""
    minutes = row.minutes or 0 if row.kind in TALKS else 0
    return bool(row.due_at != scope.start and row.due_at + dt.timedelta(minutes=minutes) < scope.now)


def _read(actor: Actor, scope: Scope, arms: tuple[Q, ...], **edges: Any) -> QuerySet[Any]:
    every = registry["activity"].rows(actor, archived=False).filter(done_at__isnull=True, **edges).alias(over=OVER)
    first = nearest(every, scope, ("due_at", "pk"), MOST, arms)
    return _shown(actor, first, total=counted(every, scope, arms))


def _struck(actor: Actor, scope: Scope) -> list[Any]:
    """What was finished in the last seconds, read once for both sections."""
    if not scope.struck:
        return []
    if "struck" not in scope.memo:
        every = registry["activity"].rows(actor, archived=False).exclude(kind="note")
        every = every.filter(done_at__gte=scope.now - STRUCK, due_at__lt=scope.end, owner_id__in=scope.owners)
        scope.memo["struck"] = list(_shown(actor, every.order_by("due_at", "pk")[:MOST], total=Value(0)))
    return list(scope.memo["struck"])


def _shown(actor: Actor, rows: QuerySet[Any], total: Any) -> QuerySet[Any]:
    """The columns that a row is said with; names of linked rows only where the actor may see those."""
    named = {link: seen_name(actor, link, link, "name") for link in ("person", "company", "deal")}
    columns = {f"{link}_name": name for link, name in named.items()}
    columns["phone"] = seen_name(actor, "person", "person", "phone")
    told = shows(actor, "company", "stage") and shows(actor, "person", "stage")
    columns["stage"] = stage_behind("company", "person") if told else Value("")
    fields = ("pk", "kind", "due_at", "minutes", "done_at", "owner_id", "person_id", "company_id", "deal_id")
    return rows.annotate(
        title=title_for(actor), total=total, may_edit=may(actor, "activity", "edit"), **columns
    ).values_list(*fields, "title", "total", "may_edit", *columns, named=True)


def _section(actor: Actor, scope: Scope, rows: list[Any], struck: list[Any], tone: str, hint: str) -> Section | None:
    if not rows and not struck:
        return None
    total, exact = total_of(rows)
    every = sorted([*rows, *struck], key=lambda row: (row.due_at, row.pk))
    items = tuple(_item(actor, scope, row, bool(tone)) for row in every)
    if rows and "opened" not in scope.memo:
        scope.memo["opened"] = rows[0].pk
        items = tuple(_opened(actor, item, rows[0]) if item.pk == rows[0].pk else item for item in items)
    more = (More(_("All of them in the list"), _list(scope)),) if total > len(rows) else ()
    return Section(items, tone, hint, more, total, exact)


def _list(scope: Scope) -> str:
    return list_address("activity", f"owner.is:{scope.owner_word},done_at.empty,due_at.before:tomorrow", "due_at")


def _item(actor: Actor, scope: Scope, row: Any, late: bool) -> Item:
    record, pk, name = subject_of(row)
    under = row.company_name if record == "person" else ""
    when = _clock(row, scope)
    parts = [row.deal_name or "" if record != "deal" else "", _("Due %s") % _moment(row, scope) if late else ""]
    if len(scope.owners) > 1:
        parts.insert(0, str(colleagues().get(row.owner_id, "")))
    finished, stage = row.done_at is not None, place_of(row.stage)
    if stage is not None:
        parts.insert(0, kind_of(row))
    return Item(
        "activity", row.pk, name, registry[record].url(pk), under=under,
        what=row.title if record != "activity" else "", small=" · ".join(part for part in parts if part),
        mark=stage.name if stage else kind_of(row), mark_icon="" if stage else ICONS.get(row.kind, ""),
        stage=stage is not None, step=stage.step if stage else 0,
        when=_("done") if finished else _lateness(row, scope) if late else when, tone="late" if late and not finished else "",
        tick="" if finished or not row.may_edit else doing.finish(row.pk), done=finished, about=(record, pk),
        actions=() if finished else (*_talk(actor, record, pk, name), *((doing.later(row.pk, name),) if row.may_edit else ())),
    )  # fmt: skip


def title_for(actor: Actor) -> Any:
    """What an activity is called, as a column; nothing where the actor's role hides its words."""
    return CALLED if shows(actor, "activity", "subject", "body") else Value("")


def subject_of(row: Any) -> tuple[str, int, str]:
    """(record type, id, name) of what an activity is about: the person, else the company, the deal, or itself."""
    for link in ("person", "company", "deal"):
        if name := getattr(row, f"{link}_name"):
            return link, getattr(row, f"{link}_id"), name
    return "activity", row.pk, row.title or kind_of(row)


def kind_of(row: Any) -> str:
    return str(registry["activity"].columns()["kind"].kind.show(row.kind))


def _talk(actor: Actor, record: str, pk: int, name: str) -> tuple[Any, ...]:
    return () if record == "activity" else doing.talk(actor, record, pk, name)


def _opened(actor: Actor, item: Item, row: Any) -> Item:
    """The row in hand: what was said last, and the buttons for the next call."""
    import dataclasses

    record, pk = item.about
    told = record != "activity" and shows(actor, "activity", "body")
    words = said.last(actor, record, pk) if told else None
    actions = doing.some(
        doing.call(row.phone or "", item.name),
        doing.say(actor, record, pk, "mail", _("Write"), "mail", "m", words=True) if record != "activity" else None,
        doing.say(actor, record, pk, "call", _("Log call"), "note", "l", words=True) if record != "activity" else None,
        doing.later(row.pk, item.name, words=True) if row.may_edit else None,
    )
    return dataclasses.replace(item, opened=Opened(*(words or ("", "")), actions))


def _clock(row: Any, scope: Scope) -> str:
    return _("today") if row.due_at == scope.start else clock(row.due_at)


def _moment(row: Any, scope: Scope) -> str:
    """ "yesterday 16:00"; the day alone for what is due on a day."""
    at = clock(row.due_at)
    return day(row.due_at) if at == "00:00" else f"{day(row.due_at)} {at}"


def _lateness(row: Any, scope: Scope) -> str:
    """ "17 h late" within a day, "2 days late" after it."""
    over = row.due_at + dt.timedelta(minutes=(row.minutes or 0) if row.kind in TALKS else 0)
    minutes = int((scope.now - over).total_seconds() // 60)
    if minutes < 60:
        return _("%d min late") % minutes
    if minutes < 24 * 60:
        return _("%d h late") % (minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("%d day late", "%d days late", days) % days
