"""What somebody may have meant: near spellings among known names. Proposals only; nothing is ever taken by itself."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.intake.links import folds, is_directory, live
from kith.kernel.intake.mapping import Mapping
from kith.kernel.intake.models import ImportRun, Unresolved
from kith.kernel.intake.synonyms import USUAL
from kith.kernel.kinds import Addresses, Country, Link
from kith.kernel.text import fold, words

MOST = 3  # proposals for one word
LOOKED_AT = 100  # words of a run that get proposals, most frequent first
CANDIDATES = 2_000
NEAR = 0.8  # likeness from which a spelling counts as near


def plain(text: str) -> str:
    """Letters and digits only, folded: "GTX Pro" and "GTXPro" are the same."""
    return "".join(words(text))


def near(word: str, names: list[str]) -> list[str]:
    """At most three of `names` that the word may stand for, likeliest first."""
    own = plain(word)
    if not own:
        return []
    scored = []
    for name in names:
        other = plain(name)
        if other == own:
            score = 1.0
        elif abs(len(other) - len(own)) > 0.4 * max(len(other), len(own)):
            score = 0.7 if len(own) > 3 and own in (plain(w) for w in words(name)) else 0.0
            score = score + 0.15 if score else 0.0
        else:
            score = SequenceMatcher(None, own, other).ratio()
        if score >= NEAR:
            scored.append((-score, name))
    return [name for _score, name in sorted(scored)[:MOST]]


@lru_cache(maxsize=4_096)
def odd_spelling(word: str, usual: tuple[str, ...]) -> bool:
    """Is this word nearly, but not quite, one of the usual ones?"""
    folded = fold(word)
    return len(folded) > 4 and folded not in usual and bool(near(word, list(usual)))


def suggest(run: ImportRun, mapping: Mapping, columns: dict[str, Any], actor: Actor) -> None:
    """Give the run's odd words their proposals. A row more than one of that name has none: its id decides."""
    rows = Unresolved.objects.filter(run=run).exclude(why__in=("create", "several")).order_by("-rows", "id")[:LOOKED_AT]
    for odd in rows:
        entry = next((e for e in mapping.of(odd.column) if e.to == odd.to), None)
        column = columns.get(entry.target) if entry else None
        if entry is None or column is None:
            continue
        if odd.why == "spelling":
            names = list(USUAL[entry.target])
        elif entry.part == "country" and isinstance(column.kind, Addresses):
            names = [str(v) for v in Country().options.values()]
        elif isinstance(column.kind, Link):
            names = _names(column.kind.record, odd.value, actor)
        else:
            names = [str(v) for v in getattr(column.kind, "options", {}).values()]
        odd.suggestions = near(odd.value, names)
        odd.save(update_fields=["suggestions"])


def _names(target: Any, word: str, actor: Actor) -> list[str]:
    """Names of rows the actor may see: all of a small type, of a large one those that begin alike."""
    rows = live(target, actor)
    if not is_directory(target) and not target.settings:
        if folds(target):
            rows = rows.filter(sort_name__startswith=fold(word)[:2])
        else:
            rows = rows.filter(**{f"{target.title}__istartswith": word[:2]})
    return [target.name_of(r) for r in rows[:CANDIDATES]]
