"""A playbook as people write it, plain text with light marks, as the parts that pages show.

A line that begins with ">" is a question to ask, lines that begin with "1." are an order of moves, and the rest are
paragraphs, parted by blank lines or by what stands between. Nothing is markup: templates escape every word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOVE = re.compile(r"\d{1,3}[.)]\s+(.*)")


@dataclass(frozen=True)
class Part:
    """`kind` is "text", "question" or "moves"; `lines` are the moves in order, else one line for each line of text."""

    kind: str
    lines: tuple[str, ...]


def parts(text: str) -> list[Part]:
    """The parts of a playbook, in order; none of an empty one."""
    out: list[Part] = []
    fresh = True  # whether the next line begins a part of its own
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            fresh = True
            continue
        kind, words = _read(line)
        if not fresh and out and out[-1].kind == kind:
            out[-1] = Part(kind, (*out[-1].lines, words))
        else:
            out.append(Part(kind, (words,)))
        fresh = False
    return out


def _read(line: str) -> tuple[str, str]:
    if line.startswith(">"):
        return "question", line[1:].strip()
    move = _MOVE.fullmatch(line)
    return ("moves", move[1]) if move else ("text", line)
