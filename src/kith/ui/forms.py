"""Forms made from columns and action inputs: what to ask, how a browser sends it back, what stands in each field.

    asks = [Ask.of_column(c) for c in columns]
    raw = read_form(asks, request.POST)                 raw values by key: what was sent, cleaned of what cannot be stored
    fields = [field_of(ask, raw[ask.key], errors=…) for ask in asks]        nothing typed is ever lost
    values, errors = parse_form(asks, raw, by=actor)    typed values by key, sentences by key

A raw value is what `kind.parse` takes and what the field shows again: text for most kinds, a list for many-valued ones,
a bool for switches. `fill(kind, value)` gives the raw form of a typed value, so rows and sent forms show alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.calendars.kinds import day_names
from kith.kernel.calendars.windows import DAYS
from kith.kernel.errors import Invalid
from kith.kernel.kinds import EMPTY, Addresses, Choices, Country, Duration, Kind, Link, Many, Money, Percent
from kith.kernel.kinds.many import ADDRESS_PARTS
from kith.kernel.records.columns import Column
from kith.kernel.text import clean_text
from kith.ui.choices import address_parts, currency_choices, entry_labels

MOST_ROWS = 60  # entries of one many-valued field that are read; the kind refuses more than 50 with a sentence
COUNTRY = Country()
CLIP = 300  # characters of an error sentence: it may quote what was typed, all of it


@dataclass(frozen=True)
class Ask:
    """One thing to ask for: a writable column, or an input of an action."""

    key: str
    label: str
    kind: Kind
    required: bool = False
    help: str = ""
    record: str = ""  # name of the record type, for tags

    @classmethod
    def of_column(cls, column: Column) -> Ask:
        return cls(column.key, column.label, column.kind, column.required, str(column.facts.help or ""), column.record)

    @classmethod
    def of_input(cls, given: Any) -> Ask:
        return cls(given.key, given.label, given.kind, given.required)


@dataclass
class Field:
    """One field as templates draw it (`pages/form_fields.html`). `type` is a type of ui.field, or rows, addresses, tags, week."""

    name: str
    label: str
    type: str
    value: Any = ""
    error: list[str] = field(default_factory=list)
    hint: str = ""
    required: bool = False
    text: str = ""  # words of a combobox's value
    src: str = ""  # where a combobox asks
    create: str = ""  # words that offer a new one
    choices: Any = ()
    blank: str | None = None
    unit: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    kinds: list[tuple[str, str]] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    row_type: str = "text"
    currency: Field | None = None  # the field of the currency, drawn beside the amount
    attributes: dict[str, Any] = field(default_factory=dict)
    clash: Any = None  # two people, one value: see pages/form.py

    @property
    def id(self) -> str:
        """Where a link from the list of errors leads."""
        return f"f-{self.name}-0" if self.type == "rows" else f"f-{self.name}"


# --- reading what a browser sent ------------------------------------------------------------------------------------


def read_form(asks: Iterable[Ask], post: Mapping[str, Any]) -> dict[str, Any]:
    """Raw values by key of everything asked for; what was not sent reads as empty."""
    return {ask.key: _READERS.get(ask.kind.widget, _read_text)(ask, post) for ask in asks}


def tidy(text: Any) -> str:
    """Text as it can be stored: no NUL, no lone surrogates, one kind of line end."""
    return clean_text(str(text or "")).replace("\r\n", "\n")


def _read_text(ask: Ask, post: Mapping[str, Any]) -> str:
    return tidy(post.get(ask.key))


def _read_switch(ask: Ask, post: Mapping[str, Any]) -> bool:
    return bool(post.get(ask.key))


def _read_combobox(ask: Ask, post: Mapping[str, Any]) -> str:
    """The chosen id or code; without a script the typed words, unless they still name what was chosen before."""
    chosen = tidy(post.get(ask.key)).strip()
    if f"{ask.key}_text" not in post:
        return chosen
    words = tidy(post.get(f"{ask.key}_text")).strip()
    return chosen if words and words == words_of(ask.kind, chosen) else words


def _read_rows(ask: Ask, post: Mapping[str, Any]) -> list[dict[str, str]]:
    """The entries of a many-valued field, the main one first."""
    main = str(post.get(f"{ask.key}-primary", ""))
    found = []
    for n in _numbers(ask.key, post):
        entry = {
            "value": tidy(post.get(f"{ask.key}-{n}-value")).strip(),
            "label": tidy(post.get(f"{ask.key}-{n}-kind")),
        }
        if entry["value"]:
            found.insert(0 if n == main else len(found), entry)
    return found


def _read_addresses(ask: Ask, post: Mapping[str, Any]) -> list[dict[str, str]]:
    found = []
    for n in _numbers(ask.key, post):
        entry = {part: tidy(post.get(f"{ask.key}-{n}-{part}")).strip() for part in ADDRESS_PARTS}
        entry["country"] = _read_combobox(Ask(f"{ask.key}-{n}-country", "", COUNTRY), post)
        if any(entry.values()):
            found.append({**entry, "label": tidy(post.get(f"{ask.key}-{n}-kind"))})
    return found


def _read_week(ask: Ask, post: Mapping[str, Any]) -> dict[str, str]:
    """The hours of each day, as typed."""
    return {day: tidy(post.get(f"{ask.key}-{day}")).strip() for day in DAYS}


def _numbers(key: str, post: Mapping[str, Any]) -> list[str]:
    """The row numbers that were sent, in order."""
    seen = {name.split("-")[1]: None for name in post if name.startswith(f"{key}-") and name.count("-") == 2}
    return sorted((n for n in seen if n.isdecimal() and len(n) < 6), key=int)[:MOST_ROWS]


def _read_tags(ask: Ask, post: Any) -> list[str]:
    """Ticked ones, new ones, and without a script those typed, parted by commas."""
    given = post.getlist if hasattr(post, "getlist") else lambda name: [post[name]] if name in post else []
    typed = tidy(post.get(f"{ask.key}_text")).replace(";", ",").split(",")
    every = [*given(ask.key), *given(f"{ask.key}_new"), *typed]
    return [words for words in dict.fromkeys(tidy(tag).strip() for tag in every) if words]


_READERS: dict[str, Callable[[Ask, Any], Any]] = {
    "switch": _read_switch, "combobox": _read_combobox, "many": _read_rows, "addresses": _read_addresses,
    "tags": _read_tags, "week": _read_week,
}  # fmt: skip


# --- typed values ---------------------------------------------------------------------------------------------------


def parse_form(
    asks: Iterable[Ask], raw: Mapping[str, Any], *, by: Any, skip: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """(typed values by key, sentences by key of what cannot be taken). Keys in `skip` are left out."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    left_out = set(skip)
    for ask in asks:
        if ask.key in left_out:
            continue
        try:
            values[ask.key] = ask.kind.parse(raw[ask.key], actor=by)
        except Invalid as problem:
            errors[ask.key] = [clip(problem.message)]
    return values, errors


