"""What a post says: every field checked by its kind, and the whole kept as it came.

What is wrong is said field by field and nothing is kept yet: whoever sent it mends it. Fields that the form does not
have are kept with the raw post and mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kith.capture.askable import LONGEST, OWN, Askable, askable
from kith.capture.asking import Field, field_of, to_ask
from kith.capture.definition import Asked, Definition
from kith.contacts.consent.queries import purposes, words_of
from kith.contacts.identify import FREE_MAIL
from kith.kernel.errors import Invalid
from kith.kernel.files import sniffing
from kith.kernel.kinds import EMPTY, Bool
from kith.kernel.text import clean_text

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
MOST_KEPT, MOST_RAW = 200, 512 * 1024  # fields, and characters of text, of one post
FILE_LIMIT, MOST_FILES = 8 << 20, 5
HONEYPOT = "homepage"
VISITOR = "kith_visitor"  # a key that the organisation's own site puts in, where its visitor agreed to be known again


@dataclass
class Read:
    """A post: `answers` in words for people, `facts` as values of columns, `files` by field, `errors` by field."""

    typed: dict[str, str] = field(default_factory=dict)
    ticked: list[str] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    consents: list[dict[str, Any]] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def raw_of(post: Any) -> dict[str, list[str]]:
    """Every field as it was sent, less what PostgreSQL cannot hold. Raises Invalid when it is too much."""
    raw = {clean_text(key)[:200]: [clean_text(value) for value in post.getlist(key)] for key in list(post)[:MOST_KEPT]}
    if sum(len(value) for values in raw.values() for value in values) > MOST_RAW:
        raise Invalid(_("This is too much text for a form: at most %s kB can be sent.") % (MOST_RAW // 1024))
    return raw


def read_post(what: Definition, language: str, raw: dict[str, list[str]], files: Any, person: Any = None) -> Read:
    """What a post says to this form, in the language it was shown in."""
    found, known = Read(), askable()
    given = {key: values[-1].strip() for key, values in raw.items() if values}
    for one in to_ask(what, person):
        shown = field_of(one, what, language, "", "")
        found.typed[one.key] = given.get(one.key, "")
        if not _appears(shown, given):
            continue
        _read_one(found, one, shown, known.get(one.column), given.get(one.key, ""), files)
    found.ticked = [key for key in dict.fromkeys(raw.get("consent", ())) if key in what.consents]
    found.consents = [consented(key, language) for key in found.ticked if key in purposes()]
    return found


def _appears(shown: Field, given: dict[str, str]) -> bool:
    """Whether the field was there to be answered. Without a script it always is, and then an answer is welcome."""
    if not shown.show_if or given.get(shown.key):
        return True
    answer = given.get(shown.show_if, "")
    return answer in shown.show_values if shown.show_values else bool(answer)


def _read_one(found: Read, one: Asked, shown: Field, source: Askable | None, text: str, files: Any) -> None:
    if one.kind == "file" and not one.column:
        _read_files(found, one, shown, files)
        return
    try:
        value, words = _value(one, shown, source, text)
    except Invalid as problem:
        found.errors[one.key] = (_unended(text) if source and source.kind.name == "email" else "") or problem.message[
            :400
        ]
        return
    if value in EMPTY or value is False:
        if one.required:
            found.errors[one.key] = _("Please fill this in.")
        return
    found.answers.append({"key": one.key, "label": shown.label, "value": words, "column": one.column})
    if one.reason:
        found.reason = words
    if source is not None:
        found.facts[one.column] = source.kind.dump(value)


def _unended(text: str) -> str:
    """What to say of an address whose domain has no end, with what was perhaps meant; "" for any other."""
    local, _at, domain = text.lower().rpartition("@")
    if not local or not domain or "." in domain:
        return ""
    meant = next((known for known in sorted(FREE_MAIL) if known.partition(".")[0] == domain), "")
    words = _("“%s” lacks its end: an address ends like .com or .org.") % text
    return f"{words} {_('Did you mean %s?') % f'{local}@{meant}'}" if meant else words


def _value(one: Asked, shown: Field, source: Askable | None, text: str) -> tuple[Any, str]:
    """(typed value, words for people). Raises Invalid."""
    if len(text) > LONGEST:
        raise Invalid(_("This is too long: at most %s characters fit here.") % LONGEST)
    if shown.choices and text and one.options and text not in dict(shown.choices):
        raise Invalid(_("Choose one of the list."))
    kind = source.kind if source is not None else OWN["text" if one.kind == "choice" else one.kind]
    value = kind.parse(text) if text or isinstance(kind, Bool) else kind.blank
    words = dict(shown.choices).get(text) or (_("yes") if value is True else text)
    return value, words


def _read_files(found: Read, one: Asked, shown: Field, files: Any) -> None:
    """Files by their content; what a computer may run is refused, and so is what is too large."""
    uploads = [upload for upload in (files.getlist(one.key) if files else []) if upload.size]
    if not uploads and one.required:
        found.errors[one.key] = _("Please choose a file.")
    for upload in uploads[:MOST_FILES]:
        try:
            if upload.size > FILE_LIMIT:
                raise Invalid(
                    _("“%(name)s” is too large; at most %(most)s MB.") % {"name": upload.name, "most": FILE_LIMIT >> 20}
                )
            sniffing.check(upload.read(sniffing.HEAD), upload.name or "")
            upload.seek(0)
        except Invalid as problem:
            found.errors[one.key] = problem.message
            continue
        found.files.append(upload)
        found.answers.append(
            {"key": one.key, "label": shown.label, "value": clean_text(upload.name or "")[:255], "column": ""}
        )


def consented(key: str, language: str) -> dict[str, Any]:
    words = words_of(purposes()[key], language)
    return {"purpose": key, "wording": words.text, "number": words.number, "language": words.language}


def utm_of(raw: dict[str, list[str]]) -> dict[str, str]:
    return {key: raw[key][-1].strip()[:300] for key in UTM if raw.get(key) and raw[key][-1].strip()}
