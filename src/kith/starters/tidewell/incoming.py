"""What came in this morning and waits for somebody to look at it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kith.capture.events import Held
from kith.kernel.records.registry import registry
from kith.starters.tidewell import early_words as e
from kith.starters.tidewell.firststeps import Cast
from kith.starters.tidewell.writing import write_told


def write_waiting(cast: Cast) -> None:
    """Submissions in the queue: some perhaps from people we know, one that looks like spam."""
    forms = list(cast.house.forms.values())
    known = list(registry["person"].model._default_manager.order_by("pk")[: len(e.REVIEW)])
    rows = [_waiting(n, words, forms[n % len(forms)], known[n % len(known)], cast) for n, words in enumerate(e.REVIEW)]
    write_told("submission", rows, by=cast.kith, story=[[(Held(row.why), row.created_at)] for row in rows])


def _waiting(n: int, words: tuple[str, ...], form: Any, known: Any, cast: Cast) -> Any:
    given, family, email, reason, why, suspect = words
    at = cast.now - dt.timedelta(minutes=25 + 40 * n)
    perhaps = known if why else None
    name = f"{given} {family}".strip() or email
    return registry["submission"].model(
        name=name, subject=form.name, form=form, version_number=form.number, state="review", email=email,
        reason=reason, language="en", page=f"{e.SITE}/{form.key}", suspect=suspect, proposed=perhaps, network="198.51.100.0",
        why=f"it looks as if no person had sent it: {suspect}" if suspect else why or "it does not say who sent it",
        raw={"name": [name], "email": [email], "why": [reason]}, facts={"person.name": name, "person.email": email},
        answers=[{"key": "why", "label": e.FORMS[form.key][2], "value": reason, "column": ""}], created_at=at, updated_at=at,
    )  # fmt: skip
