"""Lists that stand in one cell of a table: words a person reads, JSON where words alone would be ambiguous."""

from __future__ import annotations

import json
import re
from typing import Any

_LABELLED = re.compile(r"\s*(\S.*?)\s+\(([^()]*[^\W\d][^()]*)\)\s*", re.DOTALL)


def labelled(words: str) -> str | dict[str, str]:
    """ "m@x.example (work)" as value and label; other words as they are."""
    found = _LABELLED.fullmatch(words)
    return {"value": found[1], "label": found[2]} if found else words


def listed(raw: str) -> list[Any]:
    """The list that a cell holds as JSON; nothing when it is no JSON."""
    if raw.lstrip()[:1] not in ("[", "{"):
        return []
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else [found]
