"""The whole day of one reader: every registered section, what stands beside them, and the sentence that says it in one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.today import aside
from kith.today.scope import TEAM, Scope, has_team
from kith.today.sections import Section, registered

LATE, DUE = ("late", "late_promises"), ("due", "promises")  # sections of those who expect something
MORNING, EVENING = 12, 18  # hours at which the greeting changes
WORDS = (
    _lazy("no"), _lazy("one"), _lazy("two"), _lazy("three"), _lazy("four"), _lazy("five"), _lazy("six"), _lazy("seven"),
    _lazy("eight"), _lazy("nine"), _lazy("ten"), _lazy("eleven"), _lazy("twelve"),
)  # fmt: skip


@dataclass(frozen=True)
class Day:
    greeting: str
    sentence: str
    sections: tuple[Section, ...]
    aside: aside.Aside
    scope: Scope
    switch: bool  # is there a team to look at?

    @property
    def empty(self) -> bool:
        return not any(section.items for section in self.sections if section.shape != "care")

    @property
    def struck(self) -> int:
        """The row that was finished last and is about to leave; 0 for none."""
        return max((item.pk for s in self.sections for item in s.items if item.done), default=0)


def day_of(actor: Actor, scope: Scope) -> Day:
    found = []
    for entry in registered():
        section = entry.read(actor, scope)
        if section is not None and section.items:
            found.append(dataclasses.replace(section, key=entry.key, title=section.title or str(entry.title)))
    sections = tuple(found)
    return Day(greeting(actor), sentence(sections, scope), sections, aside.read(actor, scope), scope, has_team(actor))


def greeting(actor: Actor) -> str:
    """By the hour on the reader's clock, by first name."""
    hour, name = timezone.localtime().hour, actor.name.partition("@")[0].split(" ")[0]
    if hour < MORNING:
        return _("Good morning, %s") % name
    return (_("Good afternoon, %s") if hour < EVENING else _("Good evening, %s")) % name


def sentence(sections: tuple[Section, ...], scope: Scope) -> str:
    """Who waits today, and who has waited too long; never more than is true."""
    late, due = _waiting(sections, LATE), _waiting(sections, DUE)
    if late is None or due is None:  # more rows than are shown, so that people cannot be told apart
        asked = [s for s in sections if s.key in (*LATE, *DUE)]
        total, exact = sum(s.count for s in asked), all(s.exact for s in asked)
        words = _("%d steps are due today or late; the longest overdue stand first.")
        return (
            words if exact else _("More than %d steps are due today or late; the longest overdue stand first.")
        ) % total
    everybody = late | due
    if not everybody:
        return (
            _("Nothing is due today: time for those who have been quiet.") if sections else _("Nobody waits for you.")
        )
    n = len(everybody)
    if scope.of == TEAM:
        said = ngettext(
            "%s person expects something from your team today", "%s people expect something from your team today", n
        )
    else:
        said = ngettext("%s person expects something from you today", "%s people expect something from you today", n)
    said = said % _figure(n)
    if late:
        waited = ngettext("%s has waited too long", "%s have waited too long", len(late)) % _figure(len(late))
        said = _("%(expect)s; %(waited)s") % {"expect": said, "waited": waited}
    return f"{said[:1].upper()}{said[1:]}."


def _waiting(sections: tuple[Section, ...], keys: tuple[str, ...]) -> set[tuple[str, int]] | None:
    """Whom the rows of sections concern; None where not all of them are shown."""
    found: set[tuple[str, int]] = set()
    for section in sections:
        if section.key in keys:
            open_rows = [item for item in section.items if not item.done]
            if section.count > len(open_rows):
                return None
            found |= {item.about for item in open_rows}
    return found


def _figure(n: int) -> str:
    return str(WORDS[n]) if n < len(WORDS) else str(n)


def as_text(day: Day) -> str:
    """The day for a terminal: a line for each row."""
    out = [day.sentence]
    for section in day.sections:
        count = "" if section.shape == "care" else f" {section.count}{'' if section.exact else '+'}"
        out += ["", f"{section.title}{count}"]
        for item in section.items:
            said = (item.name, item.under, item.what, item.mark, item.when)
            out.append("  " + " · ".join(part for part in said if part))
    return "\n".join(out)


def as_json(day: Day) -> dict[str, Any]:
    """The day for programs: the same sections, rows and counts as on the page."""
    return {
        "of": day.scope.of, "date": day.scope.today.isoformat(), "sentence": day.sentence,
        "sections": [_section(section) for section in day.sections],
        "aside": aside.as_json(day.aside),
    }  # fmt: skip


def _section(section: Section) -> dict[str, Any]:
    rows = [
        {
            "type": i.record, "id": i.pk, "name": i.name, "under": i.under, "what": i.what, "small": i.small, "mark": i.mark,
            "when": " ".join(part for part in (i.when, i.when_small) if part), "tone": i.tone, "url": i.href,
            "about": {"type": i.about[0], "id": i.about[1]} if i.about[1] else None,
        }
        for i in section.items
    ]  # fmt: skip
    more = [{"label": str(m.label), "url": m.href} for m in section.more]
    return {
        "key": section.key, "title": section.title, "count": section.count, "exact": section.exact, "rows": rows, "more": more,
    }  # fmt: skip
