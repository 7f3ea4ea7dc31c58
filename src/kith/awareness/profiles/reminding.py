"""Whoever keeps a piece of research is told once when it goes out of date, and again only after it was renewed and did so anew."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import system
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry

NOTICE = "research"


def remind() -> int:
    """Tell owners of what is out of date; returns how many are told now."""
    record, by = registry["research"], system()
    stale = compile_tree(record, parse("stale.is:1"), by).apply(record.rows(by, archived=False))
    told = 0
    for note in stale.filter(owner__is_active=True).select_related("owner"):
        words = _("Out of date: %s. Look whether it still holds, and give it a new date.") % note.name
        key = f"stale-research:{note.pk}:{note.found_on.isoformat()}:{note.months}"
        told += notify([note.owner], words, kind=NOTICE, key=key, by=by, about=("research", note.pk))
    return told
