"""How far long work is: a bar on a terminal, a plain line now and then elsewhere (logs, pipes)."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

REDRAW, LINE_EVERY = 0.1, 10.0  # seconds


class Progress:
    """`advance(n)` after each piece; `total` may be None or set later; `note` is shown at the end of the line."""

    def __init__(self, title: str, total: int | None = None, unit: str = "", out: TextIO | None = None):
        self.title, self.total, self.unit = title, total, unit
        self.out = out or sys.stderr
        self.done, self.note = 0, ""
        self.bar = self.out.isatty()
        self.began = self.shown = time.monotonic()

    def advance(self, count: int = 1, note: str | None = None) -> None:
        self.set(self.done + count, note=note)

    def set(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Say how far it is altogether."""
        self.done = done
        self.total = self.total if total is None else total
        self.note = self.note if note is None else note
        if time.monotonic() - self.shown >= (REDRAW if self.bar else LINE_EVERY):
            self.show()

    def show(self) -> None:
        self.shown = time.monotonic()
        if self.bar:
            width = shutil.get_terminal_size().columns - 1
            self.out.write(f"\r{self.line(min(30, max(10, width - 60)))[:width]:<{width}}")
        else:
            self.out.write(f"{self.line(0)}\n")
        self.out.flush()

    def line(self, width: int) -> str:
        """One line: title, bar of `width` characters (none when 0), count, rate, what is left."""
        seconds = max(time.monotonic() - self.began, 0.001)
        rate = self.done / seconds
        parts = [self.title]
        count = f"{self.done:,}"
        if self.total:
            share = min(1.0, self.done / self.total)
            if width:
                parts.append("[" + "#" * int(share * width) + "." * (width - int(share * width)) + "]")
            count = f"{share:4.0%}  {self.done:,} of {self.total:,}"
        parts.append(f"{count} {self.unit}".rstrip())
        if rate >= 1 and seconds > 1:
            parts.append(f"{rate:,.0f}/s")
            if self.total and self.done < self.total:
                parts.append(f"{duration((self.total - self.done) / rate)} left")
        return "  ".join([*parts, *filter(None, [self.note])])

    def close(self) -> None:
        """Show the end and leave the line."""
        self.show()
        if self.bar:
            self.out.write("\n")
            self.out.flush()


@contextmanager
def progress(title: str, total: int | None = None, unit: str = "", out: TextIO | None = None) -> Iterator[Progress]:
    """with progress("Importing", total=1000, unit="rows") as bar: … bar.advance(50)"""
    bar = Progress(title, total, unit, out)
    try:
        yield bar
    finally:
        bar.close()


def duration(seconds: float) -> str:
    """Seconds as 0:07 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
