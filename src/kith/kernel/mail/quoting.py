"""What is new in a mail, apart from what it answers and from the signature under it.

A library knows how mail programs of many languages begin a quotation; a rule of our own, that a line ending in a colon
before lines of ">" begins one, holds for those it does not know. Whatever is cut off is kept as `quoted` or `signature`.
"""

from __future__ import annotations

import re
from itertools import takewhile

import quotequail

LONGEST, MOST_LINES = (
    200_000,
    3_000,
)  # characters and lines that are looked at; the rest belongs to what stands before it
WIDEST = 1_000  # characters of a line that a pattern is tried on
_MARK = re.compile(r"\s*>")
_DELIMITER = re.compile(r"--[ \u00a0]?\r?\Z")
# "From:" as mail programs write it over what they quote, and what a line of such a block looks like.
_FROM = re.compile(
    r"\s*\*?(?:from|von|de|van|från|fra|da|od|lähettäjä|от|от кого|feladó|kimden)\s?:\*?\s+\S", re.IGNORECASE
)
_FIELD = re.compile(r"\s*\*?[^\W\d_][\w\- ]{0,20}:\*?\s+\S")
_SENT_FROM = re.compile(
    r"\s*(?:sent from|get outlook for|von meinem .{1,30} gesendet|gesendet (?:von|mit)|envoyé (?:de|depuis)|inviato da"
    r"|enviado (?:desde|do|de)|wysłane z|verzonden vanaf|verstuurd vanaf|skickat från|sendt fra)\b.{0,60}\Z",
    re.IGNORECASE,
)


def parts(text: str) -> tuple[str, str, str]:
    """(what is new, what is quoted, the signature). All of a text where nothing of it seems new."""
    every = text.split("\n")
    seen, size = 0, 0
    while seen < min(len(every), MOST_LINES) and size < LONGEST:
        size += len(every[seen])
        seen += 1
    lines, rest = every[:seen], every[seen:]
    cut = _cut(lines)
    whole = cut == len(lines)
    fresh, quoted = [*lines[:cut], *(rest if whole else [])], "\n".join([*lines[cut:], *([] if whole else rest)])
    fresh, signature = _signed(fresh)
    new = "\n".join(fresh).strip()
    if not new:  # somebody answered below or between the lines, or sent on without a word
        below = [line for line in lines if not _MARK.match(line) and not _intro(line)]
        if cut < len(lines) and any(_MARK.match(line) for line in lines):
            new = "\n".join(_signed(below)[0]).strip()
    return (new, quoted.strip(), signature) if new else (text.strip(), "", "")


def _cut(lines: list[str]) -> int:
    """Number of the line at which what is quoted begins."""
    narrow = "\n".join(line if len(line) <= WIDEST else line[:WIDEST].replace(":", " ") for line in lines)
    found = quotequail.quote(narrow, limit=len(lines) + 1, quote_intro_line=True)
    cut = found[0][1].count("\n") + 1 if len(found) > 1 and found[0][0] else len(lines)
    cut = 0 if len(found) > 1 and not found[0][1] else cut
    return min(cut, next((i for i in range(len(lines)) if _begins(lines, i)), len(lines)))


def _begins(lines: list[str], at: int) -> bool:
    """Does this line introduce what is quoted below it, in whatever language?"""
    if _FROM.match(lines[at][:WIDEST]) and sum(bool(_FIELD.match(line[:100])) for line in lines[at : at + 4]) >= 3:
        return True
    if not _intro(lines[at]):
        return False
    following = next((line for line in lines[at + 1 : at + 4] if line.strip()), "")
    return bool(_MARK.match(following))


def _intro(line: str) -> bool:
    return len(line) <= WIDEST and line.rstrip().endswith(":") and any(c.isdigit() or c == "@" for c in line)


def _signed(lines: list[str]) -> tuple[list[str], str]:
    at = next((i for i, line in enumerate(lines) if _DELIMITER.match(line)), None)
    if at is not None:
        return lines[:at], "\n".join(lines[at + 1 :]).strip()
    tail = list(takewhile(lambda line: not line.strip() or _SENT_FROM.match(line), reversed(lines)))
    if any(line.strip() for line in tail):
        return lines[: len(lines) - len(tail)], "\n".join(reversed(tail)).strip()
    return lines, ""
