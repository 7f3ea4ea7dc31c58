"""What we want to know before we promise anything: questions as configuration, answers with evidence and their history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel


class Subject(models.TextChoices):
    PERSON = "person", _("Person")
    COMPANY = "company", _("Company")


class Criterion(RecordModel):
    """A question. `column`: key of a column of the person or company that answers it once it is known. `process`: the key of
    the one process that asks it; "" for every process."""

    key = models.CharField(_("Key"), max_length=60, default="", blank=True)
    name = models.CharField(_("Criterion"), max_length=120)
    question = models.CharField(_("Question"), max_length=300)
    on = models.CharField(_("Asked of"), max_length=10, choices=Subject.choices, default=Subject.PERSON)
    column = models.CharField(_("Answered by the field"), max_length=80, default="", blank=True)
    process = models.CharField(_("Only in the process"), max_length=60, default="", blank=True)
    position = models.IntegerField(_("Order"), default=100)

    DERIVED = frozenset({"key"})  # from the name it was made with; it stays when the name changes

    class Meta:
        verbose_name, verbose_name_plural = _("criterion"), _("criteria")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["key", "process"], name="criterion_once", condition=Q(archived_at__isnull=True),
                                    violation_error_message=_("There is already a criterion of that name.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key or slugify(self.name)[:60] or "criterion"
        super().derive()

    def verify(self) -> None:
        from kith.kernel.records.registry import registry

        if self.column and self.column not in registry[self.on].columns():
            said = {"what": registry[self.on].label, "key": self.column}
            raise InvalidMany({"column": [__("%(what)s has no field “%(key)s”.") % said]})


class CompanyKnown(models.Model):
    """How much is known of a company, for lists; kept by a job (`checklist/companies.py`). `missing`: keys of questions."""

    company = models.OneToOneField("contacts.Company", models.CASCADE, related_name="checklist_known")
    known = models.SmallIntegerField(default=0)
    asked = models.SmallIntegerField(default=0)
    missing = models.JSONField(default=list)

    class Meta:
        verbose_name, verbose_name_plural = _("checklist of a company"), _("checklists of companies")


class Answer(RecordModel):
    """An answer, on what it rests, and when it was given. A later one takes its place; this one stays as history."""

    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="answers", verbose_name=_("Criterion"))
    person = models.ForeignKey(
        "contacts.Person", models.CASCADE, null=True, blank=True, related_name="answers", verbose_name=_("Person")
    )
    company = models.ForeignKey(
        "contacts.Company", models.CASCADE, null=True, blank=True, related_name="answers", verbose_name=_("Company")
    )
    answer = models.TextField(_("Answer"))
    evidence = models.TextField(_("Evidence"), default="", blank=True)
    answered_on = models.DateField(_("Date"), default=timezone.localdate)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Written by")
    )
    replaced_at = models.DateTimeField(_("Replaced"), null=True, blank=True)

    DERIVED = frozenset({"replaced_at"})  # a later answer sets it

    class Meta:
        verbose_name, verbose_name_plural = _("answer"), _("answers")
        indexes = [
            models.Index(fields=["person", "criterion"], name="answer_person", condition=Q(person__isnull=False)),
            models.Index(fields=["company", "criterion"], name="answer_company", condition=Q(company__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.answer}"[:300]

    def verify(self) -> None:
        if bool(self.person_id) == bool(self.company_id):
            raise InvalidMany({"person": [__("An answer is about one person or one company.")]})

    def about(self) -> list[tuple[str, int]]:
        links = (("person", self.person_id), ("company", self.company_id))
        return [(name, pk) for name, pk in links if pk]