def clip(sentence: str) -> str:
    """A sentence that quotes something very long keeps its beginning and its end."""
    return sentence if len(sentence) <= CLIP else f"{sentence[: CLIP - 120]} … {sentence[-100:]}"


def fill(kind: Kind, value: Any) -> Any:
    """The raw form of a typed value: what its field shows, and what comes back when nobody touches it."""
    if kind.widget == "switch":
        return bool(value)
    if kind.widget == "tags":
        return list(value or [])
    if kind.widget == "many":
        return [{"value": _legible(kind, e["value"]), "label": e.get("label", "")} for e in value or []]
    if kind.widget == "addresses":
        return [{**{p: e.get(p, "") for p in ADDRESS_PARTS}, "label": e.get("label", "")} for e in value or []]
    if kind.widget == "week":
        return {day: (value or {}).get(day, "") for day in DAYS}
    return kind.edit(value)


def _legible(kind: Any, value: str) -> str:
    """An entry as people write it (a phone number in groups), where that means the same when it comes back."""
    shown = str(kind.one.show(value))
    try:
        return shown if kind.one.clean(shown) == value else value
    except Invalid:
        return value


def untouched(kind: Kind, raw: Any, base: Any) -> bool:
    """Whether a field came back as it was given out. `base`: the JSON form of the value then."""
    if isinstance(kind, Link):
        return str(raw or "") == str((base or {}).get("id", "") if isinstance(base, dict) else base or "")
    try:
        return bool(fill(kind, kind.blank if base is None else kind.load(base)) == raw)
    except (ValueError, TypeError, Invalid):
        return False  # not in this kind's form any more: what was sent is taken as an answer


def words_of(kind: Kind, raw: Any, actor: Any = None) -> str:
    """What a combobox shows for a chosen id or code; words that name nothing stand as they were typed."""
    if raw in EMPTY:
        return ""
    try:
        return kind.show(kind.parse(raw, actor=actor))
    except Invalid:
        return str(raw)


# --- fields for templates -------------------------------------------------------------------------------------------

TYPES = {"url": "url", "email": "email", "tel": "tel", "textarea": "textarea", "date": "date", "datetime": "datetime",
         "password": "password"}  # fmt: skip


def field_of(ask: Ask, raw: Any, *, errors: Iterable[str] = (), actor: Any = None, value: Any = None) -> Field:
    """The field for one ask, holding `raw`. value: the typed value where it is at hand, which saves a query for links."""
    made = Field(ask.key, ask.label, TYPES.get(ask.kind.widget, "text"), raw, list(errors), ask.help, ask.required)
    if made.type == "password":  # what was typed is not sent back, and no browser fills in somebody's own
        made.value, made.attributes = "", {"autocomplete": "new-password"}
    builder = _BUILDERS.get(ask.kind.widget)
    if builder is not None:
        builder(made, ask, raw, actor, value)
    return made


