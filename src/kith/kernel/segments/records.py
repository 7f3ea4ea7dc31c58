"""Segments as a record: list, page, forms, API and history come from this declaration."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import by_owner
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Choice
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.merge import points_loosely
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry
from kith.kernel.segments import actions as do
from kith.kernel.segments import events
from kith.kernel.segments.models import Exclusion, Listed, Segment
from kith.kernel.segments.parts import EXCLUSIONS, MOVES


def subjects() -> dict[str, str]:
    """Types that can be gathered: {name: what its rows are called}."""
    return {record.name: record.plural for record in registry if gathers(record)}


def gathers(record: type[Record]) -> bool:
    """May rows of this type be in segments? Its declaration says so."""
    return record.gathered


class SegmentRecord(Record):
    name, slug, icon, help = "segment", "segments", "target", "segments"
    drawer = "marketing"
    model, scope = Segment, by_owner()
    configured = Configured(key=("key",), filters={"conditions": "subject"}, after=("stage", "reason"))
    lists, sort = ("name", "subject", "how", "members", "problem", "owner", "updated_at"), "name"
    quick = ("name", "subject", "how")
    form = (Section(_("Segment"), "name subject how about_text owner team"),)
    views = (View("mine", _("Mine"), "owner.is:me"), View("still", _("Standing still"), "problem.filled"))
    match, settle = ("name",), staticmethod(do.settle)
    parts = (EXCLUSIONS, MOVES)
    actions = (do.add, do.exclude, do.admit, do.refresh)
    events = (events.PutOn, events.TakenOff, events.Shut, events.Admitted)
    fields = {
        "name": Facts(personal="no"),
        "subject": Facts(kind=Choice(subjects), help=_("What it gathers. It stays what it is.")),
        "how": Facts(help=_("By conditions that Kith keeps current, or by a list that you fill.")),
        "conditions": Facts(
            faces=FACES - {"form", "bulk", "list", "search"},
            help=_("As in the address of a list: industry.is:Museums,owner.is:Ines Okafor"),
        ),
    }


points_loosely(Listed, "record", "row_id")
points_loosely(Exclusion, "record", "row_id")
