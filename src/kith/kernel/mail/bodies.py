"""The words and files of a message: which part is its text, what is shown of its HTML, what is attached."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage, Message
from html.parser import HTMLParser

import nh3
from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from kith.kernel.files import names
from kith.kernel.mail.headers import BROKEN
from kith.kernel.mail.parsed import Attachment
from kith.kernel.text import clean_text

MOST_PARTS, DEEPEST = 500, 50
GUESSED = 300  # bytes from which on an encoding can be guessed
LONGEST_TEXT, LONGEST_HTML = 1_000_000, 2_000_000  # characters
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
BLOCKS = {"p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "dl"}
UNSEEN = {"script", "style", "head", "title", "template"}


def leaves(message: Message, deep: int = 0) -> Iterator[Message]:
    """Parts that hold something themselves, in order; a message within the message is one."""
    if deep < DEEPEST and message.is_multipart() and message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from leaves(part, deep + 1)
    else:
        yield message


def text_of(part: Message) -> str:
    """The words of a text part, whatever it says or does not say about their encoding."""
    raw = content_of(part)[: LONGEST_TEXT * 4]
    for charset in (part.get_content_charset(), "utf-8"):
        try:
            return _clean(raw.decode(charset or "utf-8"))
        except (*BROKEN, UnicodeError):
            continue
    best = from_bytes(raw[:20_000]).best() if len(raw) > GUESSED else None  # of a few words it would guess wildly
    return _clean(raw.decode(best.encoding if best else "cp1252", "replace"))


def _clean(text: str) -> str:
    return clean_text(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_TEXT]


def content_of(part: Message) -> bytes:
    """The bytes of a part; of a message within the message, the whole of it."""
    try:
        if part.get_content_maintype() == "message" and part.is_multipart():
            return b"\n".join(p.as_bytes() for p in part.get_payload() if isinstance(p, Message))
        found = part.get_payload(decode=True)
    except BROKEN:
        found = None
    if isinstance(found, bytes):
        return found
    given = part.get_payload()
    return given.encode("utf-8", "surrogateescape") if isinstance(given, str) else b""


def words_of(message: EmailMessage) -> tuple[str, str, tuple[Attachment, ...], str]:
    """(text, safe HTML, attachments, problem)."""
    texts: list[str] = []
    htmls: list[str] = []
    files: list[Attachment] = []
    parts = list(leaves(message))
    for part in parts[:MOST_PARTS]:
        kind = part.get_content_type()
        if _is_file(part):
            files.append(_file(part, len(files) + 1))
        elif kind == "text/html":
            htmls.append(text_of(part)[:LONGEST_HTML])
        elif kind.startswith("text/"):
            texts.append(text_of(part))
    html = safe("\n".join(htmls)) if htmls else ""
    text = "\n".join(texts) if any(t.strip() for t in texts) else in_words(html)
    problem = _("It has more than %s parts; the rest was not read.") % MOST_PARTS if len(parts) > MOST_PARTS else ""
    return text, html, tuple(files), problem


def _is_file(part: Message) -> bool:
    kind = part.get_content_type()
    if kind in ("message/delivery-status", "message/feedback-report", "text/rfc822-headers"):
        return False
    try:
        named = part.get_filename() is not None or part.get_content_disposition() == "attachment"
    except BROKEN:
        named = False
    return named or kind not in ("text/plain", "text/html", "text/enriched", "text/richtext")


def _file(part: Message, number: int) -> Attachment:
    try:
        name, where = part.get_filename() or "", part.get_content_disposition()
    except BROKEN:
        name, where = "", None
    kind = part.get_content_type()
    if not name:
        name = f"{_('message')} {number}.eml" if kind == "message/rfc822" else f"{_('file')} {number}"
    standing = where == "inline" or (where is None and part.get("Content-ID") is not None)
    return Attachment(
        names.clean(clean_text(name)), kind[:120], content_of(part), standing and kind.startswith("image/")
    )


def safe(html: str) -> str:
    """HTML that may be shown: words and their shape. No script, style, picture or form; links open elsewhere."""
    return nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}}, clean_content_tags={"script", "style", "title", "template"},
    )  # fmt: skip


class _Words(HTMLParser):
    """HTML as text: a line a block, quotations marked as text marks them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quoted = self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self.unseen += 1
        if tag in BLOCKS or tag in ("br", "li"):
            self._line()
        if tag == "blockquote":
            self.quoted += 1
            self._line()
        if tag == "li":
            self.lines[-1] += "- "
        if tag in ("td", "th") and not self.lines[-1].endswith((" ", "\t")) and self.lines[-1]:
            self.lines[-1] += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        if tag == "blockquote":
            self.quoted = max(0, self.quoted - 1)
        if tag in BLOCKS:
            self._line()
        if tag in ("p", "h1", "h2", "h3", "table", "ul", "ol") and self.lines[-2:] != ["", ""]:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        words = " ".join(data.split())
        if not words:
            words = " " if data and self.lines[-1] and not self.lines[-1].endswith(" ") else ""
        else:
            words = (" " if data[0].isspace() and self.lines[-1] else "") + words + (" " if data[-1].isspace() else "")
        if words and not self.lines[-1] and self.quoted:
            self.lines[-1] = "> " * min(self.quoted, 9)
        self.lines[-1] += words

    def _line(self) -> None:
        if self.lines[-1].strip():
            self.lines.append("")


def in_words(html: str) -> str:
    """HTML as plain text."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "\n".join(line.rstrip() for line in reader.lines).strip()[:LONGEST_TEXT]
