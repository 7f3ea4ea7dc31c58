"""What leaves with a mail beside its plain words: the HTML part of its template, files, and under it a signature."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMultiAlternatives

from kith.engagement.enclosing import Along, along_with
from kith.engagement.models import Dress, Signature, Template, TemplateVersion
from kith.engagement.tracking.marking import of_sequence
from kith.kernel.files.models import StoredFile
from kith.kernel.files.queries import files_of
from kith.kernel.files.storage import open_file

MOST_FILES = 10


def signature_of(user_id: int | None) -> str:
    """What stands under this colleague's mails; "" for none."""
    return Signature.objects.filter(user=user_id).values_list("text", flat=True).first() or "" if user_id else ""


def dress_up(
    message: Any, version: TemplateVersion | None, html: str, template: Template | None = None, enclosed: Along | None = None
) -> None:  # fmt: skip
    """Note what goes with a mail that was just written, in its transaction: files are those of the template now, and of
    the assets enclosed."""
    files, more = own_files(template), enclosed or Along()
    Dress.objects.create(
        message_id=message.pk, version=version, html=html, files=[*files, *more.files], assets=more.assets
    )


def own_files(template: Template | None) -> list[int]:
    """Files that are kept with the template itself."""
    return [f.pk for f in files_of("template", template.pk, limit=MOST_FILES)] if template is not None else []


def files_with(template: Template) -> list[int]:
    """Files that go with every mail of it as they are now: its own, and those of the assets enclosed. Raises Invalid."""
    return [*own_files(template), *along_with(template).files]


def put_on(message_id: int, mail: EmailMultiAlternatives) -> str:
    """Add it to the mail as it leaves; returns the purpose of its template, "" for none."""
    dress = Dress.objects.filter(message=message_id).select_related("version__template").first()
    if dress is None:
        return ""
    if dress.html:
        mail.attach_alternative(of_sequence(message_id, dress.html), "text/html")
    for stored in StoredFile.objects.filter(pk__in=dress.files).order_by("pk"):
        with open_file(stored) as opened:
            mail.attach(stored.name, opened.read(), stored.content_type)
    return dress.version.template.purpose if dress.version is not None else ""
