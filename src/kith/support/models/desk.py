"""How the desk works: ways in, ready answers, who answers what, and a few rules of the house."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel
from kith.support.models.tickets import Ticket, TicketKind, TicketPriority


class Through(models.TextChoices):
    MAIL = "mail", _("Mail to an address")
    FORM = "form", _("A form")
    CHAT = "chat", _("A chat")


class Door(RecordModel):
    """A way in: what comes to this address, by this form or chat becomes a ticket."""

    name = models.CharField(_("Name"), max_length=120)
    through = models.CharField(_("Through"), max_length=5, choices=Through.choices, default=Through.MAIL)
    place = models.CharField(_("Address or key"), max_length=254)
    kind = models.CharField(_("Kind"), max_length=10, choices=TicketKind.choices, default=TicketKind.QUESTION)
    priority = models.CharField(
        _("Priority"), max_length=8, choices=TicketPriority.choices, default=TicketPriority.NORMAL
    )
    tags = ArrayField(models.CharField(max_length=60), verbose_name=_("Tags"), default=list, blank=True)
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Team")
    )
    acknowledge = models.BooleanField(_("Say at once that it came"), default=True)
    active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("way in"), _("ways in")
        constraints = [
            models.UniqueConstraint(
                fields=["through", "place"], name="door_once", condition=Q(archived_at__isnull=True),
                violation_error_message=_("Another way in has this place; choose a different one."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.place = self.place.strip().lower()
        super().derive()

    def verify(self) -> None:
        if self.through == Through.MAIL and "@" not in self.place:
            raise InvalidMany({"place": [__("Write the address that people write to, such as help@example.com.")]})


class Reply(RecordModel):
    """An answer that stands ready, and what else picking it does: a macro is one that does something."""

    name = models.CharField(_("Name"), max_length=120)
    body = models.TextField(_("Text"), default="", blank=True)
    language = models.CharField(_("Language"), max_length=10, default="", blank=True)
    bodies = models.JSONField(_("Text in other languages"), default=dict, blank=True)
    priority = models.CharField(
        _("Makes the priority"), max_length=8, choices=TicketPriority.choices, default="", blank=True
    )
    kind = models.CharField(_("Makes the kind"), max_length=10, choices=TicketKind.choices, default="", blank=True)
    tags = ArrayField(models.CharField(max_length=60), verbose_name=_("Adds tags"), default=list, blank=True)
    then = models.CharField(
        _("Then"), max_length=8, default="", blank=True, choices=[("wait", _("wait for them")), ("solve", _("solve"))]
    )
    cause = models.CharField(_("Cause"), max_length=200, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("ready answer"), _("ready answers")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.body, *self.bodies.values()]


class Agent(RecordModel):
    """Somebody who answers tickets: what they know, and how much they can hold at once (an urgent ticket weighs 5, one of high
    priority 3, others 2 or 1), and in which hours they take turns: always where nothing is said."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Colleague"))
    skills = ArrayField(models.CharField(max_length=60), verbose_name=_("Knows"), default=list, blank=True)
    capacity = models.PositiveSmallIntegerField(_("Holds at most, by weight"), default=40)
    share = models.PositiveSmallIntegerField(_("Share"), default=1)
    active = models.BooleanField(_("Takes turns"), default=True)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar", models.SET_NULL, null=True, blank=True, related_name="agents", verbose_name=_("Working hours"),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("agent"), _("agents")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="agent_once", condition=Q(archived_at__isnull=True),
                violation_error_message=_("This colleague is an agent already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.user)

    def verify(self) -> None:
        if self.share < 1:
            raise InvalidMany({"share": [__("A share is at least 1; leave them out of turns instead.")]})


class Given(models.Model):
    """How somebody came to have a ticket: by turn (`able`: {user id: share} of those who could), taken by themselves, or given
    by a colleague. What the page on fairness counts."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="given")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    how = models.CharField(max_length=6)  # turn, taken, handed
    weight = models.SmallIntegerField(default=2)
    waited = models.IntegerField(default=0)  # how many older ones waited as it was taken
    able = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="given_at")]


class Turn(models.Model):
    """How much weight a colleague is still owed of what was dealt out; see kernel/turns.py."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    credit = models.FloatField(default=0)


class Rules(models.Model):
    """The one row of the house's own rules. Days after a solution in which a reply opens the ticket again; after which it
    closes; days we wait for an answer of theirs before we look again; whether a solution names what was the cause."""

    id = models.SmallAutoField(primary_key=True)
    reopen_days = models.PositiveSmallIntegerField(default=7)
    wait_days = models.PositiveSmallIntegerField(default=3)
    ask_cause = models.BooleanField(default=False)
    route = models.BooleanField(default=True)
