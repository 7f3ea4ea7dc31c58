"""What the pages, the clock and other rooms ask about templates and sequences."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from kith.engagement.definition import Definition, read
from kith.engagement.models import GOING, Enrolment, Sequence, SequenceVersion, Template, TemplateKind
from kith.kernel.access.actor import Actor
from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.windows import DAYS, read_week, read_windows
from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import current
from kith.kernel.zones import zone


def definition_of(sequence_id: int, number: int | None) -> Definition:
    """The version that somebody follows. Raises Invalid when it was never published."""
    row = SequenceVersion.objects.filter(sequence=sequence_id, number=number or 0).first()
    if row is None:
        raise Invalid(_("This sequence was never published; publish it first."))
    return read(row.document)


def template_of(ref: str) -> Template:
    """The mail template a step names, by id or by name. Raises Invalid."""
    rows = Template.objects.filter(kind=TemplateKind.MAIL, archived_at__isnull=True)
    found = rows.filter(pk=int(ref)).first() if ref.isdecimal() and len(ref) < 18 else rows.filter(name=ref).first()
    if found is None:
        raise Invalid(_("There is no mail template “%s” in use.") % ref)
    return found


@lru_cache(maxsize=200)
def window_of(words: str, zone_name: str) -> Calendar:
    """When mails may leave, on the clocks of that time zone."""
    week = read_week(words)
    return Calendar(zone(zone_name), tuple(read_windows(week.get(day, "")) for day in DAYS))


def zone_of(person: Any) -> str:
    """The person's time zone, else the organisation's. Raises Invalid for one that does not exist."""
    name = person.time_zone or current().time_zone
    if zone(name).key != name:
        raise Invalid(_("There is no time zone “%(zone)s”; correct it on the page of %(who)s.") % {
            "zone": name, "who": person.name if person.time_zone else current().name}, "time_zone")  # fmt: skip
    return str(name)


def going_of(person_id: int) -> Enrolment | None:
    """The sequence this person is in now, for rules; pages read through the one door."""
    return (
        Enrolment.objects.filter(person=person_id, state__in=GOING, archived_at__isnull=True)
        .select_related("sequence")
        .first()
    )


def next_moment(row: Enrolment) -> dt.datetime | None:
    """When it goes on, None while it rests or when it is over."""
    return row.due_at if row.state == "active" else None


def snippets(actor: Actor, q: str = "", most: int = 20) -> list[Template]:
    """Snippets this colleague may use, by words of their name."""
    from kith.kernel.records.registry import registry

    rows = registry["template"].rows(actor, archived=False).filter(kind=TemplateKind.SNIPPET, name__icontains=q)
    return list(rows.order_by("name")[:most])


def sequences_in_use(actor: Actor) -> list[Sequence]:
    from kith.kernel.records.registry import registry

    return list(registry["sequence"].rows(actor, archived=False).filter(number__isnull=False).order_by("name")[:200])


def in_force(sequences: list[Sequence]) -> dict[int, dict[str, Any]]:
    """{sequence: the document that those enrolled from now on follow, as it was written}; one query."""
    rows = SequenceVersion.objects.filter(sequence__in=[one.pk for one in sequences], number=F("sequence__number"))
    return dict(rows.values_list("sequence_id", "document"))
