"""Files that go with an answer, put onto its mail as it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMultiAlternatives

from kith.kernel.errors import NotFound
from kith.kernel.files.storage import open_file
from kith.support.models import EntryFile, Side

MOST = 20 << 20  # bytes that a mail carries; more is refused before the answer is written down


def heavy(files: Sequence[Any]) -> bool:
    """Are these stored files more than a mail carries?"""
    return sum(one.size for one in files) > MOST


def put_on(message_id: int, mail: EmailMultiAlternatives) -> None:
    """Attach what was attached to the answer that this mail is."""
    rows = EntryFile.objects.filter(entry__message=message_id, entry__side=Side.US, file__isnull=False).select_related(
        "file"
    )
    for row in rows.order_by("pk"):
        assert row.file is not None
        try:
            with open_file(row.file) as content:
                mail.attach(row.name, content.read(), row.file.content_type)
        except NotFound:  # the disk lost it; the words leave all the same
            continue
