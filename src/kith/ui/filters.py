"""How values become words in templates: dates, money, numbers, durations, initials, icons, attributes.

Everything returns text in the reader's language and time zone, or escaped markup. Nothing here queries.
The voice of the product is day first and 24 hours, so plain "en" is read as British English.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation, localcontext
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, get_currency_precision
from django.templatetags.static import static as static_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, to_locale
from jinja2.exceptions import TemplateRuntimeError
from markupsafe import Markup, escape

SPRITE = "ui/icons.svg"
WIDE = Context(prec=80)  # the usual 28 digits refuse to write out a very long figure
LONGEST = 40  # digits before the mark from which a figure is written as 1E+50
ATTRIBUTE = re.compile(r"^[A-Za-z][-A-Za-z0-9_:.]*$")


@lru_cache(maxsize=64)
def _locale(code: str | None) -> Locale:
    if code in (None, "en"):
        return Locale.parse("en_GB")
    try:
        return Locale.parse(to_locale(code))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def locale() -> Locale:
    """The babel locale of the active language."""
    return _locale(get_language())


# --- dates ---------------------------------------------------------------------------------------------------------


def _local(value: date | datetime) -> tuple[date, datetime | None]:
    """The reader's day, and their clock time where the value has one."""
    if not isinstance(value, datetime):
        return value, None
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return local.date(), local


def day(value: date | datetime | None, *, today: date | None = None) -> str:
    """A day in words: today, yesterday, tomorrow, Tue, 12 Mar, 12 Mar 2025. None gives ""."""
    if value is None:
        return ""
    on, _clock = _local(value)
    today = today or timezone.localdate()
    distance = (on - today).days
    if distance == 0:
        return gettext("today")
    if distance == -1:
        return gettext("yesterday")
    if distance == 1:
        return gettext("tomorrow")
    if abs(distance) < 7:
        return format_date(on, "EEE", locale=locale())
    return _skeleton(on, "MMMd" if on.year == today.year else "yMMMd")


def _skeleton(on: date, skeleton: str) -> str:
    """Babel counts a date in the year 1 or 9999 wrongly near the edges of its zones; ISO is always right there."""
    try:
        return format_skeleton(skeleton, datetime(on.year, on.month, on.day), locale=locale())
    except (OverflowError, ValueError):
        return on.isoformat()


def clock(value: datetime | None) -> str:
    """The time of day: 09:30."""
    if value is None:
        return ""
    _on, local = _local(value)
    return format_time(local.time(), "short", locale=locale()) if local else ""


def full(value: date | datetime) -> str:
    """The whole of it, for a tooltip: Thursday 12 March 2026, 09:30."""
    on, local = _local(value)
    try:
        words = format_date(on, "full", locale=locale())
    except (OverflowError, ValueError):
        words = on.isoformat()
    return f"{words}, {clock(value)}" if local else words


def _ago(value: datetime, now: datetime) -> str | None:
    """4 min, 2 h; None once another day has begun or more than a few hours lie ahead."""
    seconds = (now - value).total_seconds()
    if not 0 <= seconds < 86400 or _local(value)[0] != _local(now)[0]:
        return None
    minutes = int(seconds // 60)
    if minutes < 1:
        return gettext("now")
    return gettext("%d min") % minutes if minutes < 60 else gettext("%d h") % (minutes // 60)


def when(value: date | datetime | None, style: str = "ago", *, now: datetime | None = None) -> Markup:
    """A `<time>` in relative words. "ago" for what happened (4 min, 2 h, yesterday), "due" for what is expected
    (09:30 today, tomorrow, Tue), "clock" for the time alone, "full" for the whole date. None gives nothing.
    """
    if value is None:
        return Markup("")
    now = now or timezone.now()
    text, live = "", Markup("")
    if isinstance(value, datetime):
        if style == "ago" and timezone.is_aware(value) and (text := _ago(value, now) or ""):
            live = Markup(" data-ago")
        elif style == "clock" or (style == "due" and _local(value)[0] == _local(now)[0]):
            text = clock(value)
    if style == "full":
        text = full(value)
    text = text or day(value, today=_local(now)[0])
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(value.isoformat(), full(value), live, text)


def duration(value: timedelta | int | float | None) -> str:
    """Seconds or a timedelta in words: 38 s, 12 min, 1 h 40 m, 4 days."""
    if value is None:
        return ""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    if seconds < 60:
        words = gettext("%d s") % seconds
    elif seconds < 3600:
        words = gettext("%d min") % (seconds // 60)
    elif seconds < 86400:
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        words = gettext("%(h)d h %(m)d m") % {"h": hours, "m": minutes} if minutes else gettext("%d h") % hours
    else:
        days = seconds // 86400
        words = ngettext("%d day", "%d days", days) % days
    return sign + words


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
    if value is None:
        return str(amount)
    digits = get_currency_precision(currency)
    if not exact and (abs(value) >= 100 or value == value.to_integral_value()):
        digits = 0
    if value.adjusted() > LONGEST:
        return f"{value:.3E} {currency}"
    pattern = locale().currency_formats["standard"]
    with localcontext(WIDE):
        return pattern.apply(value, locale(), currency=currency, currency_digits=False, force_frac=(digits, digits))


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


def icon(name: str, label: str | None = None, size: str | None = None) -> Markup:
    """A symbol of our sprite. Without `label` it is decoration; with one it speaks. `size="large"` is 20 px."""
    extra = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    css = "icon icon-large" if size == "large" else "icon"
    return Markup('<svg class="{}"{}><use href="{}#{}"/></svg>').format(css, extra, static_url(SPRITE), name)


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
        local = _local(value)[1]
        return local.date().isoformat() if kind == "date" else local.replace(tzinfo=None).isoformat(timespec="minutes")
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
    parts = re.split(rf"(\b(?:{'|'.join(words)}))", text, flags=re.IGNORECASE)
    return Markup("").join(Markup("<mark>{}</mark>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def url(name: str, *args, **kwargs) -> str:
    """Reverse an address. Not for cells of a list: reversing 250 of them costs 10 ms, so pass base addresses."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


FILTERS = {
    "when": when, "day": day, "clock": clock, "full": full, "duration": duration, "money": money, "number": number,
    "percent": percent, "control": control, "initials": initials, "static": static, "icon": icon, "attrs": attrs, "share": share, "w": w,
    "highlight": highlight, "soft": soft,
}  # fmt: skip
GLOBALS = {"icon": icon, "static": static, "url": url}
