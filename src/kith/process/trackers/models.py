"""Issue trackers, and the issues in them that customers wait for.

A promise or a ticket names an issue by its address (`issue_url`). `Issue` is one row an address, kept by a job: how many
customers wait, what the tracker was told of it last, and why it could not be told.
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.mail.models import own_network
from kith.kernel.outgoing import check_address
from kith.kernel.records.models import RecordModel, list_indexes
from kith.kernel.text import plain_address


class Provider(models.TextChoices):
    WEBHOOK = "webhook", _("Any other, by a signed call")
    GITHUB = "github", _("GitHub")
    GITLAB = "gitlab", _("GitLab")


class Tells(models.TextChoices):
    COUNT = "count", _("How many customers wait")
    NAMES = "names", _("How many, and their names")


class Delivery(models.TextChoices):
    PLANNED = "planned", _("Planned")
    DOING = "doing", _("Being made")
    DONE = "done", _("Delivered")
    DROPPED = "dropped", _("Will not be made")


API = {Provider.GITHUB: "https://api.github.com", Provider.GITLAB: "https://gitlab.com/api/v4"}


class Tracker(RecordModel):
    """`issues_at`: how the addresses of its issues begin, by which they are known; `api_at`: where it is told."""

    name = models.CharField(_("Name"), max_length=120)
    provider = models.CharField(_("Kind"), max_length=8, choices=Provider.choices, default=Provider.GITHUB)
    issues_at = models.URLField(_("Addresses of its issues begin with"), max_length=300)
    api_at = models.URLField(_("Where it is told"), max_length=300, default="", blank=True)
    tells = models.CharField(_("It is told"), max_length=5, choices=Tells.choices, default=Tells.COUNT)
    active = models.BooleanField(_("In use"), default=True)
    secret_round = models.PositiveIntegerField(default=1)  # a new one ends the secret before it

    class Meta:
        verbose_name, verbose_name_plural = _("issue tracker"), _("issue trackers")
        constraints = [
            models.UniqueConstraint(fields=["issues_at"], condition=Q(archived_at__isnull=True), name="tracker_once",
                violation_error_message=_("Another tracker is known by this address.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.api_at = (self.api_at or API.get(Provider(self.provider), "")).rstrip("/")
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if not self.api_at:
            raise Invalid(__("Say which address is called when customers wait for an issue."), "api_at")
        for key in ("issues_at", "api_at"):
            try:
                check_address(getattr(self, key))
            except Invalid as problem:
                raise Invalid(problem.message, key) from None
        where = urlsplit(self.api_at)
        if self.provider != Provider.WEBHOOK and where.scheme != "https" and not own_network(where.hostname or ""):
            raise Invalid(__("A token goes to this address, so it has to begin with https://."), "api_at")


class Token(models.Model):
    """By which a tracker lets us in; kept encrypted and shown to nobody."""

    tracker = models.OneToOneField(Tracker, models.CASCADE, related_name="token")
    sealed = models.TextField()
    set_at = models.DateTimeField(default=timezone.now)


class Issue(RecordModel):
    """`told`: how many the tracker was told last; `problem`: why it could not be told, after so many `tries`."""

    url = models.URLField(_("Address"), max_length=500)
    title = models.CharField(_("Title"), max_length=300, default="", blank=True)
    tracker = models.ForeignKey(
        Tracker, models.SET_NULL, null=True, blank=True, related_name="issues", verbose_name=_("Tracker")
    )
    delivery = models.CharField(_("Delivery"), max_length=8, choices=Delivery.choices, default="", blank=True)
    customers = models.PositiveIntegerField(_("Customers who wait"), default=0)
    told = models.TextField(_("The tracker was told"), default="", blank=True)
    told_mark = models.CharField(
        max_length=64, default="", blank=True
    )  # of all of it, names too, which are kept nowhere
    told_at = models.DateTimeField(_("Told"), null=True, blank=True)
    problem = models.CharField(_("Could not be told, because"), max_length=500, default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    # Kept by jobs (`keeping.py`); an undo has nothing to put back.
    DERIVED: ClassVar[frozenset[str]] = frozenset(
        {"tracker", "customers", "told", "told_mark", "told_at", "problem", "tries"}
    )

    class Meta:
        verbose_name, verbose_name_plural = _("issue"), _("issues")
        indexes = [*list_indexes("issue", "title", "updated_at", "customers")]
        constraints = [
            models.UniqueConstraint(fields=["url"], condition=Q(archived_at__isnull=True), name="issue_once",
                violation_error_message=_("This issue is known already.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def short(self) -> str:
        """What it is called while nobody said: "github.com/tidewell/sensors/issues/14"."""
        return self.url.partition("://")[2][-300:]

    def derive(self) -> None:
        self.url = plain_address(self.url)
        self.title = self.title or self.short
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.title, self.url]
