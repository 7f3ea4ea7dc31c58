"""The picture above a form: kept with it, judged by its content, and the only file of ours that strangers are shown."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.capture.models import Form
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.files import sniffing
from kith.kernel.files.models import StoredFile
from kith.kernel.files.storage import store

TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})
LIMIT = 300 << 10  # bytes


def logo_of(form: int, stored: int) -> StoredFile | None:
    """The picture of that id, if it was put there for this form; whatever else a draft may name is nobody's."""
    if not stored:
        return None
    rows = StoredFile.objects.filter(pk=stored, record_type="form", record_id=form, archived_at=None)
    found: StoredFile | None = rows.filter(content_type__in=TYPES).first()
    return found


def changed(form: Form, theme: dict[str, Any], post: Any, files: Any, *, by: Actor) -> dict[str, Any]:
    """The look with the picture that was sent, or without one. Raises Invalid."""
    upload = files.get("logo")
    if upload is None or not upload.size:
        return {key: value for key, value in theme.items() if key != "logo" or "no_logo" not in post}
    kind = sniffing.content_type(upload.read(sniffing.HEAD), upload.name or "")
    upload.seek(0)
    if kind not in TYPES:
        raise Invalid(_("A logo is a picture: PNG, JPEG or WebP."), "logo")
    return {**theme, "logo": store(upload, record_type="form", record_id=form.pk, by=by, limit=LIMIT).pk}
