"""What people may be asked to agree to, the words of it, and the log of what they said.

The log is append-only: the database refuses to change a line (only a merge may hand it to the person who remains), so
what somebody agreed to stays what it was. What holds now is the last line of a person and a purpose.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import RecordModel
from kith.kernel.text import fold

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class Purpose(RecordModel):
    """What an address may be used for. `wording` is what people are asked, in the organisation's own language; every
    change of it is a new version (`Wording`), and what was agreed to keeps its own."""

    name = models.CharField(_("Name"), max_length=120)
    key = models.CharField(_("Key"), max_length=60, default="", blank=True)
    what_for = models.TextField(_("What for"), default="", blank=True)
    wording = models.TextField(_("What people are asked"))
    translations = models.JSONField(_("In other languages"), default=dict, blank=True)
    double_opt_in = models.BooleanField(_("Confirmed by mail"), default=False)
    holds_days = models.PositiveIntegerField(_("Holds for days"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("purpose"), _("purposes")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="purpose_key_once",
                                    violation_error_message=_("Another purpose has this key; choose a different one.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key.strip().lower() or re.sub(r"[^a-z0-9]+", "-", fold(self.name)).strip("-")[:60]
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key, self.what_for]

    def verify(self) -> None:
        if not KEY.fullmatch(self.key):
            raise Invalid(__("A key has small letters, digits and hyphens, for example “newsletter”."), "key")

    def texts(self) -> dict[str, str]:
        """{language: words}; "" is the organisation's own."""
        return {"": self.wording.strip(), **self.translations}


class Wording(models.Model):
    """The words of a purpose in one language, as of one version; never changed."""

    purpose = models.ForeignKey(Purpose, models.CASCADE, related_name="wordings")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12, default="", blank=True)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "number", "language"], name="wording_once")]


class State(models.TextChoices):
    ASKED = "asked", _("Asked to confirm")
    GIVEN = "given", _("Agreed")
    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Through(models.TextChoices):
    FORM = "form", _("a form")
    LINK = "link", _("the link in a mail")
    CENTRE = "centre", _("their own page")
    UNSUBSCRIBE = "unsubscribe", _("unsubscribing")
    HAND = "hand", _("a colleague")
    OTHER = "other", _("another way")


class Consent(models.Model):
    """One line of the log. `wording` is the exact text that was shown, with its version and language; `source` names the
    form or mail, `page` is where it stood, `proof` what shows it (submission, truncated network address, link used)."""

    # Not hidden, so that a merge finds it.
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="consents")
    address = models.CharField(max_length=254, default="", blank=True)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    at = models.DateTimeField(default=timezone.now)
    wording = models.TextField(default="", blank=True)
    wording_number = models.PositiveIntegerField(null=True)
    language = models.CharField(max_length=12, default="", blank=True)
    through = models.CharField(max_length=12, choices=Through.choices)
    source = models.CharField(max_length=200, default="", blank=True)
    page = models.CharField(max_length=1000, default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500, default="", blank=True)
    proof = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("consent"), _("consents")
        indexes = [models.Index(fields=["person", "purpose", "-id"], name="consent_last")]

    @property
    def said_yes(self) -> bool:
        return self.state in (State.GIVEN, State.CONFIRMED)


def settle_wordings(pairs: list[tuple[Any, Any]], by: Any) -> None:
    """A changed text becomes the next version, in every language; keys stay what they were. Raises Invalid."""
    for old, row in pairs:
        if old is not None and old.key != row.key:
            raise Invalid(__("The key stays what it was: mails and forms name the purpose by it."), "key")
        if old is not None and old.texts() == row.texts():
            continue
        last = Wording.objects.filter(purpose=row).aggregate(last=models.Max("number"))["last"] or 0
        Wording.objects.bulk_create(
            Wording(purpose=row, number=last + 1, language=code, text=text, by=by.name)
            for code, text in row.texts().items()
        )
