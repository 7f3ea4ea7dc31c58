"""Folding text so that people find what they mean: case, accents and letters without a decomposition.

The same function prepares stored words and typed queries; it is the only place that decides what counts as equal.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Letters that NFKD leaves whole although a reader types them without the stroke.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d", "ħ": "h", "ŧ": "t"}
)
_WORD = re.compile(r"[^\W_]+")
BRIEF = 60  # characters of a long text that stand for it where it has no name
SEARCH_LIMIT = 20_000  # characters of one record that are indexed for search; the record itself keeps everything


def clean_text(value: str) -> str:
    """Drop what PostgreSQL cannot hold (NUL, lone surrogates) and normalise to NFC; nothing a person can see goes."""
    if value.isascii() and "\x00" not in value:
        return value
    if "\x00" in value:
        value = value.replace("\x00", "")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", value)


def brief(value: str, most: int = BRIEF) -> str:
    """A text on one line, ended at a word with "…" where it is longer than `most` characters."""
    line = " ".join(value.split())
    if len(line) <= most:
        return line
    start = line[: most - 1]
    return f"{start[: start.rfind(' ')] if ' ' in start[most // 2 :] else start}…"


def plain_address(url: str) -> str:
    """A web address without what does not name the page: its fragment, a slash at its end."""
    return url.strip().partition("#")[0].rstrip("/")


def fold(value: str) -> str:
    """Lower case, without accents: `fold("Łódź Straße") == "lodz strasse"`."""
    if value.isascii():
        return value.lower()
    value = unicodedata.normalize("NFKD", value.casefold())
    return value if value.isascii() else value.translate(_folding())


@cache
def _folding() -> dict[int, str | None]:
    """What `fold` does to single characters after decomposition: marks go, letters without one lose their stroke."""
    marks = {c: None for c in range(0x300, 0x20000) if unicodedata.combining(chr(c))}
    return {**marks, **_PLAIN}


def words(value: str) -> list[str]:
    """Folded words of letters and digits, in order."""
    return _WORD.findall(fold(value))


def phone_words(number: str) -> list[str]:
    """Endings of a phone number's digits (4 and longer), so that any fragment is the prefix of some word."""
    digits = re.sub(r"\D", "", number)
    return [digits[i:] for i in range(max(len(digits) - 3, 1))] if digits else []


def search_text(*parts: str | None) -> str:
    """The words of all parts once each, in order, for the search index. Folded part by part: plain ones are quick."""
    folded = []
    left = SEARCH_LIMIT
    for part in parts:
        if part and left > 0:
            folded.append(fold(part[:left]))
            left -= len(part) + 1
    return " ".join(dict.fromkeys(_WORD.findall(" ".join(folded))))
