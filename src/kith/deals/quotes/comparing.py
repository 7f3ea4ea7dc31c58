"""What is different between two versions of a quote, for people: lines that came, went or changed, and words of its terms."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.deals.quotes.models import Quote, QuoteLine
from kith.kernel.kinds import Day
from kith.kernel.records.registry import registry

WORDS, LINES = re.compile(r"\s+|\S+"), re.compile(r"[^\n]*\n")


@dataclass(frozen=True)
class LineChange:
    """A line before and after; None where it is not there."""

    before: QuoteLine | None
    after: QuoteLine | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed" if self.differs else "same"

    @property
    def differs(self) -> set[str]:
        """Which of quantity, unit_price, discount, ramp, total, recurring are different."""
        if self.before is None or self.after is None:
            return set()
        names = ("quantity", "unit_price", "discount", "ramp", "total", "recurring")
        return {name for name in names if getattr(self.before, name) != getattr(self.after, name)}


@dataclass(frozen=True)
class Difference:
    """facts: (what, before, after) of what is different beside the lines; texts: (what, [(how, words)]), how being "same",
    "gone" or "new"."""

    lines: list[LineChange]
    facts: list[tuple[str, Any, Any]]
    texts: list[tuple[str, list[tuple[str, str]]]]

    def __bool__(self) -> bool:
        return bool(self.facts or self.texts or any(line.kind != "same" for line in self.lines))


def compare(old: Quote, new: Quote) -> Difference:
    """From the older to the newer version."""
    return Difference(_lines(old, new), _facts(old, new), _texts(old, new))


def _lines(old: Quote, new: Quote) -> list[LineChange]:
    """Lines of the same product belong together, in the order in which they stand."""
    left: dict[Any, list[QuoteLine]] = {}
    for line in old.lines.all():
        left.setdefault(line.product_id or line.name, []).append(line)
    found = []
    for line in new.lines.all():
        same = left.get(line.product_id or line.name)
        found.append(LineChange(same.pop(0) if same else None, line))
    return found + [LineChange(line, None) for lines in left.values() for line in lines]


def _facts(old: Quote, new: Quote) -> list[tuple[str, Any, Any]]:
    columns = registry["quote"].columns()
    kept = [columns[key] for key in ("valid_until", "language", "currency", "total", "discount")]
    return [(c.label, _said(c, old), _said(c, new)) for c in kept if c.get(old) != c.get(new)]


def _said(column: Any, quote: Quote) -> str:
    return str(column.show(column.get(quote), quote))


def _texts(old: Quote, new: Quote) -> list[tuple[str, list[tuple[str, str]]]]:
    pairs = (
        (_("A few words before the prices"), old.note, new.note, WORDS),
        (_("Terms"), old.terms, new.terms, WORDS),
        (_("Promises"), _promised(old), _promised(new), LINES),
    )
    return [(label, words(a, b, by)) for label, a, b, by in pairs if a != b]


def _promised(quote: Quote) -> str:
    return "".join(f"{one['wording']} {Day().show(_day(one))}".strip() + "\n" for one in quote.promises)


def _day(promise: dict[str, str]) -> dt.date | None:
    return dt.date.fromisoformat(promise["due"]) if promise.get("due") else None


def words(old: str, new: str, by: re.Pattern[str] = WORDS) -> list[tuple[str, str]]:
    """The text in pieces: ("same" | "gone" | "new", words). All "same" and "new" pieces are the new text."""
    before, after = by.findall(old), by.findall(new)
    out: list[tuple[str, str]] = []
    for how, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            out.append(("same", "".join(after[c:d])))
            continue
        if b > a:
            out.append(("gone", "".join(before[a:b])))
        if d > c:
            out.append(("new", "".join(after[c:d])))
    return out
