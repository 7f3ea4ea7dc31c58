"""Parting names: of a whole name as somebody wrote it, and of a mail address. Nothing of gender is read from them."""

from __future__ import annotations

import re

FORMS = frozenset(
    "mr mrs ms miss mx dr prof professor herr frau hr fr mme mlle m sr sra srta sig dott ing dipl".split()
)
AFTER = frozenset("jr sr ii iii iv phd md mba bsc msc esq".split())
# Words before a last name that belong to it.
PARTICLES = frozenset(
    "van von vom zu zum zur de del della dello di da do dos das du des der den het 't la le el al bin ibn ben ter ten af av st san".split()
)
NOBODY = frozenset(
    "info office mail contact hello team sales support admin service kontakt buero post no-reply noreply webmaster jobs press "
    "accounts billing marketing hr reception enquiries inquiries orders invoice rechnung".split()
)
WORD = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")


def parts_of(whole: str) -> tuple[str, str]:
    """(first name, last name): "Sørensen, Elin" and "Dr. Elin Sørensen" are Elin Sørensen; "Ludwig van Beethoven" has the
    last name "van Beethoven". One word alone is the first name."""
    words = whole.split()
    before, comma, behind = " ".join(words).partition(",")
    if comma and behind.strip() and _plain(behind) not in AFTER:
        words = [*behind.replace(",", " ").split(), *before.split()]
        cut = len(words) - len(before.split())
        return _given(words[:cut]), " ".join(before.split())
    words = [word.strip(",") for word in words]
    while len(words) > 1 and _plain(words[0]) in FORMS and (words[0].endswith(".") or len(words) > 2):
        words = words[1:]
    while len(words) > 2 and _plain(words[-1]) in AFTER:
        words = words[:-1]
    if len(words) < 2:
        return " ".join(words), ""
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in PARTICLES:
        cut -= 1
    return " ".join(words[:cut]), " ".join(words[cut:])


def _given(words: list[str]) -> str:
    return " ".join(word for word in words if not (_plain(word) in FORMS and word.endswith(".")))


def _plain(word: str) -> str:
    return word.strip(" .,").lower()


def parts_of_address(address: str) -> tuple[str, str]:
    """ "elin.soerensen@fjordheim.example" -> ("Elin", "Soerensen"); ("", "") where an address is not plainly a name."""
    local = address.rpartition("@")[0].partition("+")[0]
    words = [word for word in re.split(r"[._]", local) if word]
    if len(words) != 2 or any(not WORD.fullmatch(word) for word in words) or NOBODY & {word.lower() for word in words}:
        return "", ""
    given, family = ("-".join(part.capitalize() for part in word.lower().split("-")) for word in words)
    return given, family
