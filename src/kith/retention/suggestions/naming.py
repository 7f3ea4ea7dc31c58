"""Whether a line speaks of something: by its name, in whatever order and number, its product number, or what else it is called.

Words count whole, so that "dropped" is no Drop; an ending of the plural more or less makes no other word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from kith.kernel.text import words

SHORTEST = 4  # letters and digits of a name that is looked for
APART = 3  # words that may stand between those of a name
ENDINGS = ("s", "es", "n", "en", "e")
LONGER = re.compile(r"[,(;:]| [-–—] ")  # where a name goes on to say how it is sold: "Night desk, per site and year"

Name = tuple[str, ...]  # its words, folded


def names_of(product: Any) -> list[Name]:
    """What a product goes by: its name as far as the first comma, its number, and what customers call it."""
    called = (LONGER.split(product.name, maxsplit=1)[0], product.sku, *re.split(r"[,;\n]", product.also_called))
    found = dict.fromkeys(tuple(words(one)) for one in called)
    return [one for one in found if sum(map(len, one)) >= SHORTEST and not "".join(one).isdigit()]


class Line:
    """One line they wrote, asked again and again."""

    def __init__(self, text: str):
        self.text = text
        self.places: dict[str, list[int]] = {}
        for n, word in enumerate(words(text)):
            self.places.setdefault(word, []).append(n)

    def speaks_of(self, names: Iterable[Name]) -> bool:
        return any(self._has(name) for name in names)

    def _has(self, name: Name) -> bool:
        where = [[n for form in forms(word) for n in self.places.get(form, ())] for word in name]
        if not all(where):
            return False
        reach = len(name) - 1 + APART
        return any(all(any(abs(n - first) <= reach for n in some) for some in where[1:]) for first in where[0])


def forms(word: str) -> Iterator[str]:
    """The word, and as it stands when there are several or one."""
    yield word
    if len(word) < SHORTEST or not word.isalpha():
        return
    for ending in ENDINGS:
        yield word + ending
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST - 1:
            yield word.removesuffix(ending)
