"""Yes or no, one of a known set, and the sets that Babel knows: countries, currencies, languages, time zones."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from babel import Locale
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.base import Kind, Operator
from kith.kernel.kinds.number import locale_code
from kith.kernel.text import fold

_YES = {"1", "true", "yes", "y", "on", "ja", "oui", "si", "x"}
_NO = {"0", "false", "no", "n", "off", "nein", "non", ""}


class Bool(Kind):
    name, widget, label, customisable, blank, sql = "bool", "switch", _("Yes or no"), True, False, "boolean"
    accepts = (bool,)

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        return self.clean(raw)

    def clean(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value is None:
            return False
        word = str(value).strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise Invalid(__("“%s” is neither yes nor no.") % value)

    def show(self, value: Any) -> str:
        return __("yes") if value else __("no")

    def edit(self, value: Any) -> str:
        return "1" if value else ""

    def export(self, value: Any) -> Any:
        return bool(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator(
                "is",
                _("is"),
                "one",
                lambda p, v: Q(**{p: True}) if v else Q(**{p: False}) | Q(**{f"{p}__isnull": True}),
            ),
        )


def _is_not(path: str, values: Any) -> Q:
    return ~Q(**{f"{path}__in": values}) | Q(**{f"{path}__isnull": True})


def _blank_text(path: str, _value: Any) -> Q:
    return Q(**{path: ""}) | Q(**{f"{path}__isnull": True})


class Choice(Kind):
    """One of `options`: a mapping value -> label, or a function that gives one. `none`: see `Kind`."""

    name, widget, label, customisable, blank, multiple = "choice", "select", _("One of a list"), True, "", False

    def __init__(self, options: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None, none: Any = ""):
        self._options, self.none = options or {}, none

    @property
    def options(self) -> Mapping[str, Any]:
        return self._options() if callable(self._options) else self._options

    def even(self, data: Any, *, actor: Any = None) -> Any:
        """Choices that hang on what is set up may come with the same files."""
        return data if callable(self._options) and isinstance(data, str) else super().even(data, actor=actor)

    def clean(self, value: Any) -> Any:
        options = self.options
        if value in ("", None):
            return ""
        if value in options:
            return value
        word = fold(str(value))
        for key, label in options.items():
            if word in (fold(str(key)), fold(str(label))):
                return key
        shown = ", ".join(str(v) for v in list(options.values())[:8])
        raise Invalid(__("“%(v)s” is not one of the choices: %(all)s.") % {"v": value, "all": shown})

    def no_option(self, word: str) -> str:
        """What is said of a word that is none of them, the same wherever it came from; "" where what is like it is named."""
        return ""

    def show(self, value: Any) -> str:
        return "" if value in ("", None) else str(self.options.get(value, value))

    def export(self, value: Any) -> Any:
        return self.show(value) or None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": ["", *self.options]} if len(self.options) <= 60 else {"type": "string"}

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("is", _("is"), "many", lambda p, v: Q(**{f"{p}__in": v})),
            Operator("is_not", _("is not"), "many", _is_not),
            Operator("empty", _("is empty"), "none", _blank_text),
            Operator("filled", _("is known"), "none", lambda p, v: ~_blank_text(p, v)),
        )


@lru_cache(maxsize=32)
def _countries(locale: str) -> dict[str, str]:
    names = Locale.parse(locale).territories
    return {
        c: n
        for c, n in sorted(names.items(), key=lambda i: fold(i[1]))
        if len(c) == 2 and c.isalpha() and c not in ("ZZ", "EU", "EZ", "UN", "QO", "XA", "XB")
    }


@lru_cache(maxsize=32)
def _currencies(locale: str) -> dict[str, str]:
    return {c: f"{c} {n}" for c, n in sorted(Locale.parse(locale).currencies.items()) if len(c) == 3}


@lru_cache(maxsize=32)
def _languages(locale: str) -> dict[str, str]:
    return {c: n for c, n in sorted(Locale.parse(locale).languages.items(), key=lambda i: fold(i[1])) if len(c) <= 3}


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {z: z.replace("_", " ") for z in sorted(zoneinfo.available_timezones()) if "/" in z or z == "UTC"}


# Names in daily use that Unicode's own lists do not have; none of them means more than one country.
ALSO_CALLED = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "united kingdom of great britain and northern ireland": "GB", "usa": "US", "us": "US", "america": "US",
    "united states of america": "US", "the united states": "US", "holland": "NL", "the netherlands": "NL",
    "czech republic": "CZ", "republic of korea": "KR", "russian federation": "RU", "viet nam": "VN", "uae": "AE",
    "turkey": "TR", "ivory coast": "CI", "macedonia": "MK", "hong kong": "HK", "macau": "MO",
    "peoples republic of china": "CN", "pr china": "CN", "republic of ireland": "IE", "slovak republic": "SK",
}  # fmt: skip


class Country(Choice):
    name, widget, label = "country", "combobox", _("Country")

    def __init__(self) -> None:
        super().__init__(lambda: _countries(locale_code()))

    def clean(self, value: Any) -> Any:
        if isinstance(value, str) and value in _countries("en"):  # codes are the same in every language
            return value
        if isinstance(value, str) and locale_code() != "en":
            english = {fold(n): c for c, n in _countries("en").items()}
            value = english.get(fold(value), value)
        if isinstance(value, str):
            value = ALSO_CALLED.get(fold(value).replace(".", ""), value)
        return super().clean(value)


class Currency(Choice):
    name, widget, label = "currency", "combobox", _("Currency")

    def __init__(self) -> None:
        super().__init__(lambda: _currencies(locale_code()))

    def show(self, value: Any) -> str:
        return value or ""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value.upper() if isinstance(value, str) and len(value) == 3 else value)
        except Invalid:
            raise Invalid(self.no_option(str(value))) from None

    def no_option(self, word: str) -> str:
        return __("“%s” is not a currency; write its three letters, such as EUR or USD.") % word


class Language(Choice):
    name, widget, label = "language", "combobox", _("Language")

    def __init__(self) -> None:
        super().__init__(lambda: _languages(locale_code()))


class TimeZone(Choice):
    name, widget, label = "time_zone", "combobox", _("Time zone")

    def __init__(self) -> None:
        super().__init__(_zones)
