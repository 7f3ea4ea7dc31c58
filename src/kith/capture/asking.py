"""The fields of a form as a page shows them: words in one language, what was typed, what is wrong with it.

Somebody who comes by a link of their own is not asked again for what is known of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from kith.capture.askable import askable
from kith.capture.definition import Asked, Definition
from kith.capture.queries import Published
from kith.contacts.consent import links
from kith.contacts.consent.queries import purposes, words_of
from kith.kernel.errors import NotFound
from kith.kernel.kinds import EMPTY, Choice
from kith.kernel.languages import nearest

STAMP, KNOWN = "kith.form", "kith.form.known"


@dataclass
class Field:
    """One field for a template. `type`: text, email, tel, url, date, textarea, select, checkbox, file."""

    key: str
    label: str
    type: str
    help: str = ""
    value: str = ""
    error: str = ""
    required: bool = False
    half: bool = False
    fill: str = "off"
    choices: list[tuple[str, str]] = field(default_factory=list)
    show_if: str = ""  # key of the field whose answer makes it appear
    show_values: tuple[str, ...] = ()


@dataclass
class Box:
    """A purpose to agree to, with its exact words."""

    key: str
    words: str
    language: str
    small: str = ""
    checked: bool = False


@dataclass
class Offer:
    """What stands beside a form on its own page: why one would fill it in."""

    title: str
    text: str
    points: list[str]
    quote: str
    quoted: str


@dataclass
class Shown:
    """A whole form for a template."""

    form: Published
    language: str
    title: str
    intro: str
    button: str
    foot: str
    fields: list[Field]
    boxes: list[Box]
    stamp: str = ""
    known: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    offer: Offer | None = None


def language_of(definition: Definition, asked: str, accepted: Sequence[str] = ()) -> str:
    """The form's language nearest to what was asked for, else to what they read, the dearest first, else its first."""
    return nearest([asked, *accepted], definition.languages) or definition.languages[0]


def known_link(form_key: str, person: int, address: str) -> str:
    """Path of a form for somebody we know: what is known is not asked for. For mails to that very address."""
    return f"/f/{form_key}?k={signing.dumps(links.about_person(person, address), salt=KNOWN)}"


def person_of(token: str) -> Any | None:
    """Whose link it is; None for any that is not in order, for then everything is simply asked."""
    if not token:
        return None
    try:
        return links.open_person(token, KNOWN).person
    except NotFound:
        return None


def shown(
    form: Published, language: str, *, person: Any = None, typed: Mapping[str, str] | None = None,
    ticked: Any = (), errors: Mapping[str, str] | None = None,
) -> Shown:  # fmt: skip
    """The form in one language; `typed`, `ticked` and `errors` as it comes back when something was wrong."""
    what, errors = form.definition, errors or {}
    fields = [
        field_of(one, what, language, (typed or {}).get(one.key, ""), errors.get(one.key, ""))
        for one in to_ask(what, person)
    ]
    loose = [words for key, words in errors.items() if key not in {one.key for one in fields}]
    return Shown(
        form, language, what.text(what.title, language), what.text(what.intro, language),
        what.text(what.button, language, _("Send")), what.text(what.foot, language), fields,
        [box_of(key, language, key in ticked) for key in what.consents if key in purposes()], errors=loose,
        offer=offer_of(what, language),
    )  # fmt: skip


def offer_of(what: Definition, language: str) -> Offer | None:
    """None where nothing was written."""
    said = {key: what.text(texts, language) for key, texts in what.offer.items()}
    if not any(said.values()):
        return None
    points = [line.strip(" -•") for line in said["points"].splitlines() if line.strip(" -•")]
    return Offer(said["title"], said["text"], points, said["quote"], said["quoted"])


# What other rooms say an answer is worth: {column: points}, of those that are worth something.
_worth: list[Callable[[], Mapping[str, int]]] = []


def register_worth(find: Callable[[], Mapping[str, int]]) -> None:
    """Say which answers are worth most; see `_worth`. Called at start-up; what it finds is asked for on every page."""
    _worth.append(find)


def to_ask(what: Definition, person: Any) -> list[Asked]:
    """Fields that are asked of this person, in the form's order: progressive ones only while they are not known, and of those
    the few that are worth most, the first ones where they are worth the same."""
    unknown = [one for one in what.fields if one.progressive and (person is None or not known(one, person))]
    if what.ask_at_most:
        points = Counter[str]()
        for find in _worth:
            points.update(find())
        unknown = sorted(unknown, key=lambda one: -points[one.column])[: what.ask_at_most]
    return [one for one in what.fields if not one.progressive or one in unknown]


def known(one: Asked, person: Any) -> bool:
    """Whether we know already what this field asks for."""
    record, _dot, key = one.column.partition(".")
    row = person if record == "person" else person.company
    if row is None:
        return False
    if one.column in ("person.email", "person.phone", "person.name"):
        return bool(getattr(person, key))
    column = askable()[one.column].column
    return column is not None and column.get(row) not in EMPTY


def field_of(one: Asked, what: Definition, language: str, value: str, error: str) -> Field:
    made = Field(
        one.key, what.text(one.label, language, one.key), "text", what.text(one.help, language), value, error,
        one.required, one.half,
    )  # fmt: skip
    if one.show_if:
        made.show_if, made.show_values = one.show_if
    if one.column:
        source = askable()[one.column]
        made.type, made.fill = source.type, source.fill
        if one.options:
            made.type, made.choices = "select", _choices(one, what, language)
        elif isinstance(source.kind, Choice):
            made.choices = [(str(k), str(v)) for k, v in source.kind.options.items() if k != ""]
        return made
    made.type = {"long": "textarea", "choice": "select", "yes": "checkbox", "file": "file"}.get(one.kind, "text")
    made.choices = _choices(one, what, language) if one.kind == "choice" else []
    return made


def _choices(one: Asked, what: Definition, language: str) -> list[tuple[str, str]]:
    return [(value, what.text(label, language, value)) for value, label in one.options]


def box_of(key: str, language: str, checked: bool) -> Box:
    purpose = purposes()[key]
    words = words_of(purpose, language)
    small = _("Counts once you use the link in the mail we send you.") if purpose.double_opt_in else ""
    return Box(key, words.text, words.language, small, checked)
