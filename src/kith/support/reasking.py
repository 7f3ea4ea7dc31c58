"""Asking again what they told us already: noticed when an answer of ours holds a question that was asked before.

Two questions are the same when most of their telling words are. It is looked for in the talks with the same customer of the
last three months, so that it is noticed across tickets too; what is marked by hand counts as well.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.text import brief, fold
from kith.kernel.timeline.change import change
from kith.support import events
from kith.support.models import Entry, Side, Ticket

SENTENCE = re.compile(r"[^.!?\n]+\?")
BACK, MOST, ALIKE = dt.timedelta(days=90), 60, 0.6
# Words that every question has; those of the languages most write in.
PLAIN = frozenset(
    fold(
        "the a an is are was were do does did can could would will shall you your we our us me my it its this that these of to in on at for and or not "
        "please tell what which who how when where why have has had be been with by from der die das ein eine ist sind haben sie ihr ihre "
        "uns wir bitte was welche wer wie wann wo und oder nicht mit von zu im am"
    ).split()
)  # fmt: skip


def questions(text: str) -> list[tuple[str, frozenset[str]]]:
    """(the question, its telling words) of every sentence that asks; those with fewer than two tell nothing."""
    out = []
    for match in SENTENCE.findall("\n".join(line for line in text.splitlines() if not line.startswith(">"))):
        words = frozenset(word for word in re.findall(r"\w+", fold(match)) if word not in PLAIN and len(word) > 1)
        if len(words) >= 2:
            out.append((match.strip(), words))
    return out


def asked_before(ticket: Ticket, entry: Entry) -> str:
    """The question in this entry of ours that they were asked before and have written since; "" for none."""
    asked = questions(entry.text)
    if not asked:
        return ""
    whose: dict[str, Any] = {"ticket__person": ticket.person_id} if ticket.person_id else {"ticket": ticket.pk}
    ours = Entry.objects.filter(**whose, side__in=[Side.US, Side.THEM], at__gte=entry.at - BACK, at__lte=entry.at)
    answered = False
    for before in ours.exclude(pk=entry.pk).order_by("-at", "-pk")[:MOST]:
        if before.side == Side.THEM:
            answered = True
            continue
        for _words, known in questions(before.text) if answered else ():
            for words, telling in asked:
                if len(known & telling) / len(known | telling) >= ALIKE:
                    return words
    return ""


def note_reasked(ticket: Ticket, entry: Entry, *, by: Actor) -> bool:
    """Count it where this answer asks what was asked before."""
    question = asked_before(ticket, entry)
    if not question:
        return False
    with change(ticket, by=by, verb="see") as c:
        c.row.reasked += 1
        c.says(events.Reasked(brief(question, 150), by_itself=True))
    return True
