"""Chats: the widget on the organisation's own site, the conversations that come of it, and what was said in them.

A line is written before anybody answers it, and never changed. Who a visitor is is known by a token of the conversation
alone; name and address stand here once they gave them.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.capture.keys import key_from, refuse_key
from kith.kernel.records.models import Owned, RecordModel, list_indexes

PER_NETWORK, WAIT_MINUTES = 20, 5


class Widget(RecordModel, Owned):
    """What strangers see on a site. `document` is read by `definition.py`; `wait_minutes` is how long somebody waits for a
    colleague before the chat goes on by mail."""

    name = models.CharField(_("Name"), max_length=200)
    key = models.CharField(_("Address"), max_length=60, default="", blank=True)
    open = models.BooleanField(_("Open"), default=True)
    document = models.JSONField(_("Words and bot"), default=dict, blank=True)
    wait_minutes = models.PositiveIntegerField(_("By mail after, minutes"), default=WAIT_MINUTES)
    per_network = models.PositiveIntegerField(_("Conversations from one network in ten minutes"), default=PER_NETWORK)
    in_portal = models.BooleanField(_("Offered in the customer portal"), default=False)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar", models.SET_NULL, null=True, blank=True, related_name="chat_widgets",
        verbose_name=_("Working hours"),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("chat widget"), _("chat widgets")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="chat_widget_key_once",
                                    violation_error_message=_("Another chat has this address; choose a different one.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key.strip().lower() or key_from(self.name)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key]

    def verify(self) -> None:
        from kith.capture.chat.definition import read

        refuse_key(self.key)
        read(self.document)


class State(models.TextChoices):
    BOT = "bot", _("With the bot")
    WAITING = "waiting", _("Waiting")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


ONGOING = (State.BOT, State.WAITING, State.OPEN)


class Conversation(RecordModel, Owned):
    """One visitor and us. `secret` is what their browser made up for it, so that a first message sent twice begins one
    conversation; `said` counts lines; `mailed` is the last line that went into a letter. `proven`:
    they came in as the person by a link that was mailed to them, and did not just say so."""

    name = models.CharField(_("Who"), max_length=300, default="", blank=True)
    widget = models.ForeignKey(
        Widget, models.SET_NULL, null=True, blank=True, related_name="conversations", verbose_name=_("Through")
    )
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.WAITING)
    by_mail = models.BooleanField(_("Goes on by mail"), default=False)
    person = models.ForeignKey(
        "contacts.Person",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="conversations",
        verbose_name=_("Person"),
    )
    email = models.CharField(_("E-mail"), max_length=254, default="", blank=True)
    last_words = models.CharField(_("Last words"), max_length=300, default="", blank=True)
    last_at = models.DateTimeField(_("Last said"), default=timezone.now)
    waiting_since = models.DateTimeField(_("Waits since"), null=True, blank=True)
    answered_at = models.DateTimeField(_("First answered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    page = models.CharField(_("Page"), max_length=1000, default="", blank=True)
    referrer = models.CharField(_("Came from"), max_length=1000, default="", blank=True)
    secret = models.CharField(max_length=64, unique=True, null=True)
    said = models.PositiveIntegerField(default=0)
    mailed = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=40, default="", blank=True)
    facts = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=list, blank=True)
    asked_mail = models.BooleanField(default=False)
    proven = models.BooleanField(_("Who they are is proven"), default=False)
    visitor = models.CharField(max_length=64, default="", blank=True)
    utm = models.JSONField(default=dict, blank=True)
    network = models.CharField(max_length=60, default="", blank=True)
    agent = models.CharField(max_length=400, default="", blank=True)

    # Written by what is said, and never by hand.
    DERIVED: ClassVar[frozenset[str]] = frozenset({
        "widget", "email", "last_words", "last_at", "waiting_since", "answered_at", "closed_at", "language", "page",
        "referrer", "by_mail",
    })  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("conversation"), _("conversations")
        indexes = [
            *list_indexes("conversation", "last_at", "created_at"),
            models.Index(fields=["waiting_since"], name="conversation_waiting", condition=models.Q(state="waiting")),
            models.Index(
                fields=["state", "-last_at"], name="conversation_ongoing", condition=~models.Q(state="closed")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or str(_("Visitor"))

    def search_parts(self) -> list[str | None]:
        return [self.name, self.email, self.last_words]


class Side(models.TextChoices):
    VISITOR = "visitor", _("Visitor")
    BOT = "bot", _("Bot")
    COLLEAGUE = "colleague", _("Colleague")
    NOTE = "note", _("Note")


class Line(models.Model):
    """Something that was said. `key` is the browser's own, so that a message sent again is written once; `ask` is what a
    bot wants to know (choices, an address)."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    side = models.CharField(max_length=10, choices=Side.choices)
    text = models.TextField(default="", blank=True)
    at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200, default="", blank=True)
    key = models.CharField(max_length=64, null=True)
    ask = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["conversation_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="chat_line_number_once"),
            models.UniqueConstraint(fields=["conversation", "key"], name="chat_line_key_once"),
        ]


class Presence(models.Model):
    """Whether a colleague answers chats: `there` as they said, `seen_at` as their page told, `given_at` when they were
    last given one, so that turns are fair."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    there = models.BooleanField(default=True)
    seen_at = models.DateTimeField(default=timezone.now)
    given_at = models.DateTimeField(null=True)
