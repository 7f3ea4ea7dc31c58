"""The story of one row as a page shows it: a page of entries under the heads of their days, and the composer above.

Used by the record page and by the parts that refetch themselves; `timeline.py` has their addresses.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from babel.dates import format_date
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from kith.kernel.timeline.entries import TimelineEntry
from kith.kernel.timeline.queries import count_earlier, cursor_above, cursor_of, timeline
from kith.kernel.timeline.types import CHIPS
from kith.ui.filters import day, locale, when
from kith.ui.pages.row import Opened

BY_DAY = 31  # days that have a head each; what is older stands under its month


@dataclass
class Chapter:
    """Entries of one day, or of one month once it is long ago."""

    key: str
    head: str
    by_month: bool
    entries: list[TimelineEntry] = field(default_factory=list)

    def at(self, entry: TimelineEntry) -> Any:
        """What stands at the right of an entry: its time, or its day under the head of a month."""
        moment = entry.event.at
        return when(moment, "clock") if not self.by_month else Markup('<time datetime="{}">{}</time>').format(
            moment.isoformat(), day(moment)
        )  # fmt: skip


def story(request: HttpRequest, opened: Opened) -> dict[str, Any]:
    """What the timeline's template needs, from `?chip=`, `?before=`, `?upto=` and `?e=` of the address."""
    chips = [c for c in request.GET.getlist("chip") if c in CHIPS]
    before, later = _start(request, opened)
    found, more = timeline(
        opened.actor,
        opened.record.name,
        opened.row.pk,
        chips=chips,
        before=before,
        upto=request.GET.get("upto", ""),
        merged=opened.was_merged,
    )
    first = not before
    return {
        "opened": opened,
        "chapters": chapters(found, after=request.GET.get("after", "")),
        "chips": _chips(opened, chips),
        "filtered": bool(chips),
        "later": f"{opened.url}#story" if later else "",
        "more": _more(opened, chips, found, more) if more else None,
        "live": opened.topic if first else "",
        "src": _src(opened, chips, found, more),
        "actor_line": actor_line,
    }


def _start(request: HttpRequest, opened: Opened) -> tuple[str, bool]:
    """(cursor to begin at, whether newer entries lie above): `?e=` is an entry's stable link, wherever it stands."""
    wanted = request.GET.get("e", "")
    if wanted:
        try:
            above = cursor_above(opened.record.name, opened.row.pk, UUID(wanted))
        except ValueError:
            above = None
        return above or "", bool(above)
    before = request.GET.get("before", "")
    return before, bool(before)


def _src(opened: Opened, chips: list[str], found: list[TimelineEntry], more: str) -> str:
    """Where the part refetches itself: down to the last entry shown, so that nothing goes while one reads."""
    upto = cursor_of(found[-1].event) if found and more else ""
    return f"{opened.url}/timeline?" + urlencode([("part", "now"), *(("chip", c) for c in chips), ("upto", upto)])


def _more(opened: Opened, chips: list[str], found: list[TimelineEntry], more: str) -> dict[str, str]:
    counted = count_earlier(
        opened.actor, opened.record.name, opened.row.pk, chips=chips, before=more, merged=opened.was_merged
    )
    label = _("Earlier entries")
    if counted is not None:
        number, exact = counted
        label = (
            ngettext("%d earlier entry", "%d earlier entries", number) % number
            if exact
            else _("more than %d earlier entries") % number
        )
    last = chapters(found)[-1].key if found else ""
    query = urlencode([*(("chip", c) for c in chips), ("before", more), ("after", last)])
    return {"label": label, "page": f"{opened.url}?{query}#story", "part": f"{opened.url}/timeline?part=more&{query}"}


def _chips(opened: Opened, chosen: list[str]) -> list[dict[str, Any]]:
    """Every kind of entry as a toggle, and all of them."""
    every = [{"label": _("All"), "pressed": not chosen, "query": ""}]
    for key, label in CHIPS.items():
        others = [c for c in chosen if c != key] if key in chosen else [*chosen, key]
        every.append({"label": label, "pressed": key in chosen, "query": urlencode([("chip", c) for c in others])})
    return [
        {**chip, "page": f"{opened.url}?{chip['query']}#story", "part": f"{opened.url}/timeline?{chip['query']}"}
        for chip in every
    ]


def chapters(found: list[TimelineEntry], *, after: str = "") -> list[Chapter]:
    """Entries under their heads, newest first. after: the chapter whose head already stands above."""
    out: list[Chapter] = []
    today = timezone.localdate()
    for entry in found:
        on = timezone.localtime(entry.event.at).date()
        key, head, by_month = _head(on, today)
        if not out or out[-1].key != key:
            out.append(Chapter(key, "" if not out and key == after else head, by_month))
        out[-1].entries.append(entry)
    return out


def _head(on: dt.date, today: dt.date) -> tuple[str, str, bool]:
    ago = (today - on).days
    if ago in (0, 1, -1):
        words = day(on)
        return on.isoformat(), words[:1].upper() + words[1:], False
    same_year = on.year == today.year
    if ago <= BY_DAY:
        return on.isoformat(), format_date(on, "EEEE d MMMM" if same_year else "EEEE d MMMM y", locale=locale()), False
    return f"{on:%Y-%m}", format_date(on, "LLLL" if same_year else "LLLL y", locale=locale()), True


def actor_line(entry: TimelineEntry) -> Markup:
    """ "<b>Priya Nair</b> called, 12 min" and, when it happened to another record, the way there."""
    line = Markup("<b>{}</b> ").format(entry.event.actor_name or "Kith")
    if not entry.subject_url:
        return line + entry.sentence
    before, name, after = entry.sentence.partition(entry.subject_name or "\0")
    if name:
        return line + Markup('{}<a href="{}">{}</a>{}').format(before, entry.subject_url, name, after)
    if entry.body and not entry.subject_name:
        return line + entry.sentence  # what was said stands right below
    words = entry.subject_name or entry.subject
    kind = "" if words == entry.subject else f"{entry.subject} "
    return line + Markup('{} <span class="faint">· {}</span><a href="{}">{}</a>').format(
        entry.sentence, kind, entry.subject_url, words
    )
