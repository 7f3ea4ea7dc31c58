"""What applying files would do: each thing in them against what is here, column by column."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kith.configuration.exporting import MANAGE, Names
from kith.configuration.files import COVER, Files, chapters_in
from kith.kernel.access.actor import Actor
from kith.kernel.configuration.chapters import Change, Chapter, Document, Item, Key, chapters
from kith.kernel.errors import Invalid, InvalidMany

ADDED, CHANGED, WAITING, SAME, MISSING = "added", "changed", "waiting", "same", "missing"


@dataclass
class Entry:
    """One thing. `state`: added, changed, waiting (it is the draft here by now), same, or missing: it is here and not in the
    files."""

    chapter: Chapter
    key: Key
    path: str
    state: str
    document: Document | None
    item: Item | None
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.chapter.words(self.key)

    def as_json(self) -> dict[str, Any]:
        return {
            "chapter": self.chapter.name, "name": self.name, "file": self.path, "state": self.state, "notes": self.notes,
            "changes": [{"column": c.column, "label": str(c.label), "old": c.old, "new": c.new} for c in self.changes],
        }  # fmt: skip


@dataclass
class Review:
    """`faults`: sentences that keep it from being applied. `fingerprint`: of what is here and of the files, as reviewed."""

    entries: list[Entry]
    faults: list[str]
    fingerprint: str

    def of(self, *states: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.state in states]

    def as_json(self) -> dict[str, Any]:
        told = {state: [e.as_json() for e in self.of(state)] for state in (ADDED, CHANGED, WAITING, MISSING)}
        return {"fingerprint": self.fingerprint, **told, SAME: len(self.of(SAME)), "faults": self.faults}


def review(files: Files, *, by: Actor) -> Review:
    """Compare; nothing is written. Raises NotAllowed, Invalid where the files are no configuration."""
    by.require(MANAGE)
    spoken, known = chapters_in(files), {chapter.name: chapter for chapter in chapters()}
    faults: list[str] = []
    read = _read(files, known, by, faults)
    for name in spoken:
        if name not in known and not any(path.startswith(f"{name}/") for path in files):
            faults.append(_unknown(COVER, name, known))
    unread = set(files) - {path for found in read.values() for path, _document in found}
    entries: list[Entry] = []
    for chapter in known.values():
        if chapter.name in spoken or chapter.name in read:
            entries += _compared(chapter, read.get(chapter.name, []), by, unread)
    return Review(entries, faults, _fingerprint(entries, files))


def _unknown(path: str, name: str, known: dict[str, Chapter]) -> str:
    return _("%(file)s: this Kith has no chapter “%(name)s”; it has %(known)s.") % {
        "file": path, "name": name[:60], "known": ", ".join(known)}  # fmt: skip


def _read(
    files: Files, known: dict[str, Chapter], by: Actor, faults: list[str]
) -> dict[str, list[tuple[str, Document]]]:
    """{chapter: its files as documents}, and a sentence for each that cannot be used."""
    out: dict[str, list[tuple[str, Document]]] = defaultdict(list)
    for path in sorted(files, key=lambda one: (one.partition("/")[0], len(one), one)):
        if path == COVER:
            continue
        chapter = known.get(path.partition("/")[0])
        if chapter is None:
            faults.append(_unknown(path, path.partition("/")[0], known))
            continue
        try:
            document = chapter.read(files[path])
            chapter.key(document)
            out[chapter.name].append((path, chapter.checked(document, by)))
        except (Invalid, InvalidMany) as problem:
            faults += said_of(path, problem)
    return out


def said_of(path: str, problem: Invalid | InvalidMany) -> list[str]:
    """What is wrong, with the file and the column it is about."""
    if isinstance(problem, InvalidMany):
        pairs = [(key, words) for key, messages in problem.errors.items() for words in messages]
    else:
        pairs = [(problem.field, words) for words in getattr(problem, "sentences", [problem.message])]
    return [f"{path}, {key}: {words}" if key else f"{path}: {words}" for key, words in pairs]


def _compared(chapter: Chapter, read: list[tuple[str, Document]], by: Actor, unread: set[str]) -> list[Entry]:
    """Files meet rows by their key; several of one key in their order. What has a file that cannot be read is not missing."""
    here: dict[Key, list[Item]] = defaultdict(list)
    for item in chapter.here(by):
        here[item.key].append(item)
    entries = []
    for path, document in read:
        key = chapter.key(document)
        item = here[key].pop(0) if here[key] else None
        entries.append(_entry(chapter, key, path, document, item, by))
    names = Names(chapter)
    for items in here.values():
        for item in items:
            if (path := names.of(item.key)) not in unread:
                changes = chapter.changes(item.document, {}, by)
                entries.append(Entry(chapter, item.key, path, MISSING, None, item, changes))
    return entries


def _entry(chapter: Chapter, key: Key, path: str, document: Document, item: Item | None, by: Actor) -> Entry:
    if item is None:
        state = ADDED
    elif item.prepared == document:
        state = WAITING
    elif item.document == document:  # a draft that says something else is nobody's loss: it stays a draft
        return Entry(chapter, key, path, SAME, document, item)
    else:
        state = CHANGED
    changes = chapter.changes(item.document if item else {}, document, by)
    return Entry(chapter, key, path, state, document, item, changes, chapter.notes(item, document))


def _fingerprint(entries: list[Entry], files: Files) -> str:
    here = [[e.chapter.name, e.key, e.item.document, e.item.prepared] for e in entries if e.item is not None]
    told = json.dumps([here, sorted(files.items())], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
