"""One small function per kind of value: does this column hold it?

Each takes the column's name and its non-blank values as text, and gives a `Guess` with the values that do not fit, or
None. The name only settles what the values leave open (whether ten bare digits are a phone number), never more.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from babel import Locale

from . import dateguess, numberguess
from .words import _, short


@dataclass(frozen=True)
class Guess:
    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    doubt: str = ""
    others: list[str] = field(default_factory=list)  # values that do not fit


EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"\d]{2,}\Z")
SEVERAL = re.compile(r"\s*[;,]\s*")
URL = re.compile(r"(https?://|www\.)[^\s.]+(\.[^\s.]+)*\S*\Z", re.IGNORECASE)
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/\S*)?\Z", re.IGNORECASE)
PHONE = re.compile(r"(tel:)?\+?[\d\s().\-/]{6,}((;ext=|\s*(x|ext\.?|#)\s*)\d{1,6})?\Z", re.IGNORECASE)
TRUTH = (
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("t", "f"),
    ("on", "off"),
    ("ja", "nein"),
    ("oui", "non"),
    ("sí", "no"),
    ("si", "no"),
    ("ano", "ne"),
    ("tak", "nie"),
    ("x", ""),
    ("1", "0"),
)
NATION = ("country", "land", "nation", "pays", "país", "kraj", "stát", "země", "location")
COUNTRY_ALIASES: tuple[str, ...] = (
    "usa",
    "u.s.a.",
    "us",
    "u.s.",
    "uk",
    "u.k.",
    "great britain",
    "england",
    "scotland",
    "wales",
)
COUNTRY_ALIASES += ("korea", "czech republic", "holland", "uae", "ivory coast", "russia", "turkey", "macedonia")


def hints(header: str, *words: str) -> bool:
    """Whether the column's name holds one of the words: "IsActive", "close_date" and "Phone (work)" are taken apart."""
    parts = re.split(r"[^a-zà-ž]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).lower())
    return any(part == word or (len(word) > 3 and part.startswith(word)) for part in parts for word in words)


def email(header: str, words: list[str]) -> Guess | None:
    others = [word for word in words if not all(EMAIL.match(one) for one in SEVERAL.split(word.strip(";, ")))]
    if len(others) == len(words):
        return None
    several = any(word.count("@") > 1 for word in words)
    doubt = _("Some cells hold several addresses.") if several else ""
    return Guess("email", {"several": True} if several else {}, doubt, others)


def url(header: str, words: list[str]) -> Guess | None:
    bare = hints(header, "url", "web", "website", "site", "homepage", "domain", "link")
    others = [word for word in words if not (URL.match(word) or (bare and DOMAIN.match(word)))]
    return Guess("url", others=others) if len(others) < len(words) else None


def boolean(header: str, words: list[str]) -> Guess | None:
    found = {word.lower() for word in words}
    pair = next((pair for pair in TRUTH if found <= set(pair)), None)
    if pair is None or found == {"0"} or (found == {"no"} and hints(header, *NATION)):
        return None
    doubt = ""
    if pair == ("1", "0") and not hints(header, "is", "has", "can", "do", "flag", "active", "opt", "converted"):
        doubt = _("1 and 0 may mean yes and no, or be numbers.")
    return Guess("boolean", {"true": pair[0], "false": pair[1]}, doubt)


def date(header: str, words: list[str]) -> Guess | None:
    named = hints(header, "date", "day", "birth", "birthday", "created", "modified", "since", "until", "datum", "dob")
    found = dateguess.look(words, compact=named)
    if found is None:
        return None
    return Guess(found.kind, {"order": found.order}, found.doubt, found.others)


def number(header: str, words: list[str]) -> Guess | None:
    if phone_named(header) or hints(header, "id", "code", "zip", "postal", "postcode", "plz", "psč", "iban", "vat"):
        return None
    found = numberguess.look(words)
    if found is None:
        return None
    if found.zeros:
        return Guess(
            "text",
            doubt=_("Some values begin with a zero (“{example}”), so they are kept as text.").format(
                example=short(found.zeros, 30)
            ),
        )
    priced: tuple[str, ...] = (
        "amount",
        "price",
        "revenue",
        "value",
        "cost",
        "budget",
        "salary",
        "income",
        "fee",
        "turnover",
    )
    priced += ("betrag", "preis", "umsatz", "kosten", "montant", "prix", "cena", "částka", "kwota", "importe")
    kind = "money" if found.priced or hints(header, *priced) else "number"
    options = {"decimal": found.decimal} | ({"currency": found.currency} if found.currency else {})
    lengths = {len(word) for word in words}
    doubt = found.doubt
    if kind == "number" and not doubt and found.whole and len(lengths) == 1 and lengths <= set(range(7, 16)):
        doubt = _("All values have {count} digits: they may be numbers that name something, or telephone numbers.")
        doubt = doubt.format(count=lengths.pop())
    return Guess(kind, options, doubt, found.others)


def phone_named(header: str) -> bool:
    return hints(header, "phone", "telephone", "tel", "mobile", "cell", "fax", "telefon", "mobil", "handy", "gsm")


def phone(header: str, words: list[str]) -> Guess | None:
    named = phone_named(header)
    others = [word for word in words if not _is_phone(word, named)]
    return Guess("phone", others=others) if len(others) < len(words) else None


def _is_phone(word: str, named: bool) -> bool:
    if not PHONE.match(word) or not 6 <= sum(letter.isdigit() for letter in word) <= 17:
        return False
    return named or word.startswith(("+", "00", "tel:")) or bool(re.search(r"[\s()/-]", word))


def country(header: str, words: list[str]) -> Guess | None:
    names, codes = _countries()
    named = hints(header, *NATION)
    others = [word for word in words if not (word.lower() in names or (word.upper() in codes and len(word) == 2))]
    if len(others) == len(words):
        return None
    only_codes = all(len(word) == 2 for word in words)
    doubt = ""
    if only_codes and not named:
        doubt = _("Two letters may be countries, states or languages.")
    return Guess("country", {"codes": only_codes}, doubt, others)


@cache
def _countries() -> tuple[frozenset[str], frozenset[str]]:
    territories = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    names = {name.lower() for name in territories.values()} | set(COUNTRY_ALIASES)
    return frozenset(names), frozenset(territories)


def choice(header: str, words: list[str]) -> Guess | None:
    """A column with few different short values, each used several times."""
    counts = Counter(words)
    if len(words) < 6 or len(counts) > min(30, len(words) // 3) or max(map(len, counts)) > 60:
        return None
    alike = lookalikes(list(counts))
    doubt = ""
    if alike:
        doubt = _("{pairs} may be the same.").format(
            pairs=", ".join(_("“{one}” and “{other}”").format(one=one, other=other) for one, other in alike[:3])
        )
    return Guess("choice", {"choices": dict(counts.most_common())}, doubt)


def lookalikes(words: list[str]) -> list[tuple[str, str]]:
    """Pairs that differ only in case, spaces and signs, or (from six letters on) in one letter."""
    folded = [(word, re.sub(r"[\W_]+", "", word.casefold())) for word in words]
    return [
        (one, other)
        for position, (one, plain) in enumerate(folded)
        for other, plain_other in folded[position + 1 :]
        if plain == plain_other != "" or (min(len(plain), len(plain_other)) >= 6 and _one_apart(plain, plain_other))
    ]


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter more, less or different parts the two. What holds digits is a code, not a slip."""
    if abs(len(one) - len(other)) > 1 or not (one + other).isalpha():
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    return longer[start + 1 :] == shorter[start + (len(one) == len(other)) :]


KINDS = (email, url, boolean, date, number, phone, country)
