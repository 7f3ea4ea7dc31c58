"""What somebody is said to have agreed to, taken back with the operation that wrote it: a submission accepted by mistake.

The log only grows. A line that says so is added, with what held before it: the same words once more, or that nothing does.
What was said since, by the person or by a colleague, stands.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.contacts.consent.actions import add_lines
from kith.contacts.consent.events import ConsentAsked, ConsentConfirmed, ConsentGiven
from kith.contacts.consent.models import Consent, State, Through
from kith.kernel.access.actor import Actor

VERBS = frozenset(event.verb for event in (ConsentAsked, ConsentGiven, ConsentConfirmed))


def unhear(events: list[Any], by: Actor) -> None:
    """Add a line for each of these that was the last word on its purpose."""
    taken = {event.payload.get("line") for event in events} - {None}
    lines = list(Consent.objects.filter(pk__in=taken).select_related("purpose").order_by("-pk"))
    made: dict[tuple[int, int], Consent] = {}
    for line in lines:
        said = Consent.objects.filter(person_id=line.person_id, purpose_id=line.purpose_id)
        if not said.filter(pk__gt=line.pk).exclude(pk__in=taken).exists():
            before = said.filter(pk__lt=line.pk).exclude(pk__in=taken).order_by("-pk").first()
            made[line.person_id, line.purpose_id] = _standing_again(line, before, by)
    add_lines([(line, "") for line in made.values()], {line.purpose_id: line.purpose for line in lines}, by)


def _standing_again(line: Consent, before: Consent | None, by: Actor) -> Consent:
    """What held before `line`, said again; that nothing did, where there was no word."""
    held = before or line
    return Consent(
        person_id=line.person_id, purpose=line.purpose, state=before.state if before else State.WITHDRAWN,
        address=held.address, wording=held.wording, wording_number=held.wording_number, language=held.language,
        through=Through.HAND, source=held.source, page=held.page, by_id=by.user_id, proof={**held.proof, "taken_back": line.pk},
        reason=_("what was taken in was undone; as it was before") if before else _("what was taken in was undone"),
    )  # fmt: skip
