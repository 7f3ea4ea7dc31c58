"""Mail templates and snippets, every wording they ever had, signatures, and what was sent from which wording."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.engagement.letters import check_text
from kith.kernel.records.models import Owned, RecordModel, list_indexes


class TemplateKind(models.TextChoices):
    MAIL = "mail", _("Mail")
    SNIPPET = "snippet", _("Snippet")


class Template(RecordModel, Owned):
    """`language` is that of `subject` and `body`; `translations` holds others as {"language", "subject", "body"}. `purpose`:
    what people must have agreed to, "" for what one person writes to another. A snippet is put in by its name."""

    name = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=10, choices=TemplateKind.choices, default=TemplateKind.MAIL)
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    subject = models.CharField(_("Subject"), max_length=300, default="", blank=True)
    body = models.TextField(_("Text"))
    purpose = models.CharField(_("Purpose"), max_length=60, default="", blank=True)
    translations = models.JSONField(_("In other languages"), default=list, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mail template"), _("mail templates")
        indexes = list_indexes("template", "name", "updated_at", "owner")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="template_name_once", condition=models.Q(archived_at__isnull=True),
                violation_error_message=_("Another template has this name; choose a different one."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.subject, self.body]

    def verify(self) -> None:
        for text in self.texts():
            check_text(text["subject"], text["body"])

    def texts(self) -> list[dict[str, str]]:
        """Every language of it, its own first."""
        return [{"language": self.language, "subject": self.subject, "body": self.body}, *self.translations]

    def wording(self) -> dict[str, Any]:
        """What a version keeps."""
        return {
            "language": self.language,
            "subject": self.subject,
            "body": self.body,
            "translations": self.translations,
        }


class TemplateVersion(models.Model):
    """One wording of a template; never changed."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    wording = models.JSONField()
    author_name = models.CharField(max_length=200, default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]

    KEYS: ClassVar[tuple[str, ...]] = ("language", "subject", "body")

    def in_language(self, wanted: str) -> dict[str, str]:
        """The text in that language, else in that of the region ("de" for "de-AT"), else in its own."""
        own = {key: self.wording[key] for key in self.KEYS}
        found = {text["language"]: text for text in (*self.wording["translations"], own)}
        return found.get(wanted) or found.get(wanted.partition("-")[0]) or own


class Enclosure(models.Model):
    """An asset of the library that goes with every mail of a template."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="enclosures", db_index=False)
    asset = models.ForeignKey("awareness.Asset", models.CASCADE, related_name="enclosed_in")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "asset"], name="enclosed_once")]


class Signature(models.Model):
    """What stands under the mails of one colleague."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.TextField(default="", blank=True)


class Dress(models.Model):
    """What a mail has beside its plain words: the wording it came from, its HTML part, the files that go with it, and of
    which assets of the library they are."""

    message = models.OneToOneField("activities.Message", models.CASCADE, related_name="+")
    version = models.ForeignKey(TemplateVersion, models.SET_NULL, null=True, related_name="sent")
    html = models.TextField(default="")
    files = models.JSONField(default=list)  # ids of stored files
    assets = models.JSONField(default=list)  # [id, name] of each
