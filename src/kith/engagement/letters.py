"""A letter from a template: subject, words and an HTML part that mail programs of every age can show.

The body is plain text with light marks (paragraphs, lists, **strong**, _stress_, [links](https://…)). Values are put in
after the marks were read, escaped, so that what somebody is called can never become markup or a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from secrets import token_hex

from django.utils.html import escape
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mjml import mjml2html

from kith.engagement.placeholders import Cast, check, value_of, values
from kith.kernel.errors import Invalid
from kith.kernel.mail.placeholders import Place, parts

OPEN, CLOSE = "\ue000", "\ue001"  # private characters: around the number of a placeholder while marks are read
_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_FOOT = re.compile(f"{OPEN}\\+(\\d+){CLOSE}")
_STYLES = {
    "paragraph_open": "margin:0 0 16px;", "bullet_list_open": "margin:0 0 16px;padding-left:24px;",
    "ordered_list_open": "margin:0 0 16px;padding-left:24px;", "link_open": "color:#0b6b6b;", "list_item_open": "margin:0 0 4px;",
}  # fmt: skip
_DARK = "body,.sheet,.sheet table{background:#17181c !important;} .words div{color:#ecebe7 !important;} .words a{color:#7cc9c4 !important;}"


@dataclass(frozen=True)
class Letter:
    """A mail ready to leave. `text` is its plain part, `html` the whole document of the other one."""

    subject: str
    text: str
    html: str


@cache
def _reader() -> MarkdownIt:
    made = MarkdownIt("zero", {"html": False, "breaks": True})
    return made.enable(["list", "emphasis", "link", "newline", "escape"])


def check_text(subject: str, body: str) -> None:
    """Raises Invalid for a placeholder that does not exist, or stands where a link leads."""
    check(subject, "subject")
    check(body, "body")
    marked, _found = _marked(body)
    if "%EE%80%80" in _reader().render(marked):
        raise Invalid(_("A link’s address cannot hold a placeholder; write the address out."), "body")


def letter(
    subject: str, body: str, cast: Cast, *, language: str = "", signature: str = "", dark: bool = False,
    also: tuple[str, str] = ("", ""),
) -> Letter:  # fmt: skip
    """The letter with its values. Raises Invalid when one is blank and the template has no other words for it,
    and when there is no subject. dark: as programs set to dark show it, for a look beforehand."""
    made = set_up(subject, body, language=language, signature=signature, dark=dark, also=also)
    return made.fill(values(f"{subject}\n{body}", cast.reads(language)))


@dataclass(frozen=True)
class Forme:
    """A letter as it is set once and printed for many: marks are read and the HTML part is made, values are lacking."""

    subject: tuple[str | Place, ...]
    text: str
    html: str
    found: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Every placeholder, once."""
        return tuple(dict.fromkeys([*(each for each in self.subject if isinstance(each, Place)), *self.found]))

    def fill(self, filled: Mapping[Place, str], last: Sequence[str] = ()) -> Letter:
        """One letter. filled: a value for each placeholder; last: what becomes of the marks of a foot, in order."""
        heading = "".join(each if isinstance(each, str) else filled[each] for each in self.subject)
        texts = [*(filled[place] for place in self.found), *last]
        words = _MARK.sub(lambda m: texts[int(m[1])], self.text).strip()
        html = _MARK.sub(lambda m: str(escape(texts[int(m[1])])).replace("\n", "<br>"), self.html)
        return Letter(" ".join(heading.split()), words, html)


def set_up(
    subject: str, body: str, *, language: str = "", signature: str = "", dark: bool = False, foot: tuple[str, str] = ("", ""),
    also: tuple[str, str] = ("", ""),
) -> Forme:  # fmt: skip
    """Set a letter. also: (words, safe HTML) after its body, before the signature; foot: the same under it all, with
    `foot_mark` for what differs from letter to letter. Raises Invalid when there is no subject, or what stands between braces is no placeholder."""
    if not subject.strip():
        raise Invalid(_("The mail has no subject; write one into the template."), "subject")
    marked, found = _marked(body)
    tokens = _reader().parse(marked)
    words, inner = (
        part + more.replace(OPEN, "").replace(CLOSE, "")
        for part, more in zip((_plain(tokens).strip(), _html(tokens)), also, strict=True)
    )
    if signature.strip():
        words += f"\n\n-- \n{signature.strip()}"
        inner += f'<p style="margin:24px 0 0;">{str(escape(signature.strip())).replace(chr(10), "<br>")}</p>'
    words += _FOOT.sub(lambda m: f"{OPEN}{len(found) + int(m[1])}{CLOSE}", foot[0])
    word = f"kith{token_hex(8)}n"  # a plain word meanwhile, since attributes with private characters do not pass MJML
    html = document(inner + _FOOT.sub(lambda m: f"{word}{m[1]}n", foot[1]), language, dark)
    html = re.sub(rf"{word}(\d+)n", lambda m: f"{OPEN}{len(found) + int(m[1])}{CLOSE}", html)
    return Forme(tuple(parts(subject)), words, html, tuple(found))


