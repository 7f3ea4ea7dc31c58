"""Channels, who writes by them, and which entries of tickets came or went that way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.phones import national
from kith.kernel.outgoing import check_address
from kith.kernel.records.models import RecordModel


class Service(models.TextChoices):
    """Each is a `TicketChannel` too."""

    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    SOCIAL = "social", _("Social network")
    OTHER = "other", _("Other messages")


PHONES = (Service.WHATSAPP, Service.SMS)  # whose writers are known by their phone number


class Channel(RecordModel):
    """`gateway`: where answers are sent, by a signed call; none goes out by a channel without one."""

    name = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=8, choices=Service.choices, default=Service.WHATSAPP)
    gateway = models.URLField(_("Where answers are sent"), max_length=300, default="", blank=True)
    active = models.BooleanField(_("In use"), default=True)
    secret_round = models.PositiveIntegerField(default=1)  # a new one ends the secret before it

    class Meta:
        verbose_name, verbose_name_plural = _("channel"), _("channels")
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(archived_at__isnull=True), name="channel_once",
                violation_error_message=_("Another channel has this name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if self.gateway:
            try:
                check_address(self.gateway)
            except Invalid as problem:
                raise Invalid(problem.message, "gateway") from None


class Writer(models.Model):
    """Somebody who wrote by a channel. `handle`: the phone number or name by which they are known there, in one form;
    `address`: as the service wrote it last, to which answers go."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="writers")
    handle = models.CharField(max_length=200)
    address = models.CharField(max_length=200)
    name = models.CharField(max_length=200, default="", blank=True)
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="written_by_channel"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "handle"], name="channel_writer_once")]

    def __str__(self) -> str:
        return self.name or self.address

    @property
    def number(self) -> str:
        """Their phone number, where that is how they are known."""
        return self.handle if self.channel.kind in PHONES and self.handle.startswith("+") else ""

    @property
    def shown(self) -> str:
        """Where an answer goes, as people read it."""
        return national(self.number) if self.number else self.address


class Passage(models.TextChoices):
    CAME = "came", _("Came in")
    WAITS = "waits", _("On its way")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")


class Passed(models.Model):
    """An entry of a ticket that came by a channel, or goes out by it. `problem`: why it could not be sent, after so many `tries`."""

    entry = models.OneToOneField("support.Entry", models.CASCADE, related_name="passed")
    writer = models.ForeignKey(Writer, models.CASCADE, related_name="passed")
    state = models.CharField(max_length=6, choices=Passage.choices)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, default="", blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["writer"], name="channel_unsent", condition=Q(state="failed"))]
