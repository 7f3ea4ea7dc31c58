"""What people do with segments: put on a list, take off it, keep out, admit again, look again.

Making and changing one are the verbs that every record has; `settle` refuses what would not work and has everybody looked
at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Link, LongText
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import GIVEN, Action, action
from kith.kernel.records.registry import registry
from kith.kernel.segments.events import Admitted, PutOn, Shut, TakenOff
from kith.kernel.segments.models import Exclusion, How, Listed, Segment
from kith.kernel.segments.recognising import identifiers_in, recognise
from kith.kernel.segments.trees import check, refuse_ring
from kith.kernel.segments.watching import mark
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

NAMED = 5  # names that an event tells; the rest is counted
REBUILT_BY = ("subject", "how", "conditions")


def settle(pairs: list[tuple[Segment | None, Segment]], by: Actor) -> None:
    """Refuse conditions that cannot work, and have the segment looked at anew where its rule changed. Raises Invalid."""
    for old, row in pairs:
        found = registry.get(row.subject)
        if found is None or (old is None and not found.gathered):
            raise Invalid(
                __("A segment gathers people, companies or other records; “%s” is none.") % row.subject, "subject"
            )
        if old is not None and (old.subject, old.how) != (row.subject, row.how):
            raise Invalid(__("A segment stays what it gathers and how; make another one instead."), "how")
        changed = old is None or old.conditions != row.conditions
        if changed and row.conditions and row.archived_at is None:
            check(row.subject, row.conditions, by)
        if changed or (old is not None and old.archived_at != row.archived_at):
            refuse_ring(row)
            _build(row.pk)
    bump()


SHUTTING = ("segment.shut", "segment.admitted")


def follow(pks: list[int]) -> None:
    """Who is kept out of these was changed, or that was taken back."""
    bump()
    for pk in pks:
        _build(pk)


def _build(pk: int) -> None:
    enqueue("segments.rebuild", key=f"segments.rebuild:{pk}", segment=pk)


def dynamic(segment: Segment) -> bool:
    return segment.how == How.DYNAMIC


def static(segment: Segment) -> bool:
    return segment.how == How.STATIC


# --- the list ---------------------------------------------------------------------------------------------------------


def put_on(segment: Segment, pks: Iterable[int], *, by: Actor) -> int:
    """Put rows that the actor may see on a static list; returns how many were not on it yet. Raises Invalid, NotFound."""
    record, pks = registry[segment.subject], set(pks)
    if segment.how != How.STATIC:
        raise Invalid(__("“%s” gathers by conditions; nobody is put on it by hand.") % segment.name, "segment")
    with change(segment, by=by) as c:
        rows = {row.pk: row for row in record.rows(by).filter(pk__in=pks)}
        if len(rows) != len(pks):
            raise NotFound(__("Some of these are gone, or not yours to see."))
        side = Sides(Listed.objects.filter(segment=c.row, row_id__in=pks))
        new = sorted(pks - {one.row_id for one in side.rows.all()})
        Listed.objects.bulk_create([Listed(segment=c.row, record=record.name, row_id=pk) for pk in new])
        if new:
            c.says(PutOn(c.row.name, _names(record, [rows[pk] for pk in new]), sides=side.touched()))
        for pk in new:
            c.about(record.name, pk)
    mark([(record.name, pk, None) for pk in new])
    return len(new)


def take_off(segment: Segment, pks: Iterable[int], *, by: Actor) -> int:
    """Take rows off a static list; returns how many were on it. Raises NotFound."""
    record, pks = registry[segment.subject], set(pks)
    with change(segment, by=by) as c:
        side = Sides(Listed.objects.filter(segment=c.row, row_id__in=pks))
        gone = sorted({one.row_id for one in side.rows.all()})
        side.rows.all().delete()
        if gone:
            names = _names(record, record.model._default_manager.filter(pk__in=gone))
            c.says(TakenOff(c.row.name, names, sides=side.touched()))
        for pk in gone:
            c.about(record.name, pk)
    mark([(record.name, pk, None) for pk in gone])
    return len(gone)


def _names(record: Any, rows: Iterable[Any]) -> str:
    every = list(rows)
    names = ", ".join(record.name_of(row) for row in every[:NAMED])
    return __("%(names)s and %(n)d more") % {"names": names, "n": len(every) - NAMED} if len(every) > NAMED else names


@action("segment.add", needs="segment.edit", label=_("Put on the list…"), icon="plus", applies=static,
        done=_("Put on {row}"))  # fmt: skip
def add(
    segment: Segment, *, who: Annotated[str, LongText(), _("Addresses, names or ids, one a line")], by: Actor
) -> Segment:
    """Those who are recognised go on the list; a word that fits nobody, or several, is refused by name."""
    found = recognise(registry[segment.subject], who.splitlines(), by)
    if wrong := [*found.unknown, *found.unsure]:
        raise Invalid(
            __("Nobody, or more than one, is meant by: %s. Take these out or write an address.") % _few(wrong), "who"
        )
    put_on(segment, found.rows.values(), by=by)
    return segment


def _few(words: list[str]) -> str:
    return ", ".join(words[:NAMED]) + ("…" if len(words) > NAMED else "")


# --- exclusions -------------------------------------------------------------------------------------------------------


@action("segment.exclude", needs="segment.edit", label=_("Keep out…"), icon="ban", done=_("They are kept out of {row}"))
def exclude(
    segment: Segment, *, other: Annotated[Segment | None, Link("segment"), _("Everybody in the segment")] = None,
    addresses: Annotated[str, LongText(), _("Addresses, names or ids, one a line")] = "", by: Actor,
) -> Segment:  # fmt: skip
    """Keep out another segment, and addresses. An address is kept out even while nobody has it. Raises Invalid."""
    record = registry[segment.subject]
    if other is None and not addresses.strip():
        raise Invalid(__("Choose a segment, or write addresses."), "addresses")
    with change(segment, by=by) as c:
        side = Sides(Exclusion.objects.filter(segment=c.row))
        told = [_shut_segment(c.row, other)] if other is not None else []
        told += [_shut_word(c.row, record, line, by) for line in addresses.splitlines() if line.strip()]
        refuse_ring(c.row)
        c.says(Shut(c.row.name, _few(told), sides=side.touched()))
    return segment


def _shut_segment(segment: Segment, other: Segment) -> str:
    if other.subject != segment.subject:
        raise Invalid(__("“%s” gathers something else and keeps nobody out of this one.") % other.name, "other")
    Exclusion.objects.get_or_create(segment=segment, other=other, defaults={"words": other.name})
    return other.name


def _shut_word(segment: Segment, record: Any, line: str, by: Actor) -> str:
    words = " ".join(line.split())[:300]
    if found := identifiers_in(record, words):
        for identifier in found:
            Exclusion.objects.get_or_create(segment=segment, identifier=identifier, defaults={"words": words})
        return words
    row = recognise(record, [words], by).rows.get(words)
    if row is None:
        raise Invalid(__("“%s” is no address, and nobody alone is called so.") % words, "addresses")
    Exclusion.objects.get_or_create(segment=segment, record=record.name, row_id=row, defaults={"words": words})
    return words


@action(
    "segment.admit", needs="segment.edit", label=_("Keep out no longer"), icon="undo", done=_("Not kept out any more")
)
def admit(segment: Segment, *, exclusion: Annotated[str, LongText(), GIVEN], by: Actor) -> Segment:
    """End an exclusion, given by its id."""
    with change(segment, by=by) as c:
        side = Sides(Exclusion.objects.filter(segment=c.row, pk=int(exclusion) if exclusion.isdecimal() else 0))
        gone = list(side.rows.all())
        side.rows.all().delete()
        if gone:
            c.says(Admitted(c.row.name, gone[0].words, sides=side.touched()))
    return segment


@action("segment.refresh", needs="segment.edit", label=_("Look at everybody again"), icon="refresh", undo=False,
        done=_("Everybody is being looked at again"))  # fmt: skip
def refresh(segment: Segment, *, by: Actor) -> Segment:
    """Evaluate the whole segment once more, in the background."""
    _build(segment.pk)
    return segment


# --- on the rows themselves -------------------------------------------------------------------------------------------


def _of_type(segment: Segment, subject: str) -> None:
    if segment.subject != subject:
        kind = registry[segment.subject].plural.lower()
        raise Invalid(__("“%(list)s” gathers %(kind)s.") % {"list": segment.name, "kind": kind}, "segment")


def verbs_on(subject: str) -> tuple[Action, ...]:
    """The verbs that rows of a type get from segments: on a list, off it; alone or many at once."""
    target = Annotated[Segment, Link("segment"), _("List")]

    def on(row: Any, *, segment: Segment, by: Actor) -> Any:
        _of_type(segment, subject)
        put_on(segment, [row.pk], by=by)
        return row

    def off(row: Any, *, segment: Segment, by: Actor) -> Any:
        _of_type(segment, subject)
        take_off(segment, [row.pk], by=by)
        return row

    on.__annotations__["segment"] = off.__annotations__["segment"] = target
    return (
        action(f"{subject}.put_on_list", needs="segment.edit", label=_("Put on a list…"), icon="list", many=True,
               done=_("{row} is on the list"))(on),
        action(f"{subject}.take_off_list", needs="segment.edit", label=_("Take off a list…"), icon="minus", many=True,
               done=_("{row} is off the list"))(off),
    )  # fmt: skip
