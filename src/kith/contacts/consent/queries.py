"""Who agreed to what, as it holds now: for one person in full, for many as a set, and as the gate of all mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.contacts.consent.models import Consent, Purpose, State, Wording
from kith.kernel.errors import NotFound
from kith.kernel.kinds.translations import text_for
from kith.kernel.mail.leaving import Receiver
from kith.kernel.organisation.models import cached


@dataclass(frozen=True)
class Words:
    """What somebody is asked: the exact text, its version, the language it is in ("": the organisation's own)."""

    text: str
    number: int | None
    language: str


@dataclass(frozen=True)
class Standing:
    """What holds between a person and a purpose. `last`: the last line of the log, None where nothing was ever said."""

    purpose: Purpose
    last: Consent | None
    holds: bool
    until: dt.datetime | None  # when what was agreed to runs out

    @property
    def ran_out(self) -> bool:
        return not self.holds and self.until is not None


def purposes() -> dict[str, Purpose]:
    """{key: purpose} of those in use; without a query mostly."""
    found: dict[str, Purpose] = cached("consent:purposes", _load)
    return found


def _load() -> dict[str, Purpose]:
    return {row.key: row for row in Purpose.objects.filter(archived_at=None).order_by("name", "pk")}


def purpose_called(key: str) -> Purpose:
    """The purpose of that key. Raises NotFound naming those there are."""
    found = purposes().get(key)
    if found is None:
        known = ", ".join(purposes()) or _("none")
        raise NotFound(_("There is no purpose “%(key)s”; there is: %(known)s.") % {"key": key, "known": known})
    return found


def words_of(purpose: Purpose, language: str = "") -> Words:
    """What a person who reads `language` is asked, as of now."""
    numbers: dict[int, int] = cached("consent:numbers", _numbers)
    text, found = text_for(purpose.translations, language, purpose.wording)
    return Words(text, numbers.get(purpose.pk), found)


def _numbers() -> dict[int, int]:
    rows = Wording.objects.order_by("purpose_id", "-number").distinct("purpose_id")
    return dict(rows.values_list("purpose_id", "number"))


def last_said(person_ids: Iterable[int], purpose: Purpose | None = None) -> list[Consent]:
    """The last line of each person and purpose; one query."""
    rows = Consent.objects.filter(person_id__in=list(person_ids))
    if purpose is not None:
        rows = rows.filter(purpose=purpose)
    return list(rows.order_by("person_id", "purpose_id", "-pk").distinct("person_id", "purpose_id"))


def may(person_ids: Iterable[int], purpose_key: str) -> set[int]:
    """Which of these people agreed to the purpose, as it holds now; one query. None of them for a purpose that is
    unknown or archived; all of them for ""."""
    ids = set(person_ids)
    if not purpose_key:
        return ids
    purpose = purposes().get(purpose_key)
    if purpose is None or not ids:
        return set()
    lines = Consent.objects.filter(person_id__in=list(ids), purpose=purpose).only("person_id", "state", "at")
    last = lines.order_by("person_id", "-pk").distinct("person_id")
    return {line.person_id for line in last if holds(line, purpose)}


def holds(line: Consent | None, purpose: Purpose) -> bool:
    """Whether what was said last is a yes that counts: confirmed where the purpose asks for it, and not run out."""
    if line is None or not line.said_yes or (purpose.double_opt_in and line.state != State.CONFIRMED):
        return False
    until = runs_out(line, purpose)
    return until is None or until > timezone.now()


def runs_out(line: Consent, purpose: Purpose) -> dt.datetime | None:
    return line.at + dt.timedelta(days=purpose.holds_days) if purpose.holds_days and line.said_yes else None


def standing_of(person_id: int) -> list[Standing]:
    """Every purpose in use, and those once spoken of, with what holds; one query."""
    last = {line.purpose_id: line for line in last_said([person_id])}
    known = {p.pk: p for p in purposes().values()}
    gone = [pk for pk in last if pk not in known]
    if gone:
        known |= {p.pk: p for p in Purpose.objects.filter(pk__in=gone)}
    return [_standing(purpose, last.get(pk)) for pk, purpose in known.items()]


def _standing(purpose: Purpose, line: Consent | None) -> Standing:
    until = runs_out(line, purpose) if line is not None else None
    return Standing(purpose, line, purpose.archived_at is None and holds(line, purpose), until)


def story_of(person_id: int, limit: int = 50) -> list[Consent]:
    """What a person said, newest first."""
    rows = Consent.objects.filter(person_id=person_id).select_related("purpose", "by")
    return list(rows.order_by("-pk")[:limit])


def gate(receivers: Sequence[Receiver], purpose_key: str) -> dict[str, str]:
    """Why mail for this purpose may not leave to an address: nobody known agreed to it. Mail without a purpose, which
    somebody writes to somebody, passes."""
    if not purpose_key:
        return {}
    agreed = may([r.person for r in receivers if r.person is not None], purpose_key)
    purpose = purposes().get(purpose_key)
    name = purpose.name if purpose else purpose_key
    return {
        r.address: _("%(address)s did not agree to “%(purpose)s”.") % {"address": r.address, "purpose": name}
        for r in receivers
        if r.person is None or r.person not in agreed
    }
