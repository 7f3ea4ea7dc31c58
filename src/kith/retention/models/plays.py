"""What we do for customers who may leave, and what came of it."""

from __future__ import annotations

import re

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.retention.models.health import ONE_CUSTOMER

STEP = re.compile(r"^\s*(\d{1,3})\s*:\s*(\S.*)$")


class Play(RecordModel):
    """Steps for a customer at risk, a line each: "3: Call them" is a task three days after the play began. It begins by
    itself where the chance of leaving is at least `from_chance` percent, or health is at risk; 0 and no: by hand alone."""

    name = models.CharField(_("Name"), max_length=120)
    steps = models.TextField(_("Steps"), default="", blank=True)
    colleague = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Done by")
    )
    from_chance = models.PositiveSmallIntegerField(_("Begins from a chance of leaving of, %"), default=0)
    when_poor = models.BooleanField(_("Begins when health is at risk"), default=False)
    within = models.PositiveSmallIntegerField(_("Judged after (days)"), default=90)
    active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("play"), _("plays")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def verify(self) -> None:
        self.lines()
        if self.from_chance > 100:
            raise Invalid(__("A chance is at most 100 %."), "from_chance")

    def lines(self) -> list[tuple[int, str]]:
        """[(days after the beginning, what to do)]. Raises Invalid naming the line that is none."""
        found = []
        for line in self.steps.splitlines():
            if not line.strip():
                continue
            told = STEP.match(line)
            if told is None:
                raise Invalid(
                    __("“%s” is no step; write the day first, such as “3: Call them”.") % line.strip()[:60], "steps"
                )
            found.append((int(told[1]), told[2].strip()[:300]))
        return sorted(found)


class Outcome(models.TextChoices):
    RUNNING = "", _("Under way")
    SAVED = "saved", _("They stay")
    LOST = "lost", _("They left all the same")
    STOPPED = "stopped", _("Stopped: not needed")


class PlayRun(RecordModel, Owned):
    """A play begun for one customer, with what was known of them then."""

    title = models.CharField(_("Who"), max_length=300, default="", blank=True)
    play = models.ForeignKey(Play, models.PROTECT, related_name="runs", verbose_name=_("Play"))
    company = models.ForeignKey(
        "contacts.Company", models.CASCADE, null=True, blank=True, related_name="plays", verbose_name=_("Company")
    )
    person = models.ForeignKey(
        "contacts.Person", models.CASCADE, null=True, blank=True, related_name="plays", verbose_name=_("Person")
    )
    began_on = models.DateField(_("Began"), default=timezone.localdate)
    chance = models.FloatField(_("Chance of leaving then"), null=True, blank=True)
    health = models.SmallIntegerField(_("Health then"), null=True, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome.choices, default=Outcome.RUNNING, blank=True)
    ended_on = models.DateField(_("Ended"), null=True, blank=True)
    words = models.TextField(_("What helped, what did not"), default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("play under way"), _("plays under way")
        indexes = [
            *list_indexes("play_run", "title", "began_on", "updated_at", "owner"),
            models.Index(
                fields=["company"], name="play_run_company", condition=Q(outcome="", archived_at__isnull=True)
            ),
            models.Index(fields=["person"], name="play_run_person", condition=Q(outcome="", archived_at__isnull=True)),
        ]
        constraints = [models.CheckConstraint(name="play_of_one_customer", condition=ONE_CUSTOMER)]

    def __str__(self) -> str:
        return self.title

    def search_parts(self) -> list[str | None]:
        return [self.title]

    def about(self) -> list[tuple[str, int]]:
        links = (("company", self.company_id), ("person", self.person_id))
        return [(name, pk) for name, pk in links if pk]


class Peer(models.Model):
    """A customer who was as likely to leave on the day a play began for another one, and for whom nothing was done: whom the
    play is judged against. `chance` and `health` are of that day; compared until and with `until`."""

    run = models.ForeignKey(PlayRun, models.CASCADE, related_name="peers")
    company = models.ForeignKey("contacts.Company", models.CASCADE, null=True, related_name="play_peers")
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, related_name="play_peers")
    chance = models.FloatField(null=True)
    health = models.SmallIntegerField(null=True)
    until = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="play_peer_until")]
        constraints = [models.CheckConstraint(name="peer_is_one_customer", condition=ONE_CUSTOMER)]
