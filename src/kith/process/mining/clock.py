"""The times of a log as seconds, however its system wrote them: ISO 8601, days of any order, seconds since 1970."""

from __future__ import annotations

import datetime as dt
import re

from dateutil import parser as dateparser
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers import dateguess
from kith.kernel.intake.readers.words import short
from kith.kernel.intake.transforms import dated

UNIX = re.compile(r"-?\d{9,10}(\.\d+)?\Z")  # seconds since 1970; thirteen digits are milliseconds
MILLISECONDS = re.compile(r"-?\d{12,13}\Z")
NOWHERE = dt.datetime(1, 1, 1)  # noqa: DTZ001 - what a written date leaves unsaid


class Clock:
    """Reads the words of one column. `sample`: some of its words, which tell whether day or month comes first, and whether times
    name their offset from UTC: what most of them do, all of them must do, since times of two clocks have no order."""

    def __init__(self, column: str, sample: list[str]):
        self.column = column
        self._order = ""
        self.zoned: bool | None = None  # not known while there is nothing to go by
        self._like = ""  # a word of that kind
        if found := dateguess.look([word for word in sample if not _plain(word)], compact=True):
            self._order, self._doubt = found.order, found.doubt
        self._look(sample)

    def _look(self, sample: list[str]) -> None:
        kinds: dict[bool, list[str]] = {}
        for word in sample:
            try:
                kinds.setdefault(self._read(word).tzinfo is not None, []).append(word)
            except Invalid:
                continue  # it is refused with its line when its row comes
        if kinds:
            self.zoned = max(kinds, key=lambda kind: len(kinds[kind]))
            self._like = kinds[self.zoned][0]

    def seconds(self, word: object) -> float:
        """Seconds since 1970 in UTC; times without an offset are taken as they stand. Raises Invalid."""
        at = self._read(word)
        zoned = at.tzinfo is not None
        if zoned is not self.zoned:
            self._meet(zoned, str(word))
        try:
            return (at if zoned else at.replace(tzinfo=dt.UTC)).timestamp()
        except (OverflowError, ValueError):
            raise self._unread(word) from None

    def _read(self, word: object) -> dt.datetime:
        if isinstance(word, dt.datetime):
            return word
        text = str(word).strip()
        if not text:
            raise Invalid(_("there is no time in “%s”") % self.column)
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            return self._written(text)

    def _written(self, text: str) -> dt.datetime:
        if UNIX.match(text) or MILLISECONDS.match(text):
            return dt.datetime.fromtimestamp(float(text) / (1000 if MILLISECONDS.match(text) else 1), dt.UTC)
        try:
            at = dateparser.parse(dated(text, self._order) if len(self._order) == 3 else text, default=NOWHERE)
        except (ValueError, OverflowError, TypeError, Invalid):
            raise self._unread(text) from None
        if at.year == 1:
            raise self._unread(text)
        if not self._order:
            raise Invalid(
                _("“%(word)s” in “%(column)s” can be read with the day or the month first")
                % {"word": short(text), "column": self.column}
            )
        return at

    def _meet(self, zoned: bool, word: str) -> None:
        """A word of another kind than the others: refused. The first word of all says which kind theirs is."""
        if self.zoned is None:
            self.zoned, self._like = zoned, word
            return
        words = {"word": short(word), "other": short(self._like), "column": self.column}
        raise Invalid(
            _("“%(word)s” in “%(column)s” names an offset from UTC, “%(other)s” does not") % words
            if zoned
            else _("“%(word)s” in “%(column)s” names no offset from UTC, “%(other)s” does") % words
        )

    def _unread(self, word: object) -> Invalid:
        return Invalid(
            _("“%(word)s” in “%(column)s” is no time; write it as 2026-03-12T09:30:00+01:00")
            % {"word": short(word), "column": self.column}
        )


def _plain(word: str) -> bool:
    try:
        dt.datetime.fromisoformat(word)
    except ValueError:
        return False
    return True
