"""Mailings with their segments, purposes and people, made through their own actions."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kith.contacts.consent.actions import Said, record_many
from kith.contacts.consent.models import Purpose, Through
from kith.engagement.models import Mailing, Recipient
from kith.engagement.tests.making import add, template
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Membership, Segment


def newsletter() -> Purpose:
    found = Purpose.objects.filter(key="newsletter").first()
    values = {"name": "Newsletter", "key": "newsletter", "wording": "Write to me once a month."}
    return found or actions.create(registry["purpose"], values, by=system("cli"))


def agree(*people: Any, yes: bool = True) -> None:
    purpose = newsletter()
    record_many([Said(p.pk, purpose, yes, Through.FORM, address=p.email) for p in people], by=system("cli"))


def guest(by: Any, name: str, address: str = "", *, agrees: bool = True, **more: Any) -> Any:
    """Somebody, who agreed to the newsletter unless it says otherwise."""
    values = {"given_name": name, "emails": address or f"{name.lower()}@bellevue.example", **more}
    person = add(by, "person", **{k: v for k, v in values.items() if v != "-"})
    if agrees:
        agree(person)
    return person


def gather(by: Any, name: str, *people: Any) -> Segment:
    """A list of these people."""
    made = actions.create(registry["segment"], {"name": name, "how": "static", "subject": "person"}, by=by)
    Membership.objects.bulk_create(Membership(segment=made, row_id=p.pk) for p in people)
    return made


def mailing(by: Any, *to: Segment, without: tuple[Segment, ...] = (), **more: Any) -> Mailing:
    text = more.pop("template", None) or template("Autumn")
    values = {
        "name": "Autumn sensors", "template": text, "purpose": newsletter(), "audience": [s.key for s in to],
        "without": [s.key for s in without], **more,
    }  # fmt: skip
    return actions.create(registry["mailing"], values, by=by)


def do(verb: str, row: Mailing, by: Any, **raw: Any) -> Mailing:
    perform(ACTIONS[f"mailing.{verb}"], row, raw, by=by)
    row.refresh_from_db()
    return row


def send(row: Mailing, by: Any) -> Mailing:
    """Press send, and let the worker do what is due."""
    do("send", row, by, sure="1")
    return carry_on(row)


def carry_on(row: Mailing, now: Any = None) -> Mailing:
    run_waiting_jobs(names=["engagement.mailing", "engagement.mailings"], now=now or timezone.now())
    row.refresh_from_db()
    return row


def fates(row: Mailing) -> dict[str, tuple[str, str]]:
    """{first name: (state, why)} of its recipients."""
    rows = Recipient.objects.filter(mailing=row).select_related("person")
    return {r.person.given_name: (r.state, r.reason) for r in rows}
