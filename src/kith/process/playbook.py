"""Playbook text: plain paragraphs with light marks. `>` begins a question to ask, `1.` an order of moves."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOVE = re.compile(r"^\d{1,2}[.)]\s+")


@dataclass(frozen=True)
class Part:
    """A piece of a playbook: "text" and "quote" have one line, "moves" one for each move."""

    kind: str
    lines: tuple[str, ...]


def parts(text: str) -> list[Part]:
    """The pieces of a playbook in their order; plain text, to be escaped by whoever shows it."""
    out: list[Part] = []
    for line in (raw.strip() for raw in text.splitlines()):
        if not line:
            continue
        if line.startswith(">"):
            out.append(Part("quote", (line[1:].strip(),)))
        elif _MOVE.match(line):
            move = _MOVE.sub("", line)
            if out and out[-1].kind == "moves":
                out[-1] = Part("moves", (*out[-1].lines, move))
            else:
                out.append(Part("moves", (move,)))
        else:
            out.append(Part("text", (line,)))
    return out
