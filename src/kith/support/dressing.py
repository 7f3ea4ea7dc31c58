"""Files that go with an answer, put onto its mail as it leaves."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives

from kith.kernel.errors import NotFound
from kith.kernel.files.storage import open_file
from kith.support.models import EntryFile, Side

MOST = 20 << 20  # bytes that a mail carries; what is more stays with the ticket


def put_on(message_id: int, mail: EmailMultiAlternatives) -> None:
    """Attach what was attached to the answer that this mail is, as far as a mail carries it."""
    size = 0
    rows = EntryFile.objects.filter(entry__message=message_id, entry__side=Side.US, file__isnull=False).select_related(
        "file"
    )
    for row in rows.order_by("pk"):
        assert row.file is not None
        size += row.file.size
        if size > MOST:
            return
        try:
            with open_file(row.file) as content:
                mail.attach(row.name, content.read(), row.file.content_type)
        except NotFound:  # the disk lost it; the words leave all the same
            continue
