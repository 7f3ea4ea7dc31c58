"""How values become words in templates: money, numbers, initials, icons, attributes; days are in `dates`.

Everything returns text in the reader's language, or escaped markup. Nothing here queries.
"""

from __future__ import annotations

import re
import secrets
from copy import copy
from datetime import date, datetime
from decimal import Context, Decimal, InvalidOperation, localcontext
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal, get_currency_precision
from django.templatetags.static import static as static_url
from django.urls import reverse
from django.utils.translation import gettext
from jinja2.exceptions import TemplateRuntimeError
from markupsafe import Markup, escape

from kith.ui.dates import clock, day, duration, full, local, locale, when

SPRITE = "ui/icons.svg"
WIDE = Context(prec=80)  # the usual 28 digits refuse to write out a very long figure
LONGEST = 40  # digits before the mark from which a figure is written as 1E+50
ATTRIBUTE = re.compile(r"^[A-Za-z][-A-Za-z0-9_:.]*$")


# --- figures -------------------------------------------------------------------------------------------------------


def _decimal(value) -> Decimal | None:
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return amount if amount.is_finite() else None


def money(amount, currency: str, *, exact: bool = False) -> str:
    """€12,400 or €12.50: symbol, thousands mark, no decimals from 100 up unless `exact`. None gives ""."""
    if amount is None:
        return ""
    value = _decimal(amount)
    return str(amount) if value is None else _money(value, currency, exact, locale())


@lru_cache(maxsize=4096)
def _money(value: Decimal, currency: str, exact: bool, where: Locale) -> str:
    if value.adjusted() > LONGEST:
        return f"{value:.3E} {currency}"
    digits = get_currency_precision(currency)
    if not exact and (abs(value) >= 100 or value == value.to_integral_value()):
        digits = 0
    pattern = copy(where.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    with localcontext(WIDE):
        return pattern.apply(value, where, currency=currency, currency_digits=False)


def number(value, decimals: int | None = None) -> str:
    """1,204,331 in the reader's digits; `decimals` fixes how many stand after the mark. None gives ""."""
    if value is None:
        return ""
    amount = _decimal(value)
    if amount is None:
        return str(value)
    if amount.adjusted() > LONGEST:
        return f"{amount:.3E}"
    pattern = None if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    with localcontext(WIDE):
        return format_decimal(amount, format=pattern, locale=locale())


def percent(value, decimals: int = 0) -> str:
    """A share between 0 and 1 as "51 %". None gives ""."""
    return "" if value is None else gettext("%s %%") % number(_decimal(value) * 100, decimals)


def initials(name: str | None) -> str:
    """First letters of the first and last word: "Ines Okafor" gives IO, "Atlas" gives A, nothing gives "?"."""
    words = [word for word in re.split(r"[\s\-–.,/|]+", name or "") if word and word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


# --- markup --------------------------------------------------------------------------------------------------------


def static(path: str) -> str:
    """The address of a static file, with its hash."""
    return static_url(path)


@lru_cache(maxsize=1)
def _sprite() -> Markup:
    return escape(static_url(SPRITE))


@lru_cache(maxsize=1024)
def icon(name: str, label: str | None = None, size: str | None = None) -> Markup:
    """A symbol of our sprite. Without `label` it is decoration; with one it speaks. `size="large"` is 20 px."""
    extra = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    css = "icon icon-large" if size == "large" else "icon"
    return Markup('<svg class="{}"{}><use href="{}#{}"/></svg>').format(css, extra, _sprite(), name)


def attrs(values: dict | None) -> Markup:
    """Keyword arguments as HTML attributes: `_` becomes `-`, True is bare, None and False are left out.

    `style` and `on…` are refused because the content security policy would refuse them in the browser, silently.
    """
    out = []
    for key, value in (values or {}).items():
        if value is None or value is False:
            continue
        name = key.rstrip("_").replace("_", "-")
        if not ATTRIBUTE.match(name) or name.lower() == "style" or name.lower().startswith("on"):
            raise TemplateRuntimeError(f"The attribute {name!r} is not allowed: use a class, data-… or a behaviour.")
        out.append(Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value))
    return Markup("").join(out)


def control(value, kind: str = "text") -> str:
    """A value as form controls want it: "" for None, ISO for dates (in the reader's zone), plain digits for numbers."""
    if value is None or value is False:
        return ""
    if isinstance(value, datetime):
        at = local(value)
        return at.date().isoformat() if kind == "date" else at.replace(tzinfo=None).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def soft(value):
    """Text that may break after @, / and dots, so that long addresses stay inside narrow columns. Markup is left alone."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[@/._])(?=\w)", value))


def share(part, whole) -> int:
    """`part` of `whole` in whole percent from 0 to 100, for bars. Nothing of nothing is 0; a little is at least 1."""
    part, whole = _decimal(part), _decimal(whole)
    if not part or not whole or whole <= 0 or part <= 0:
        return 0
    return min(100, max(1, round(part * 100 / whole)))


def w(value) -> str:
    """A whole percentage as `data-w` wants it: two digits, kept between 00 and 100."""
    return f"{min(100, max(0, round(_decimal(value) or 0))):02d}"


def highlight(text: str, query: str) -> Markup:
    """`text` with the words of `query` marked, whole or as beginnings of words."""
    words = [re.escape(word) for word in (query or "").split()]
    if not words:
        return escape(text)
    parts = re.split(rf"(\b(?:{'|'.join(words)}))", str(text), flags=re.IGNORECASE)
    return Markup("").join(Markup("<mark>{}</mark>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def url(name: str, *args, **kwargs) -> str:
    """Reverse an address. Not for cells of a list: reversing 250 of them costs 10 ms, so pass base addresses."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def fresh(name: str) -> str:
    """A new id for each answer: htmx makes an element with the id of one on the page look like that one, closed."""
    return f"{name}-{secrets.token_hex(3)}"


FILTERS = {
    "when": when, "day": day, "clock": clock, "full": full, "duration": duration, "money": money, "number": number,
    "percent": percent, "control": control, "initials": initials, "static": static, "icon": icon, "attrs": attrs, "share": share, "w": w,
    "highlight": highlight, "soft": soft,
}  # fmt: skip
GLOBALS = {"icon": icon, "static": static, "url": url, "fresh": fresh}
