"""Answers that carry a stored file without letting it act in the reader's browser.

Always an attachment, never guessed anew by the browser, and sandboxed in case something shows it after all.
"""

from __future__ import annotations

from django.http import FileResponse
from django.utils.http import content_disposition_header

from kith.kernel.files.models import StoredFile
from kith.kernel.files.storage import open_file


def headers(stored: StoredFile) -> dict[str, str]:
    """The headers with which a stored file leaves; access must have been checked before."""
    return {
        "Content-Type": stored.content_type,
        "Content-Length": str(stored.size),
        "Content-Disposition": content_disposition_header(True, stored.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "ETag": f'"{stored.sha256}"',
    }


def download(stored: StoredFile) -> FileResponse:
    """A streamed answer with the content of a stored file."""
    answer = FileResponse(open_file(stored))
    for name, value in headers(stored).items():  # afterwards: FileResponse sets some of them from the path itself
        answer[name] = value
    return answer