def _number(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    made.attributes = {"inputmode": "decimal"}
    if isinstance(ask.kind, Percent):
        made.unit = "%"
    elif isinstance(ask.kind, Duration):
        made.attributes, made.hint = {}, made.hint or _("Minutes, or such as 1 h 30 m")


def _money(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    made.type = "money"


def _select(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    made.type, made.choices = "select", [(str(k), str(v)) for k, v in ask.kind.options.items()]  # type: ignore[attr-defined]
    nothing = _("Choose…") if ask.required else str(ask.kind.none or _("not known"))
    made.blank = None if ask.required and raw else nothing
    if raw and raw not in dict(made.choices):
        made.choices.append((raw, raw))


def _combobox(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    made.type, made.src = "combobox", f"/pick/{_target(ask.kind)}"
    made.text = ask.kind.show(value) if value not in EMPTY else words_of(ask.kind, raw, actor)


def _target(kind: Kind) -> str:
    return kind.target.replace("_", "-") if isinstance(kind, Link) else kind.name.replace("_", "-")


def _rows(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    kind = ask.kind
    assert isinstance(kind, Many)
    made.type, made.row_type = "rows", kind.one.widget
    made.kinds = entry_labels(kind, (e["label"] for e in raw))
    made.rows = [
        {"value": e["value"], "kind": e["label"], "error": _wrong(kind, e) if made.error else None} for e in raw
    ]
    if any(row["error"] for row in made.rows):
        made.error = []  # said at the very entry


def _wrong(kind: Many, entry: dict[str, str]) -> str | None:
    try:
        kind.one.clean(entry["value"])
    except Invalid as problem:
        return clip(problem.message)
    return None


def _addresses(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    assert isinstance(ask.kind, Addresses)
    made.type, made.parts = "addresses", address_parts()
    made.kinds = entry_labels(ask.kind, (e["label"] for e in raw))
    made.rows = [{**e, "country_text": words_of(COUNTRY, e["country"])} for e in raw]


def _tags(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    made.type, made.src, made.create = "tags", f"/pick/tags/{ask.record}", _("Add")
    made.choices = [(tag, tag) for tag in raw]
    if isinstance(ask.kind, Choices) and ask.record:  # of a list that is there: nothing is added to it here
        made.src, made.create = f"/pick/choices/{ask.record}/{ask.key}", ""
        made.choices = [(key, ask.kind.one.show(key)) for key in raw]


def _week(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    made.type = "week"
    made.rows = [
        {
            "day": day,
            "label": words,
            "value": raw[day],
            "error": _refused(ask.kind, {day: raw[day]}) if made.error else None,
        }
        for day, words in day_names().items()
    ]
    if any(row["error"] for row in made.rows):
        made.error = []  # said at the very day


def _refused(kind: Kind, raw: Any) -> str | None:
    try:
        kind.parse(raw)
    except Invalid as problem:
        return clip(problem.message)
    return None


def _switch(made: Field, ask: Ask, raw: Any, actor: Any, value: Any) -> None:
    made.type = "checkbox"


_BUILDERS: dict[str, Callable[[Field, Ask, Any, Any, Any], None]] = {
    "number": _number, "money": _money, "select": _select, "combobox": _combobox, "many": _rows,
    "addresses": _addresses, "tags": _tags, "switch": _switch, "week": _week,
}  # fmt: skip


def pair_money(asks: Iterable[Ask], fields: dict[str, Field], chosen: Mapping[str, Any] | None = None) -> None:
    """Put the field of a currency beside its amount, or name the currency where it cannot be changed here.

    chosen: currency codes by column key, for rows whose form does not ask for the currency.
    """
    from kith.kernel.organisation.models import current

    for ask in asks:
        if not isinstance(ask.kind, Money):
            continue
        amount, currency = fields[ask.key], fields.get(ask.kind.currency)
        if currency is None:
            amount.unit = (chosen or {}).get(ask.kind.currency) or current().currency
            continue
        del fields[ask.kind.currency]
        currency.type, currency.value = "select", str(currency.value or "")
        currency.choices = currency_choices(currency.value)
        if not currency.value:  # the row follows the organisation's own currency
            own = current().currency
            currency.choices = [("", own), *(pair for pair in currency.choices if pair[0] != own)]
        amount.currency = currency
        amount.error += currency.error


def start_here(fields: Iterable[Field]) -> None:
    """Where a dialog begins: its first plain field, unless something is wrong, which is read first."""
    made = list(fields)
    if made and not any(f.error for f in made) and made[0].type not in ("rows", "addresses", "checkbox"):
        made[0].attributes = {**made[0].attributes, "autofocus": True}
