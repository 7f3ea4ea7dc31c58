"""A chat of Tidewell for tests, and visitors who talk in it."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.test import Client
from django.utils import timezone

from kith.capture.chat.models import Conversation, Widget
from kith.kernel.access.actor import system
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry

ROUND_THE_CLOCK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00-24:00")
BOT: dict[str, Any] = {
    "on": True, "name": {"en": "Tidewell’s bot", "de": "Tidewells Bot"}, "steps": [
        {"key": "topic", "kind": "choice", "say": {"en": "What is it about?", "de": "Worum geht es?"}, "options": [
            {"value": "leak", "label": {"en": "A leak, right now", "de": "Ein Leck"}, "goto": "human"},
            {"value": "offer", "label": {"en": "An offer", "de": "Ein Angebot"}},
            {"value": "job", "label": {"en": "A job"}, "goto": "bye"},
        ]},
        {"key": "job_title", "kind": "text", "column": "person.job_title", "say": {"en": "What is your role?"}, "optional": True},
        {"key": "name", "kind": "text", "column": "person.name", "say": {"en": "What is your name?"}},
        {"key": "email", "kind": "text", "column": "person.email", "say": {"en": "Your e-mail?"}, "goto": "human"},
        {"key": "bye", "kind": "say", "say": {"en": "See tidewell.example/jobs."}, "goto": "end"},
    ],
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "languages": ["en", "de"], "title": {"en": "Talk to Tidewell", "de": "Tidewell fragen"},
    "greeting": {"en": "Good morning. Looking for something in particular?"},
    "away": {"en": "Nobody is here right now. Leave your address."}, "consents": [],
    "theme": {"accent": "teal", "mode": "auto"}, "bot": {"on": False},
}  # fmt: skip


def closed() -> dict[str, str]:
    """Hours in which nobody is there now."""
    return {f"{timezone.localdate() + dt.timedelta(days=3):%a}".lower(): "09:00-09:01"}


def widget(*, hours: Any = None, wait_minutes: int = 5, per_network: int = 20, **changes: Any) -> Widget:
    """An open chat that is answered round the clock, unless `hours` say otherwise; `changes` replace parts of its document."""
    calendar = records.create(
        registry["business_calendar"], {"name": "Chat", "windows": hours or ROUND_THE_CLOCK}, by=system("cli")
    )
    values = {
        "name": "Website chat", "key": "site", "calendar": calendar, "wait_minutes": wait_minutes,
        "per_network": per_network, "document": {**DOCUMENT, **changes},
    }  # fmt: skip
    return records.create(registry["chat_widget"], values, by=system("cli"))


class Visitor:
    """Somebody on a page of Tidewell's, with a browser of their own."""

    def __init__(self, key: str = "site", **came: str):
        self.client, self.key, self.secret = (
            Client(REMOTE_ADDR=came.pop("address", "192.0.2.7")),
            key,
            secrets.token_hex(16),
        )
        self.token, self.came, self.last = "", {"lang": "en", "page": "https://tidewell.example/", **came}, 0

    def post(self, verb: str, **fields: Any) -> Any:
        known = {"token": self.token} if self.token else {"secret": self.secret}
        answer = self.client.post(f"/c/{self.key}/{verb}", {**self.came, **known, "after": self.last, **fields})
        if answer.status_code == 200:
            self.token = answer.json()["token"]
        return answer

    def say(self, text: str, key: str = "") -> Any:
        return self.post("say", text=text, key=key or secrets.token_hex(16))

    def who(self, email: str = "elin@fjordheim.example", name: str = "Elin Sørensen", **more: Any) -> Any:
        return self.post("who", email=email, name=name, **more)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Everything said, as this browser hears it."""
        return self.post("lines").json()["lines"]

    @property
    def said(self) -> list[str]:
        return [line["text"] for line in self.lines]

    @property
    def row(self) -> Conversation:
        return Conversation.objects.get(secret=self.secret)
