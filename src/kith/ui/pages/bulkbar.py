"""What the bar over picked rows offers, by what the record type has and the reader may do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kith.kernel.lookups.look import Look
from kith.kernel.lookups.views import ARCHIVED
from kith.kernel.lookups.wishes import doable, settable
from kith.kernel.records.merge import mergeable
from kith.kernel.records.models import RecordModel

ACT = "do-"  # before an action's verb, in the address


@dataclass(frozen=True)
class BulkButton:
    verb: str
    label: str
    icon: str
    tone: str = ""
    more: bool = False  # stands in the menu, not on the bar


def buttons(look: Look) -> list[BulkButton]:
    record, actor = look.record, look.actor
    out: list[BulkButton] = []
    if actor.can(f"{record.name}.bulk") and actor.can(f"{record.name}.edit"):
        columns = settable(record, actor)
        if "owner" in columns:
            out.append(BulkButton("owner", _("Owner"), "person"))
        if "tags" in columns:
            out.append(BulkButton("tags", _("Tags"), "tag"))
        if columns:
            out.append(BulkButton("set", _("Change"), "pencil"))
        out += [BulkButton(ACT + a.verb, str(a.label), a.icon or "arrow", more=True) for a in doable(record, actor)]
    if (
        actor.can(f"{record.name}.bulk")
        and actor.can(f"{record.name}.archive")
        and issubclass(record.model, RecordModel)
    ):
        gone = look.view.key == ARCHIVED or any(
            c.column == "archived_at" and c.op == "filled" for c in look.state.tree.conditions()
        )
        out.append(
            BulkButton("restore", _("Bring back"), "undo") if gone else BulkButton("archive", _("Archive"), "archive")
        )
    if actor.can(f"{record.name}.export"):
        out.append(BulkButton("export", _("Export"), "download"))
    if mergeable(record) and actor.can(f"{record.name}.edit"):
        out.append(BulkButton("merge", _("Merge"), "merge"))
    return out
