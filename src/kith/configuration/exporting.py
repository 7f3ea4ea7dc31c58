"""The configuration as it is here, written to files in an order that does not change."""

from __future__ import annotations

from django.utils.text import slugify

from kith.configuration.files import COVER, Files, cover
from kith.kernel.access.actor import Actor
from kith.kernel.configuration.chapters import Chapter, Key, chapters
from kith.kernel.text import fold

MANAGE = "settings.manage"
LONGEST = 80  # characters of a file's name


def files_of(*, by: Actor) -> Files:
    """{path: text} of all that is configured. Raises NotAllowed."""
    by.require(MANAGE)
    found = chapters()
    files: Files = {COVER: cover([chapter.name for chapter in found])}
    for chapter in found:
        names = Names(chapter)
        for item in chapter.here(by):
            files[names.of(item.key)] = chapter.text(item.document)
    return files


def drafts_left(*, by: Actor) -> list[str]:
    """What stays here, in words: drafts that say something else than what counts, which alone is in the files. Raises NotAllowed."""
    by.require(MANAGE)
    return [
        f"{chapter.label}: {chapter.words(item.key)}"
        for chapter in chapters() if chapter.publishes
        for item in chapter.here(by) if item.prepared not in (None, item.document)
    ]  # fmt: skip


class Names:
    """Names of files in a chapter: of the key, and a number where two would be called alike."""

    def __init__(self, chapter: Chapter):
        self.chapter = chapter
        self.taken: set[str] = set()

    def of(self, key: Key) -> str:
        word = slugify(fold(self.chapter.words(key)))[:LONGEST].strip("-_") or "one"
        name, n = word, 1
        while name in self.taken:
            n += 1
            name = f"{word}-{n}"
        self.taken.add(name)
        return f"{self.chapter.name}/{name}.yaml"
