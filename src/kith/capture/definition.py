"""What a form is, as plain values read from its document; every fault of a document is told in a sentence.

Texts are {language: words}; a text that a language lacks is told in the form's first one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from kith.capture.askable import OWN, askable, offered
from kith.contacts.consent.queries import purposes
from kith.kernel.errors import InvalidMany
from kith.kernel.kinds.translations import CODE, text_for
from kith.kernel.text import clean_text

Texts = dict[str, str]
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_FIELDS, MOST_OPTIONS, MOST_LANGUAGES = 60, 200, 20
LONGEST = 4_000  # characters of one text
ACCENTS = {
    "ink": "#2c3e70", "slate": "#4a5d78", "blue": "#1d5f99", "teal": "#0f6b66", "green": "#2f6b3a", "olive": "#66611a",
    "gold": "#865a06", "orange": "#9a4a12", "coral": "#a53c2a", "plum": "#7a3a76",
}  # fmt: skip
HEX = re.compile(r"#[0-9a-f]{6}")
OFFER = ("title", "text", "points", "quote", "quoted")  # points: one a line; quoted: whose words they are
MODES = ("auto", "light", "dark")
TAKEN = frozenset({"consent", "homepage"})  # names that every form has


@dataclass(frozen=True)
class Asked:
    """One field. `column` is what it fills in ("person.email"), "" for a question of its own, whose `kind` is a key of
    `askable.OWN`. `show_if`: (key of another field, answers) that make it appear. reason: the answer is why they write."""

    key: str
    column: str = ""
    kind: str = "text"
    label: Texts = field(default_factory=dict)
    help: Texts = field(default_factory=dict)
    required: bool = False
    progressive: bool = False
    half: bool = False
    reason: bool = False
    options: tuple[tuple[str, Texts], ...] = ()
    show_if: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Definition:
    """A whole form. `ask_at_most`: how many progressive fields are asked at once, 0 for all. `ack`: the mail at once."""

    languages: tuple[str, ...] = ("en",)
    title: Texts = field(default_factory=dict)
    intro: Texts = field(default_factory=dict)
    button: Texts = field(default_factory=dict)
    fields: tuple[Asked, ...] = ()
    consents: tuple[str, ...] = ()
    foot: Texts = field(default_factory=dict)
    thanks: Texts = field(default_factory=dict)
    redirect: str = ""
    closed: Texts = field(default_factory=dict)
    ack: bool = True
    ack_subject: Texts = field(default_factory=dict)
    ack_text: Texts = field(default_factory=dict)
    accent: str = "ink"
    mode: str = "auto"
    logo: int = 0  # id of a picture kept with the form
    ask_at_most: int = 0
    offer: dict[str, Texts] = field(default_factory=dict)  # what stands beside the form on its own page, by `OFFER`

    def text(self, texts: Texts, language: str, otherwise: str = "") -> str:
        """Words in that language, else in the form's first, else `otherwise`."""
        return text_for(texts, language, texts.get(self.languages[0], ""))[0] or otherwise

    def asked(self, key: str) -> Asked | None:
        return next((one for one in self.fields if one.key == key), None)

    @property
    def accent_colour(self) -> str:
        return ACCENTS.get(self.accent, self.accent)


def read(document: Any) -> Definition:
    """The definition that a document says. Raises InvalidMany with every fault."""
    faults: list[str] = []
    made = Reader(faults).definition(document if isinstance(document, dict) else {})
    if faults:
        raise InvalidMany({"draft": faults})
    return made


def faults_of(document: Any) -> list[str]:
    """What keeps a document from being published, in sentences."""
    try:
        made = read(document)
    except InvalidMany as problem:
        return problem.errors["draft"]
    out = []
    reaches = {"person.email", "person.phone"}
    if not any(one.column in reaches and not one.show_if for one in made.fields):
        out.append(_("Ask for an e-mail address or a phone number, or nobody can be answered."))
    out += _never_met(made)
    first = made.languages[0]
    if not made.title.get(first):
        out.append(_("Give the form a title."))
    out += [_("“%s” has no label.") % one.key for one in made.fields if not one.label.get(first)]
    return out


