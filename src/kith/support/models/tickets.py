"""Tickets: what somebody asked us to solve, whatever way it came.

The number of a ticket is its id. `waiting`: we wait for the customer; `solved`: we answered for good, and a reply within the
window opens it again; `closed`: the window is over.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.records.models import Followed, Owned, RecordModel, list_indexes
from kith.kernel.text import plain_address


class TicketState(models.TextChoices):
    NEW = "new", _("New")
    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waits for them")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")


class TicketPriority(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class TicketKind(models.TextChoices):
    QUESTION = "question", _("Question")
    PROBLEM = "problem", _("Problem")
    COMPLAINT = "complaint", _("Complaint")
    WISH = "wish", _("Wish")


class TicketChannel(models.TextChoices):
    MAIL = "mail", _("Mail")
    FORM = "form", _("Form")
    CHAT = "chat", _("Chat")
    PORTAL = "portal", _("Portal")
    PHONE = "phone", _("Phone")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    SOCIAL = "social", _("Social network")
    OTHER = "other", _("Other messages")
    API = "api", _("Program")
    HAND = "hand", _("By hand")


UNSOLVED = Q(state__in=("new", "open", "waiting"), archived_at__isnull=True)


class Ticket(RecordModel, Owned, Followed):
    subject = models.CharField(_("Subject"), max_length=300)
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("Person")
    )
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("Company")
    )
    state = models.CharField(_("State"), max_length=8, choices=TicketState.choices, default=TicketState.NEW)
    priority = models.CharField(
        _("Priority"), max_length=8, choices=TicketPriority.choices, default=TicketPriority.NORMAL
    )
    kind = models.CharField(_("Kind"), max_length=10, choices=TicketKind.choices, default=TicketKind.QUESTION)
    channel = models.CharField(_("Came by"), max_length=8, choices=TicketChannel.choices, default=TicketChannel.HAND)
    opened_at = models.DateTimeField(_("Opened"), default=timezone.now)
    first_answered_at = models.DateTimeField(_("First answer"), null=True, blank=True)
    solved_at = models.DateTimeField(_("Solved"), null=True, blank=True)
    cause = models.CharField(_("Cause"), max_length=200, default="", blank=True)
    resolution = models.TextField(_("What solved it"), default="", blank=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("Part of")
    )
    request = models.TextField(_("What they asked"), default="", blank=True)
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followed_by", verbose_name=_("Follows")
    )
    issue_url = models.URLField(_("Issue"), max_length=500, default="", blank=True)
    tags = ArrayField(models.CharField(max_length=60), verbose_name=_("Tags"), default=list, blank=True)
    waiting_until = models.DateTimeField(_("Wait until"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True)
    said = models.IntegerField(_("Entries"), default=0)
    last_at = models.DateTimeField(_("Last word"), null=True, blank=True)
    last_side = models.CharField(max_length=5, default="", blank=True)
    last_words = models.CharField(_("Last words"), max_length=300, default="", blank=True)
    reopened = models.IntegerField(_("Opened again"), default=0)
    transfers = models.IntegerField(_("Handed on"), default=0)
    reasked = models.IntegerField(_("Asked again"), default=0)
    repeats = models.BooleanField(_("Came back with it"), default=False)
    minutes = models.IntegerField(_("Time spent"), default=0)

    # These repeat what the entries say (`clocks.keeping` counts them afresh after an undo).
    DERIVED: ClassVar[frozenset[str]] = frozenset({"said", "last_at", "last_side", "last_words"})

    class Meta:
        verbose_name, verbose_name_plural = _("ticket"), _("tickets")
        indexes = [
            *list_indexes("ticket", "subject", "updated_at", "opened_at", "solved_at", "owner", "state",
                          "next_step", "next_step_at", "last_touch_at"),
            models.Index(fields=["owner", "opened_at", "id"], name="ticket_unsolved_of", condition=UNSOLVED),
            # The queue: unsolved tickets, whoever is due first, in pages by key; mine, a team's, and nobody's.
            models.Index(fields=["next_step_at", "id"], name="ticket_queue", condition=UNSOLVED),
            models.Index(fields=["owner", "next_step_at", "id"], name="ticket_queue_of", condition=UNSOLVED),
            models.Index(fields=["state", "closed_at", "solved_at"], name="ticket_to_close", condition=Q(state="solved")),
            models.Index(fields=["person", "-opened_at"], name="ticket_of_person"),
            models.Index(fields=["company", "-opened_at"], name="ticket_of_company"),
            models.Index(fields=["issue_url"], name="ticket_issue", condition=~Q(issue_url="")),
            GinIndex(fields=["custom"], name="ticket_custom", opclasses=["jsonb_path_ops"]),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.subject

    def derive(self) -> None:
        self.issue_url = plain_address(self.issue_url)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.subject, self.cause, self.request[:2000], self.resolution]

    def about(self) -> list[tuple[str, int]]:
        links = (("person", self.person_id), ("company", self.company_id))
        return [(name, pk) for name, pk in links if pk]

    @property
    def awaits_step(self) -> bool:
        return self.state in (TicketState.NEW, TicketState.OPEN, TicketState.WAITING)


class Side(models.TextChoices):
    """Whose words an entry holds."""

    THEM = "them", _("They")
    US = "us", _("We")
    NOTE = "note", _("Note for colleagues")
    EVENT = "event", _("What happened")


class Entry(models.Model):
    """Something said about a ticket, whatever way it came. `message`: the mail that it was or went as; `key`: whoever sends it
    twice (a broken connection, a job that ran again) finds the one that is there."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="entries")
    at = models.DateTimeField(default=timezone.now)
    side = models.CharField(max_length=5, choices=Side.choices)
    channel = models.CharField(max_length=8, default="", blank=True)
    person = models.ForeignKey("contacts.Person", models.SET_NULL, null=True, blank=True, related_name="ticket_entries")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200, default="", blank=True)
    text = models.TextField(default="", blank=True)
    message = models.ForeignKey(
        "activities.Message", models.SET_NULL, null=True, blank=True, related_name="ticket_entries"
    )
    key = models.CharField(max_length=120, null=True, blank=True, unique=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="ticket_talk")]


class EntryFile(models.Model):
    """A file that came or went with an entry."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="files")
    file = models.ForeignKey("files.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=255)


class Source(models.Model):
    """What a ticket was made of: a submission of a form, a chat. Once each, however often it is told."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="sources")
    through = models.CharField(max_length=20)
    ref = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["through", "ref"], name="ticket_source_once")]


class Looking(models.Model):
    """Who has a ticket open just now, and whether they write an answer."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)
    writes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="looking_once")]
