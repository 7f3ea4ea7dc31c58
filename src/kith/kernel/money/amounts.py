"""Amounts in words, and currencies that meet only through a dated rate."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_symbol

from kith.kernel.kinds.number import locale_code

_LETTER_FIRST = re.compile(r"^(-?[^\W\d_]+)(\d)")  # "CHF5" wants a space between, which the patterns leave out


def show_money(amount: Decimal, currency: str = "", *, exact: bool = False) -> str:
    """ "€12,400", "€99.50": symbol and thousands mark, no decimals above 100. exact: "€12,400.50", for sentences and
    facts, where a cent is part of what was agreed."""
    from kith.kernel.organisation.models import current

    code = currency or current().currency
    return _format(Decimal(amount), code, locale_code(), exact)


@lru_cache(maxsize=64)
def _whole_pattern(locale: str) -> str:
    """The locale's own currency pattern without its decimals."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    return str(re.sub(r"0[.,]00", "0", pattern))


@lru_cache(maxsize=20_000)
def _format(amount: Decimal, code: str, locale: str, exact: bool) -> str:
    if (abs(amount) >= 100 and not exact) or amount == amount.to_integral_value():
        pattern = _whole_pattern(locale)
        words = str(format_currency(amount, code, format=pattern, locale=locale, currency_digits=False))
    else:
        words = str(format_currency(amount, code, locale=locale))
    return _LETTER_FIRST.sub("\\1\N{NO-BREAK SPACE}\\2", words)


def symbol(currency: str) -> str:
    return str(get_currency_symbol(currency, locale=locale_code()))
