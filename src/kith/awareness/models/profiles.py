"""Whom we want to reach: profiles and personas with weighted criteria, their versions, how well each row fits; and what we
know of a segment's market, with date and evidence.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import fold


class Sort(models.TextChoices):
    ICP = "icp", _("Ideal customer")
    PERSONA = "persona", _("Persona")


class Subject(models.TextChoices):
    PERSON = "person", _("People")
    COMPANY = "company", _("Companies")


class Profile(RecordModel, Owned):
    """`number` is the version in force, None as long as nothing was published. The criteria beside it are the draft."""

    name = models.CharField(_("Name"), max_length=120)
    key = models.SlugField(_("Key"), max_length=80, default="", blank=True, db_index=False)
    sort = models.CharField(_("Kind"), max_length=8, choices=Sort.choices, default=Sort.ICP)
    subject = models.CharField(_("Of"), max_length=8, choices=Subject.choices, default=Subject.PERSON)
    about_text = models.TextField(_("Who this is"), default="", blank=True)
    values_text = models.TextField(_("What they value"), default="", blank=True)
    number = models.IntegerField(_("Version in force"), null=True, blank=True)

    DERIVED = frozenset({"key"})

    class Meta:
        verbose_name, verbose_name_plural = _("profile"), _("profiles")
        indexes = list_indexes("profile", "name", "updated_at", "owner")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="profile_key_once",
                violation_error_message=_("There is a profile of this name already; choose another name."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key or slugify(fold(self.name))[:80]
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if not self.key:
            raise Invalid(__("Give the profile a name with at least one letter or digit."), "name")


class Criterion(models.Model):
    """One criterion of the draft: a filter tree in text form, how much it weighs, and why it matters."""

    id = models.BigAutoField(primary_key=True)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="criteria")
    label = models.CharField(max_length=120)
    conditions = models.TextField()
    weight = models.PositiveSmallIntegerField(default=1)
    note = models.TextField(default="", blank=True)
    position = models.PositiveSmallIntegerField(default=0)


class ProfileVersion(models.Model):
    """Criteria as they were published; never changed, so that results given by them stay explainable.

    `criteria`: [{"label", "conditions", "weight", "note"}] in order.
    """

    id = models.BigAutoField(primary_key=True)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    criteria = models.JSONField(default=list)
    note = models.TextField(default="", blank=True)
    at = models.DateTimeField(default=timezone.now)
    by_name = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "number"], name="profile_version_once")]


class Fit(models.Model):
    """What one version says of one row. `verdicts`: a sign for each criterion: + met, - not met, ? unknown. `share`: percent
    of the weight that is met; `known`: percent of it that is known. Rows of older versions stay as they last were."""

    id = models.BigAutoField(primary_key=True)
    profile = models.ForeignKey(Profile, models.CASCADE, db_index=False, related_name="fits")
    number = models.PositiveIntegerField()
    row_id = models.BigIntegerField()
    verdicts = models.CharField(max_length=60)
    share = models.PositiveSmallIntegerField()
    known = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["row_id", "profile", "number"], name="profile_fit_once")]


class Research(RecordModel, Owned):
    """What was found out about the market of a segment, when, and where that is written."""

    name = models.CharField(_("What was found"), max_length=200)
    segment = models.ForeignKey(
        "segments.Segment", models.CASCADE, null=True, blank=True, related_name="research", verbose_name=_("Segment")
    )
    body = models.TextField(_("In full"), default="", blank=True)
    values_text = models.TextField(_("What they value"), default="", blank=True)
    found_on = models.DateField(_("Found on"), default=timezone.localdate)
    evidence = models.URLField(_("Evidence"), max_length=500, default="", blank=True)
    months = models.PositiveSmallIntegerField(_("Holds for months"), default=12)

    class Meta:
        verbose_name, verbose_name_plural = _("research note"), _("research notes")
        indexes = list_indexes("research", "name", "found_on", "updated_at", "owner")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.body[:2000], self.values_text[:2000]]

    def verify(self) -> None:
        if self.found_on > timezone.localdate():
            raise Invalid(__("Research is dated by the day it was found, which has not come yet."), "found_on")
        if not self.months:
            raise Invalid(__("Say for how many months it holds; at least 1."), "months")

    def about(self) -> list[tuple[str, int]]:
        return [("segment", self.segment_id)] if self.segment_id else []
