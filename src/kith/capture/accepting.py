"""The first thing that happens to a post: it is written down as it came, and answered. What it means is found out later.

One short transaction holds the row, its files and the job that will look at it, so that nothing is lost and nobody waits.
Of posts that follow each other closely only the first brings a job: those who process look again a moment later.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction

from kith.capture.magnets import granting
from kith.capture.magnets.models import Grant
from kith.capture.magnets.offering import offered
from kith.capture.models import Submission
from kith.capture.queries import Published
from kith.capture.reading import FILE_LIMIT, Read, utm_of
from kith.kernel.access.actor import system
from kith.kernel.files.storage import store
from kith.kernel.jobs import enqueue

PROCESS = "capture.process"
BURST = 0.5  # seconds in which posts that follow each other need no job of their own
_asked = [float("-inf")]  # when this process asked last, on its own clock


def accept(
    form: Published, found: Read, raw: dict[str, list[str]], *, language: str, suspect: str, network: str, agent: str,
    referer: str, known: int | None = None,
) -> tuple[Submission, list[Grant]]:  # fmt: skip
    """Keep a post that can be read; returns it, and what its sender may fetch at once."""
    row = Submission(
        form_id=form.pk, version_number=form.number, subject=form.name, through="form", language=language,
        suspect=suspect[:200], raw=raw, answers=found.answers, facts=found.facts, consents=found.consents,
        reason=found.reason, name=_name(found.facts), email=str(found.facts.get("person.email") or "")[:254],
        phone=str(found.facts.get("person.phone") or "")[:40], page=_said(raw, "_page") or referer[:1000],
        referrer=_said(raw, "_ref"), utm=utm_of(raw), network=network, agent=agent[:400], known=known,
    )  # fmt: skip
    row.derive()
    if not found.files and not offered(form.pk) and _asked_lately():
        row.save(force_insert=True)  # one statement, which commits by itself
        return row, []
    with transaction.atomic():
        row.save(force_insert=True)
        for upload in found.files:
            store(upload, record_type="submission", record_id=row.pk, by=system("web"), limit=FILE_LIMIT)
        grants = granting.begin(row)
        enqueue(PROCESS, key=PROCESS)
        transaction.on_commit(_note_asked)
    return row, granting.at_once(row, grants)


def _asked_lately() -> bool:
    """Whether this process asked for the processing a moment ago. Whoever processes looks once more a while after that
    (`processing.LOOK_AGAIN`), and so finds what came meanwhile; should that be lost, the sweep finds it within a minute."""
    return time.monotonic() - _asked[0] < BURST


def _note_asked() -> None:
    _asked[0] = time.monotonic()


def _name(facts: dict[str, Any]) -> str:
    parts = (facts.get("person.given_name"), facts.get("person.family_name"))
    whole = facts.get("person.name") or " ".join(str(part) for part in parts if part)
    return str(whole or facts.get("person.email") or facts.get("person.phone") or "")[:300]


def _said(raw: dict[str, list[str]], key: str) -> str:
    return (raw.get(key) or [""])[-1].strip()[:1000]
