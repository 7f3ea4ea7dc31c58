"""Forms of Tidewell for tests, and people who fill them in."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.test import Client

from kith.capture.asking import STAMP
from kith.capture.models import Form
from kith.kernel.access.actor import system
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry

ELIN = {
    "name": "Elin Sørensen", "email": "elin@fjordheim.example", "company": "Fjordheim Senior Living",
    "buildings": "2-10", "why": "Our insurer asks for sensors by summer.",
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "languages": ["en", "de"],
    "title": {"en": "Send me the checklist", "de": "Schickt mir die Liste"},
    "intro": {"en": "One e-mail with the PDF, within a minute."},
    "fields": [
        {"key": "name", "column": "person.name", "label": {"en": "Your name", "de": "Ihr Name"}, "required": True},
        {"key": "email", "column": "person.email", "label": {"en": "Work e-mail"}, "required": True},
        {"key": "company", "column": "company.name", "label": {"en": "Company"}, "half": True},
        {"key": "buildings", "kind": "choice", "half": True, "label": {"en": "Buildings you look after"},
         "options": [{"value": "1"}, {"value": "2-10", "label": {"en": "2 to 10"}}, {"value": "more"}]},
        {"key": "job", "column": "person.job_title", "label": {"en": "Your role"}, "progressive": True},
        {"key": "phone", "column": "person.phone", "label": {"en": "Phone"}, "progressive": True},
        {"key": "how_many", "kind": "text", "label": {"en": "How many?"}, "required": True,
         "show_if": {"field": "buildings", "is": ["more"]}},
        {"key": "why", "kind": "long", "reason": True, "label": {"en": "What brings you here?"}},
        {"key": "plan", "kind": "file", "label": {"en": "A plan of the house"}},
    ],
    "consents": [],
    "thanks": {"text": {"en": "It is on its way.", "de": "Ist unterwegs."}},
    "ack": {"on": True, "subject": {"en": "Your checklist, {{ person.given_name | \"friend\" }}"},
            "text": {"en": "Hello {{ person.given_name | \"there\" }},\n\nhere is the checklist. You wrote: {{ form.reason }}\n\n{{ organisation.name }}"}},
}  # fmt: skip

LANGUAGES = {"languages": ["en", "sv", "de"]}  # all that Kith speaks


def checklist(**changes: Any) -> Form:
    """The published form of the leak-risk checklist; `changes` replace parts of its document."""
    draft = {**DOCUMENT, **changes}
    form = records.create(registry["form"], {"name": "Leak-risk checklist", "draft": draft}, by=system("cli"))
    return ACTIONS["form.publish"].run(form, by=system("cli"))


def stamped(key: str = "leak-risk-checklist", seconds: float = 30) -> str:
    """A stamp of somebody who took so many seconds."""
    import time

    import time_machine

    with time_machine.travel(time.time() - seconds):
        return signing.TimestampSigner(salt=STAMP).sign(key)


def send(
    client: Client | None = None, key: str = "leak-risk-checklist", headers: dict[str, str] | None = None, **fields: Any
) -> Any:
    """Post the form as Elin, with `fields` other than hers."""
    data = {"_t": stamped(key), **ELIN, **fields}
    return (client or Client()).post(
        f"/f/{key}", {k: v for k, v in data.items() if v is not None}, headers=headers or {}
    )


def purpose(name: str = "Newsletter", **values: Any) -> Any:
    said = {"name": name, "wording": f"{name}: write to me.", **values}
    return records.create(registry["purpose"], said, by=system("cli"))
