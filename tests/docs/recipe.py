"""Reading a recipe and doing what it says to a copy of the source tree.

The paragraph before a code block names the file: "New file", "At the end of", or a diff of the lines around. "…" at the
end of a line of a diff is the rest of the line as it stands. A block without a file is an example and is not applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?P<before>[^\n]+(?:\n[^\n]+)*)?\n*^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
FILE = re.compile(r"`((?:src/|pyproject)[\w/.-]+)`")
EMPTY = re.compile(r"Empty files: ((?:`[^`]+`[,\s]*)+)")


@dataclass(frozen=True)
class Block:
    """One code block: its language, its text, the file it is about ("" for an example) and what to do with it."""

    language: str
    code: str
    file: str
    how: str


def blocks(text: str) -> list[Block]:
    """The code blocks of a page in order."""
    out = []
    for match in BLOCK.finditer(text):
        before = match["before"] or ""
        named = FILE.findall(before)
        diff = match["language"] == "diff"
        how = "diff" if diff else "new" if "New file" in before else "end" if "t the end of" in before else ""
        file = named[-1] if named and how else previous(out) if diff else ""
        out.append(Block(match["language"], match["code"], file, how if file else ""))
    return out


def previous(done: list[Block]) -> str:
    """A diff that follows another without a word is about the same file."""
    return done[-1].file if done else ""


def carry_out(text: str, tree: Path) -> set[str]:
    """Apply a recipe to the tree; returns the files it touched. AssertionError says where the tree no longer fits."""
    touched = {name for group in EMPTY.findall(text) for name in re.findall(r"`([^`]+)`", group)}
    for name in touched:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).touch(exist_ok=False)
    for block in blocks(text):
        if not block.file:
            continue
        target = tree / block.file
        if block.how == "new":
            assert not target.exists(), f"{block.file} exists already, so the recipe cannot call it new"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.code)
        elif block.how == "end":
            target.write_text(target.read_text().rstrip() + "\n\n\n" + block.code)
        else:
            target.write_text(patched(target.read_text(), block.code, block.file))
        touched.add(block.file)
    return touched


def patched(text: str, diff: str, file: str) -> str:
    """The text with the lines of a diff changed; what the diff shows must be there exactly once."""
    lines = diff.splitlines()
    old = [line[1:] for line in lines if line[:1] in " -"]
    new = [line[1:] for line in lines if line[:1] in " +"]
    before, after = (
        "".join(part.removesuffix("…") if part.endswith("…") else f"{part}\n" for part in side) for side in (old, new)
    )
    assert text.count(before) == 1, f"{file} should hold this once:\n{before}"
    return text.replace(before, after)