def foot_mark(n: int) -> str:
    """Where the n-th value of a foot stands, from 0."""
    return f"{OPEN}+{n}{CLOSE}"


def filled_source(text: str, cast: Cast) -> str:
    """The text with its values and its marks left as they are, to be edited on. What is blank stays as it was written."""
    out = []
    for each in parts(text):
        if isinstance(each, Place):
            each = value_of(each, cast) or each.fallback or f"{{{{ {each.name} }}}}"
        out.append(each)
    return "".join(out)


def filled_words(text: str, cast: Cast) -> str:
    """The text with its values. Raises Invalid when one is blank and the template has no other words for it."""
    filled = values(text, cast)
    return "".join(filled[each] if isinstance(each, Place) else each for each in parts(text))


def _marked(body: str) -> tuple[str, list[Place]]:
    """The body with numbers in private characters where placeholders stood, and these in order."""
    found: list[Place] = []
    out = []
    for each in parts(body.replace(OPEN, "").replace(CLOSE, "").replace("\r\n", "\n")):
        if isinstance(each, Place):
            found.append(each)
            each = f"{OPEN}{len(found) - 1}{CLOSE}"
        out.append(each)
    return "".join(out), found


def _html(tokens: list[Token]) -> str:
    for token in tokens:
        for each in (token, *(token.children or ())):
            if each.type in _STYLES:
                each.attrSet("style", _STYLES[each.type])
    return str(_reader().renderer.render(tokens, _reader().options, {}))


def _plain(tokens: list[Token]) -> str:
    """The words as one would type them: lists with their marks, links followed by their address."""
    out: list[str] = []
    numbers: list[int] = []  # of the lists one is in; 0 for one without numbers
    mark = ""
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            numbers.append(int(token.attrGet("start") or 1) if token.type[0] == "o" else 0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            numbers.pop()
            out.append("" if not numbers else out.pop())
        elif token.type == "list_item_open":
            mark = f"{'  ' * (len(numbers) - 1)}{f'{numbers[-1]}.' if numbers[-1] else '-'} "
            numbers[-1] += 1 if numbers[-1] else 0
        elif token.type == "inline":
            out += [mark + _inline(token.children or [])] + ([] if numbers else [""])
            mark = ""
    return "\n".join(out)


def _inline(children: list[Token]) -> str:
    out: list[str] = []
    leads: list[tuple[str, int]] = []
    for child in children:
        if child.type == "link_open":
            leads.append((str(child.attrGet("href") or ""), len(out)))
        elif child.type == "link_close":
            href, began = leads.pop()
            if "".join(out[began:]) != href:
                out.append(f" ({href})")
        elif child.type in ("softbreak", "hardbreak"):
            out.append("\n")
        else:
            out.append(child.content)
    return "".join(out)


def document(inner: str, language: str = "", dark: bool = False) -> str:
    """Safe HTML as a whole document: tables and inline styles, no wider than 600 px, at ease on a phone and in the dark."""
    lang = f' lang="{escape(language)}"' if language else ""
    css = _DARK if dark else f"@media (prefers-color-scheme: dark) {{ {_DARK} }}"
    return str(mjml2html(
        f'<mjml{lang}><mj-head><mj-raw><meta name="color-scheme" content="light dark"></mj-raw><mj-style>{css}</mj-style></mj-head>'
        '<mj-body css-class="sheet" background-color="#ffffff"><mj-section padding="16px 0"><mj-column>'
        '<mj-text css-class="words" font-family="Helvetica, Arial, sans-serif" font-size="16px" line-height="1.5" color="#1d1e22" '
        f'padding="0 20px">{inner}</mj-text></mj-column></mj-section></mj-body></mjml>'
    ))  # fmt: skip


def unmarked(text: str) -> str:
    """The same words without their marks, as the plain part of a mail has them."""
    return _plain(_reader().parse(text.replace("\r\n", "\n"))).strip()


def marked_document(text: str, *, also: str = "", under: str = "") -> str:
    """Words with light marks and no placeholders, as such a document. also: safe HTML after them; under: such words again."""
    parts_of = (_html(_reader().parse(each.replace("\r\n", "\n"))) for each in (text, under))
    return document(also.join(parts_of))
