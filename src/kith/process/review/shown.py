"""The last review of a process, said on the terminal."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.errors import NotFound
from kith.process.mining.shown import grid
from kith.process.models import Process
from kith.process.review.models import Sort
from kith.process.review.page import Meeting
from kith.process.review.queries import reviews
from kith.process.terminal import find
from kith.process.versions import standard

BY = system("cli")


def reviewed(args: argparse.Namespace) -> int:
    """Print the last review of the process named, or of the one in which new customers begin. Raises NotFound."""
    running = standard()
    process = find(args.name) if args.name else running.process if running else None
    if process is None:
        raise NotFound(_("There is no process “%s”.") % args.name if args.name else _("No process is in force yet."))
    row = reviews(BY).filter(process=process).first()
    if row is None:
        raise NotFound(_("%s was not reviewed yet; set how often under Process reviews.") % process.name)
    meeting = Meeting(BY, row)
    if args.json:
        print(json.dumps(as_json(meeting, process), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(meeting)))
    return 0


def as_json(meeting: Meeting, process: Process) -> dict[str, Any]:
    """The review with its figures as frozen, proposals, feedback and effect; times in seconds."""
    row, effect = meeting.review, meeting.figures.get(Sort.EFFECT)
    return {
        "process": process.key, "review": row.pk, "name": row.name, "state": row.state, "meets_at": row.meets_at.isoformat(),
        "host": str(row.host) if row.host else None, "before": row.before, "published": row.published,
        "figures": meeting.now, "against": meeting.before, "effect": effect["lines"] if effect else None,
        "proposals": [
            {"title": one.said.title, "hopes": one.said.hopes, "grounds": one.said.grounds, "verdict": one.row.verdict, "reason": one.row.reason}
            for one in meeting.offers
        ],
        "feedback": [{"stage": said.stage, "kind": said.kind, "body": said.body} for one in meeting.voices for said in one.said],
    }  # fmt: skip


def lines(meeting: Meeting) -> list[str]:
    out = [f"{meeting.review.name} ({meeting.review.get_state_display()})", meeting.period, ""]
    head = (_("Stage"), _("Came in"), _("Moved on"), _("Passed over"), _("Late"), _("Nine in ten"))
    rows = [
        (row.name, *(f"{c.words} {c.delta} {c.note}".strip() for c in (row.entered, row.done, row.skipped, row.late)), row.p90.words)
        for row in meeting.rows
    ]  # fmt: skip
    out += [*grid(head, rows, len(rows), words=1), ""]
    for one in meeting.offers:
        out.append(f"{one.verdict or _('To decide')}: {one.said.title}")
        out += [f"  {words}" for words in (one.said.hopes, one.said.grounds, one.row.reason) if words]
    if not meeting.offers:
        out.append(meeting.nothing_proposed)
    if meeting.effect:
        out += ["", meeting.effect["headline"]]
    return out