def _never_met(made: Definition) -> list[str]:
    """Conditions on answers that the other field does not have to choose from."""
    out = []
    for one in made.fields:
        other = made.asked(one.show_if[0]) if one.show_if else None
        if other is None or one.show_if is None:
            continue
        known = offered(other.column, (value for value, _words in other.options))
        out += [
            _("“%(key)s” appears by “%(answer)s”, which “%(other)s” does not offer.")
            % {"key": one.key, "answer": answer[:60], "other": other.key}
            for answer in one.show_if[1]
            if known and answer not in known
        ]
    return out


class Reader:
    """Reads a document part by part and notes what is wrong with it."""

    def __init__(self, faults: list[str]):
        self.faults = faults

    def definition(self, said: dict[str, Any]) -> Definition:
        ack, theme = self._object(said, "ack"), self._object(said, "theme")
        thanks, offer = self._object(said, "thanks"), self._object(said, "offer")
        fields = tuple(self._fields(said.get("fields")))
        most = said.get("ask_at_most") or 0
        return Definition(
            languages=self._languages(said.get("languages")), title=self._texts(said, "title"),
            intro=self._texts(said, "intro"), button=self._texts(said, "button"), fields=self._conditions(fields),
            consents=self._consents(said.get("consents")), foot=self._texts(said, "foot"),
            thanks=self._texts(thanks, "text"), redirect=self._redirect(thanks.get("redirect")),
            closed=self._texts(said, "closed"), ack=bool(ack.get("on", True)), ack_subject=self._texts(ack, "subject"),
            ack_text=self._texts(ack, "text"), accent=self._accent(theme.get("accent")), mode=self._mode(theme.get("mode")), logo=self._logo(theme.get("logo")),
            ask_at_most=most if isinstance(most, int) and 0 <= most <= MOST_FIELDS else 0, offer={key: self._texts(offer, key) for key in OFFER},
        )  # fmt: skip

    def _object(self, said: dict[str, Any], key: str) -> dict[str, Any]:
        found = said.get(key)
        return found if isinstance(found, dict) else {}

    def _languages(self, said: Any) -> tuple[str, ...]:
        codes = [str(code).lower() for code in said] if isinstance(said, list) else []
        wrong = [code for code in codes if not CODE.fullmatch(code)]
        if wrong or len(codes) > MOST_LANGUAGES:
            self.faults.append(_("“%s” is no language code; it is written as de or pt-br.") % ", ".join(wrong)[:80])
        return tuple(dict.fromkeys(code for code in codes if code not in wrong)) or ("en",)

    def _texts(self, said: dict[str, Any], key: str) -> Texts:
        found = said.get(key)
        if isinstance(found, str):
            found = {"en": found}
        if not isinstance(found, dict):
            return {}
        out = {str(code).lower(): clean_text(str(text)).strip() for code, text in found.items() if text}
        if any(len(text) > LONGEST for text in out.values()):
            self.faults.append(_("A text has at most %s characters.") % LONGEST)
        return {code: text for code, text in out.items() if text}

    def _fields(self, said: Any) -> list[Asked]:
        given = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
        if len(given) > MOST_FIELDS:
            self.faults.append(_("A form has at most %s fields.") % MOST_FIELDS)
        known, seen, out = askable(), set(), []
        for one in given[:MOST_FIELDS]:
            made = self._field(one, known)
            if made.key in seen:
                self.faults.append(_("Two fields have the key “%s”.") % made.key)
            seen.add(made.key)
            out.append(made)
        return out

    def _field(self, said: dict[str, Any], known: dict[str, Any]) -> Asked:
        key, column, kind = (str(said.get(name) or "") for name in ("key", "column", "kind"))
        key = key or column.rpartition(".")[2]
        if not KEY.fullmatch(key) or key in TAKEN or key.startswith("utm_"):
            self.faults.append(_("“%s” cannot be the key of a field; use small letters, digits and _.") % key[:40])
        if column and column not in known:
            self.faults.append(_("“%(key)s” asks for “%(column)s”, which is no field of people or companies.") % {
                "key": key, "column": column[:80]})  # fmt: skip
        if not column and kind not in OWN:
            self.faults.append(
                _("“%(key)s” is of no known kind; there is: %(all)s.") % {"key": key, "all": ", ".join(OWN)}
            )
        return Asked(
            key, column, "" if column else kind, self._texts(said, "label"), self._texts(said, "help"),
            bool(said.get("required")), bool(said.get("progressive")) and bool(column), bool(said.get("half")),
            bool(said.get("reason")), self._options(said, key, column or kind), self._show_if(said.get("show_if")),
        )  # fmt: skip

    def _options(self, said: dict[str, Any], key: str, kind: str) -> tuple[tuple[str, Texts], ...]:
        given = said.get("options")
        found = [one for one in given if isinstance(one, dict) and one.get("value")] if isinstance(given, list) else []
        if kind == "choice" and not found:
            self.faults.append(_("“%s” is one of a list; write its choices.") % key)
        return tuple((str(one["value"])[:200], self._texts(one, "label")) for one in found[:MOST_OPTIONS])

    def _show_if(self, said: Any) -> tuple[str, tuple[str, ...]] | None:
        if not isinstance(said, dict) or not said.get("field"):
            return None
        answers = said.get("is")
        return str(said["field"]), tuple(str(a) for a in answers) if isinstance(answers, list) else ()

    def _conditions(self, fields: tuple[Asked, ...]) -> tuple[Asked, ...]:
        """A condition looks at a field that stands before, so that there are no circles."""
        before: set[str] = set()
        for one in fields:
            if one.show_if and one.show_if[0] not in before:
                self.faults.append(_("“%(key)s” appears by the answer to “%(other)s”, which must stand before it.") % {
                    "key": one.key, "other": one.show_if[0][:40]})  # fmt: skip
            before.add(one.key)
        return fields

    def _consents(self, said: Any) -> tuple[str, ...]:
        keys = [str(key) for key in said] if isinstance(said, list) else []
        known = purposes()
        self.faults += [_("There is no purpose “%s”.") % key[:60] for key in keys if key not in known]
        return tuple(key for key in keys if key in known)

    def _redirect(self, said: Any) -> str:
        address = str(said or "").strip()
        if not address:
            return ""
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        own = address.startswith("/") and not address.startswith(("//", "/\\"))
        if (
            any(ord(sign) <= 32 for sign in address)
            or "\\" in address
            or not (own or (parts.scheme == "https" and parts.hostname))
        ):
            self.faults.append(_("After sending, people can go to an address that begins with https:// or with /."))
            return ""
        return address[:1000]

    def _accent(self, said: Any) -> str:
        accent = str(said or "ink").lower()
        if accent in ACCENTS or HEX.fullmatch(accent):
            return accent
        self.faults.append(_("“%s” is no colour; choose one, or write it as #1d5f99.") % accent[:40])
        return "ink"

    def _logo(self, said: Any) -> int:
        return said if type(said) is int and 0 < said < 2**63 else 0

    def _mode(self, said: Any) -> str:
        return said if said in MODES else "auto"


def starting(name: str) -> dict[str, Any]:
    """The document that a new form begins with: whom, how to answer them, and why they write."""
    return {
        "languages": ["en"], "title": {"en": name}, "button": {"en": "Send"},
        "fields": [
            {"key": "name", "column": "person.name", "label": {"en": "Your name"}, "required": True},
            {"key": "email", "column": "person.email", "label": {"en": "E-mail"}, "required": True},
            {"key": "company", "column": "company.name", "label": {"en": "Company"}},
            {"key": "why", "kind": "long", "reason": True, "label": {"en": "What brings you here?"}},
        ],
        "consents": [], "thanks": {"text": {"en": "Thank you. We have it, and we will answer you soon."}},
        "ack": {"on": True}, "theme": {"accent": "ink", "mode": "auto"},
    }  # fmt: skip
