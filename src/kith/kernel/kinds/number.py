"""Figures: whole numbers, decimals, percentages and amounts of money."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.base import BLANK, Kind, Operator

_BETWEEN = re.compile(r"\d\s*(?![eE][+-]?\d)[^\W\d_]+\s*\d")  # words inside a number: "12 abc 3", "0x10"
_PLAIN = re.compile(r"-?\d{1,18}(\.\d{1,18})?")
_NOISE = re.compile(r"(?<!\d)[eE]|[eE](?![+-]?\d)|[^\d.,\-+'’ \u00a0\u202feE]")  # all but digits, marks and an exponent
_PARTED = re.compile(r"[ \u00a0\u202f'’,.]")


def number_ops() -> tuple[Operator, ...]:
    return (
        Operator("is", _("is"), "many", lambda p, v: Q(**{f"{p}__in": v})),
        Operator("is_not", _("is not"), "many", lambda p, v: ~Q(**{f"{p}__in": v}) | Q(**{f"{p}__isnull": True})),
        Operator("over", _("is over"), "one", lambda p, v: Q(**{f"{p}__gt": v})),
        Operator("under", _("is under"), "one", lambda p, v: Q(**{f"{p}__lt": v})),
        Operator("at_least", _("is at least"), "one", lambda p, v: Q(**{f"{p}__gte": v})),
        Operator("at_most", _("is at most"), "one", lambda p, v: Q(**{f"{p}__lte": v})),
        Operator("between", _("is between"), "two", lambda p, v: Q(**{f"{p}__gte": v[0], f"{p}__lte": v[1]})),
        *BLANK,
    )


def read_decimal(text: str) -> Decimal:
    """Decimal from words: "1 234,5", "1,234.50", "€ 12.000". A lone comma or point before 3 digits groups thousands
    only when it repeats or the other mark follows; "1,234" alone is refused because it has two readings, "1,2,3" because
    it has none."""
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _BETWEEN.search(text):
        raise Invalid(__("“%s” is not a number.") % text)
    raw = " ".join(_NOISE.sub("", text).split())
    last = max(raw.rfind(","), raw.rfind("."))
    commas, points = raw.count(","), raw.count(".")
    whole, fraction = raw, ""
    if last >= 0 and (commas + points == 1 or (commas and points)):  # the last mark parts the decimals
        whole, fraction = raw[:last], raw[last:].replace(",", ".")
    if commas == 1 and not points and re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", _together(raw, keep=",")):
        raise Invalid(__("“%s” can be read in two ways; write 1234 or 1.234 without the comma.") % text)
    if not _grouped(whole):
        raise Invalid(__("“%s” is not one number; thousands are parted in threes, as in 1,234,567.") % text)
    try:
        value = Decimal(_together(whole) + _together(fraction, keep="."))
    except InvalidOperation:
        raise Invalid(__("“%s” is not a number.") % text) from None
    if not value.is_finite():
        raise Invalid(__("“%s” is not a number.") % text)
    return value


def _grouped(whole: str) -> bool:
    """Whether the marks in a whole number part it as people do: in threes, or in twos before the last three."""
    first, *groups = _PARTED.split(whole.lstrip("-+ "))
    if not groups:
        return True
    return 1 <= len(first) <= 3 and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups)


def _together(text: str, keep: str = "") -> str:
    return "".join(c for c in text if c == keep or not _PARTED.fullmatch(c))


class Number(Kind):
    name, widget, align, label, customisable, sql = "number", "number", "end", _("Number"), True, "numeric"
    accepts = (int, float, str)

    def __init__(self, digits: int = 18, places: int = 4, low: Decimal | None = None, high: Decimal | None = None):
        self.digits, self.places, self.low, self.high = digits, places, low, high

    def clean(self, value: Any) -> Any:
        if isinstance(value, bool):
            raise Invalid(__("This must be a number."))
        if isinstance(value, str):
            value = read_decimal(value)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise Invalid(__("“%s” is not a number.") % value) from None
        if not number.is_finite() or (number and number.adjusted() >= self.digits - self.places):
            raise Invalid(__("“%s” is larger than this field can hold.") % value)
        if self.low is not None and number < self.low:
            raise Invalid(__("This must be at least %s.") % self.low)
        if self.high is not None and number > self.high:
            raise Invalid(__("This must be at most %s.") % self.high)
        exact = number.quantize(Decimal(1).scaleb(-self.places)) if self.places >= 0 else number
        if exact != number:
            raise Invalid(__("“%(v)s” has more than %(n)s decimals.") % {"v": value, "n": self.places})
        return exact

    def dump(self, value: Any) -> Any:
        if value is None:
            return None
        value = Decimal(repr(value) if isinstance(value, float) else value)
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float_or_text(value)

    def load(self, data: Any) -> Any:
        return None if data is None else self.clean(data)

    def edit(self, value: Any) -> str:
        return "" if value is None else format(Decimal(value).normalize(), "f")

    def show(self, value: Any) -> str:
        return "" if value is None else format_decimal(value, locale=locale_code())

    def export(self, value: Any) -> Any:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": ["number", "null"]}

    def ops(self) -> tuple[Operator, ...]:
        return number_ops()


def float_or_text(value: Decimal) -> Any:
    """JSON number when a double keeps it exactly, otherwise its digits as text."""
    return float(value) if Decimal(str(float(value))) == value else format(value, "f")


def locale_code() -> str:
    """Babel's spelling of the active language ("en-gb" -> "en_GB")."""
    language, _sep, region = (get_language() or "en").partition("-")
    return f"{language}_{region.upper()}" if region else language


class Integer(Number):
    name, label, sql = "integer", _("Whole number"), "bigint"

    def __init__(self, low: int | None = None, high: int | None = None, *, grouped: bool = True):
        """grouped: whether thousands are parted when shown; years and numbers that name something are not."""
        super().__init__(19, 0, None if low is None else Decimal(low), None if high is None else Decimal(high))
        self.grouped = grouped

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if abs(number) >= 2**63:
            raise Invalid(__("“%s” is larger than this field can hold.") % value)
        return int(number)

    def show(self, value: Any) -> str:
        return super().show(value) if self.grouped or value is None else str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": ["integer", "null"]}


class Percent(Number):
    name, label = "percent", _("Percentage")

    def __init__(self) -> None:
        super().__init__(7, 2, Decimal(-1000), Decimal(1000))

    def show(self, value: Any) -> str:
        return "" if value is None else f"{format_decimal(value, locale=locale_code())} %"


class Money(Number):
    """An amount; its currency stands in another column (`currency`), the organisation's own when that is empty."""

    name, widget, label = "money", "money", _("Amount of money")

    def __init__(self, currency: str = "currency"):
        super().__init__(18, 2)
        self.currency = currency  # column key, on the same record, that names the currency

    def show(self, value: Any, currency: str = "", *, brief: bool = False) -> str:
        """The amount to the cent; brief, as lists and cards have it: no decimals from 100 up."""
        from kith.kernel.money.amounts import show_money

        return "" if value is None else show_money(value, currency, exact=not brief)
