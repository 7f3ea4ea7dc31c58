"""What a file is, judged by its content, and which kinds of files are taken.

The name is believed only where content cannot tell (a text file may be CSV or a note). Whatever a browser or a desktop
would run is refused, under any name: web pages, drawings with scripts, programs, scripts, shortcuts.
"""

from __future__ import annotations

import os
import re

import filetype
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid

HEAD = 16_384  # bytes that are looked at
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

ALLOWED = frozenset(
    [
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/heic", "image/avif", "image/tiff", "image/bmp"),
        *("application/pdf", "application/rtf", "application/zip", "application/gzip"),
        *(OFFICE + "wordprocessingml.document", OFFICE + "spreadsheetml.sheet", OFFICE + "presentationml.presentation"),
        *(OPEN_DOCUMENT + "text", OPEN_DOCUMENT + "spreadsheet", OPEN_DOCUMENT + "presentation"),
        *("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"),
        *("application/vnd.ms-outlook", "message/rfc822"),
        *("text/plain", "text/csv", "text/vcard", "text/calendar", "text/markdown", "application/json"),
        *("audio/mpeg", "audio/ogg", "audio/x-wav", "audio/mp4", "audio/x-flac"),
        *("video/mp4", "video/webm", "video/quicktime"),
    ]
)
# Endings that desktops run when somebody opens the file, whatever it holds.
RUN_WORDS = """
exe com scr pif msi msp bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta lnk url scf reg inf cpl dll
sys jar app dmg pkg deb rpm sh bash csh command desktop appref-ms application gadget html htm xhtml
shtml mht mhtml svg svgz xml xsl php py pl rb docm xlsm pptm xlam dotm iso img vhd chm ps eps
"""
RUN = frozenset(RUN_WORDS.split())
OLE_TYPES = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
}
TEXT_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".md": "text/markdown",
    ".json": "application/json",
    ".jsonl": "application/json",
    ".eml": "message/rfc822",
}
MARKUP = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|table|meta|\?xml|\?php|[a-z]+:)", re.IGNORECASE)
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
TEXT_LIKE = ("application/pdf", "application/rtf")  # begin without any control sign
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def content_type(head: bytes, name: str) -> str:
    """The content type of a file from its first bytes; "application/octet-stream" when they tell nothing."""
    ending = os.path.splitext(name)[1].lower()
    if head.startswith(OLE):
        return OLE_TYPES.get(ending, "application/octet-stream")
    kind = filetype.guess(head) if head else None
    if kind is not None and (kind.mime in TEXT_LIKE or NO_TEXT.search(head)):
        return {"audio/m4a": "audio/mp4", "image/heif": "image/heic"}.get(kind.mime, kind.mime)
    return _text_type(head, ending)


def _text_type(head: bytes, ending: str) -> str:
    text = _as_text(head)
    if text is None:
        return "application/octet-stream"
    start = text.lstrip()[:2000]
    if found := MARKUP.match(start):
        return "application/xml" if found[1].lower() == b"?xml" and b"<svg" not in start else "text/html"
    if start.startswith(b"#!"):
        return "text/x-script"
    if start[:11].upper() == b"BEGIN:VCARD":
        return "text/vcard"
    if start[:15].upper() == b"BEGIN:VCALENDAR":
        return "text/calendar"
    return TEXT_TYPES.get(ending, "text/plain")


def _as_text(head: bytes) -> bytes | None:
    """The beginning of a text in any encoding, wide ones narrowed; None for binary data."""
    if head.startswith(BOMS[1:]):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    head = head.removeprefix(BOMS[0])
    odd = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 or byte == 127 for byte in head)
    return None if b"\0" in head or odd > len(head) // 50 else head


def check(head: bytes, name: str) -> str:
    """The content type of a file that may be kept. Invalid with a sentence for any other."""
    ending = os.path.splitext(name)[1].lower().lstrip(".")
    if ending in RUN:
        raise Invalid(
            _("“{name}” is not kept, because a computer may run .{ending} files. Send it as PDF or in a ZIP.").format(
                name=name, ending=ending
            ),
            "file",
        )
    found = content_type(head, name)
    if found not in ALLOWED:
        raise Invalid(
            _(
                "“{name}” is not kept: its content is of the type {type}. Documents, pictures, sound, films, tables, "
                "mails, text and ZIP archives can be attached."
            ).format(name=name, type=found),
            "file",
        )
    return found
