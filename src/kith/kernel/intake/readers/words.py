"""The one place where sentences of the readers and writers are translated.

The readers know nothing of Django, so they cannot ask it for a translation. Whoever uses them inside Django calls
`speak(gettext)` once at start-up; until then sentences stay English. `_("…")` also marks them for extraction.
"""

from __future__ import annotations

from collections.abc import Callable


def _untranslated(sentence: str) -> str:
    return sentence


_translate: Callable[[str], str] = _untranslated


def speak(translate: Callable[[str], str]) -> None:
    """From now on every sentence goes through `translate` (for example django.utils.translation.gettext)."""
    global _translate
    _translate = translate


def _(sentence: str) -> str:
    return _translate(sentence)


def size(count: int) -> str:
    """A size in bytes as a person says it: 1536 -> "1.5 kB"."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1024 or unit == "GB":
            break
        amount /= 1024
    digits = f"{amount:.1f}".rstrip("0").rstrip(".") if unit != "bytes" else str(count)
    return f"{digits} {unit}"


def short(text: object, longest: int = 60) -> str:
    """A value as it may stand inside a sentence: one line, at most `longest` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
