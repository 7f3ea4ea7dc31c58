"""One row per attached file. Its bytes lie on the disk under their hash; equal files share them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """A file of a record. `name` is what people call it, `content_type` what its content shows it to be, `size` is in
    bytes, `path` is relative to MEDIA_ROOT."""

    record_type = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    name = models.CharField(_("Name"), max_length=255)
    size = models.BigIntegerField(_("Size"))
    content_type = models.CharField(_("Type"), max_length=120)
    sha256 = models.CharField(max_length=64, db_index=True)
    path = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Added by")
    )
    created_at = models.DateTimeField(_("Added"), default=timezone.now)
    archived_at = models.DateTimeField(_("Archived"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("file"), _("files")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["record_type", "record_id", "-created_at"], name="stored_file_of_record")]

    def __str__(self) -> str:
        return self.name
