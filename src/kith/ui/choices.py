"""Words and short lists that fields offer: kinds of an e-mail address, parts of a postal one, currencies in use."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from babel.core import get_global
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kith.kernel.kinds import Currency
from kith.kernel.money.queries import courses, home

ENTRY_WORDS = {
    "work": gettext_noop("Work"), "private": gettext_noop("Private"), "billing": gettext_noop("Billing"),
    "other": gettext_noop("Other"), "mobile": gettext_noop("Mobile"), "fax": gettext_noop("Fax"),
    "website": gettext_noop("Website"), "linkedin": "LinkedIn", "x": "X", "github": "GitHub",
    "office": gettext_noop("Office"), "home": gettext_noop("Home"),
}  # fmt: skip


def entry_labels(kind: Any, used: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(label, its words) that an entry of a many-valued kind may carry, and any other that is in use."""
    every = dict.fromkeys(["", *kind.labels, *used])
    return [(label, entry_word(label)) for label in every]


def entry_word(label: str) -> str:
    """ "work" as "Work" in the reader's language; labels that came with an import stand as they are."""
    known = ENTRY_WORDS.get(label)
    return _(known) if known else label or "–"


def address_parts() -> list[tuple[str, str]]:
    return [("street", _("Street")), ("postcode", _("Postcode")), ("city", _("City")), ("region", _("Region"))]


@lru_cache(maxsize=1)
def _tender(_year: int) -> frozenset[str]:
    """Currencies that are legal tender somewhere today; babel also knows hundreds of past ones."""
    every = get_global("territory_currencies").values()
    return frozenset(code for spans in every for code, _start, end, tender in spans if tender and end is None)


def currency_choices(chosen: str = "") -> list[tuple[str, str]]:
    """(code, code): the organisation's own, the one chosen and those with a rate first, then all that are money today."""
    first = list(dict.fromkeys(code for code in (home(), chosen, *sorted(courses())) if code))
    rest = sorted(_tender(timezone.localdate().year) & set(Currency().options) - set(first))
    return [(code, code) for code in [*first, *rest]]
