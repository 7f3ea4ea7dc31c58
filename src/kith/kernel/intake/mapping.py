"""The mapping document: which column of a file goes where, and how its words become ours. One readable JSON file.

    {"kith_mapping": 1, "type": "deal", "source": "maven",
     "columns": {"opportunity_id": {"to": "external_id"},
                 "product": {"to": "product", "values": {"GTXPro": "GTX Pro"}, "missing": "reject"},
                 "engage_date": [{"to": "opened_on"}, {"to": "created_at"}],
                 "remarks": null},
     "constants": {"currency": "USD"}, "compose": {"name": "{account}: {product}"},
     "match": ["external_id"], "existing": "fill", "duplicates": "reject"}

The same document is proposed by `propose`, edited in the browser, saved, downloaded and given to `--map`. What is not
said follows the defaults below; docs/users/importing.md describes every word of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.text import fold

VERSION = 1
LONGEST_TEXT, LONGEST_NAME, LONGEST_SOURCE = 2_000, 120, 60  # characters of what a mapping says, its name, its system
LONGEST = 2_000_000  # characters of a mapping file
MISSING = ("reject", "create", "blank", "wait")  # what to do with a link to something that is not there
INVALID = ("reject", "blank")  # what to do with a value that cannot be read
BY = ("", "name", "external_id", "id", "email")  # what a link is given by; "" tries external id, then name
EXISTING = ("fill", "overwrite", "skip", "reject")  # what to do with a row that is there already
DUPLICATES = ("reject", "merge")  # what to do with a second row of the file that is the same
ORDERS = ("", "DMY", "MDY", "YMD")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One column of the file (`header`) into one column of ours (`to`). See docs/users/importing.md."""

    header: str
    to: str
    values: AnyMapping[str, str | None] = field(default_factory=dict)  # words of the file -> ours; None means blank
    blank: tuple[str, ...] = ()  # words that mean "not known"
    invalid: str = "reject"
    split: bool = False  # a full name into first and last name
    multiply: str = ""
    order: str = ""  # of day, month and year
    decimal: str = ""  # the sign before decimals
    region: str = ""  # country of phone numbers written without one
    label: str = ""  # of an e-mail, phone, address: "work"
    slot: str = ""  # which e-mail, phone or address the parts belong to
    by: str = ""
    source: str = ""  # system of the external id, when not the mapping's own
    missing: str = ""  # "" = wait for external ids, reject names
    entered: str = ""  # with to="history": the stage entered at this moment
    new_field: AnyMapping[str, Any] | None = None  # the custom field to make: {"label": …, "kind": …}

    @property
    def target(self) -> str:
        """The column of ours, without a part such as ".city"."""
        return self.to if self.to.startswith("custom.") else self.to.partition(".")[0]

    @property
    def part(self) -> str:
        return "" if self.to.startswith("custom.") else self.to.partition(".")[2]

    def dump(self) -> dict[str, Any]:
        out = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "header"}
        defaults = {f.name: f.default for f in fields(self)}
        kept = {k: v for k, v in out.items() if k == "to" or (v != defaults[k] and v not in ({}, (), None, ""))}
        return {
            k: list(v) if isinstance(v, tuple) else dict(v) if isinstance(v, AnyMapping) else v for k, v in kept.items()
        }


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A whole mapping. `left_out` are columns known to go nowhere: they stay beside the imported row."""

    type: str
    name: str = ""
    note: str = ""
    source: str = ""
    read: AnyMapping[str, Any] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    left_out: tuple[str, ...] = ()
    constants: AnyMapping[str, Any] = field(default_factory=dict)
    compose: AnyMapping[str, str] = field(default_factory=dict)
    match: tuple[str, ...] | None = None  # None: the first of the type's own that is mapped
    existing: str = "fill"
    duplicates: str = "reject"
    ensure: AnyMapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    then: tuple[str, ...] = ()  # what follows once the file is in, see `afterwards`

    def of(self, header: str) -> list[Entry]:
        return [e for e in self.entries if e.header == header]

    def to(self, key: str) -> list[Entry]:
        return [e for e in self.entries if e.to == key]

    def fitted(self, headers: Iterable[str]) -> Mapping:
        """The same with the file's own spelling of the column names, where only case, spaces or signs differ."""
        spelled = {_plain(h): h for h in headers}
        exact = set(headers)

        def own(header: str) -> str:
            return header if header in exact else spelled.get(_plain(header), header)

        return replace(
            self, entries=tuple(replace(e, header=own(e.header)) for e in self.entries),
            left_out=tuple(own(h) for h in self.left_out),
        )  # fmt: skip

    def in_order_of(self, headers: Iterable[str]) -> Mapping:
        """The same with its columns in the order of the file: the database does not keep that of a document."""
        at = {h: n for n, h in enumerate(headers)}
        return replace(
            self, entries=tuple(sorted(self.entries, key=lambda e: at.get(e.header, len(at)))),
            left_out=tuple(sorted(self.left_out, key=lambda h: at.get(h, len(at)))),
        )  # fmt: skip

    def dump(self) -> dict[str, Any]:
        """The document, without what follows from the defaults."""
        columns: dict[str, Any] = {}
        for e in self.entries:
            columns.setdefault(e.header, []).append(e.dump())
        shown = {h: found[0] if len(found) == 1 else found for h, found in columns.items()}
        out: dict[str, Any] = {"kith_mapping": VERSION, "type": self.type}
        for key in ("name", "note", "source", "read"):
            if getattr(self, key):
                out[key] = getattr(self, key)
        out["columns"] = {**shown, **{h: None for h in self.left_out if h not in shown}}
        for key in ("constants", "compose", "ensure"):
            if getattr(self, key):
                out[key] = dict(getattr(self, key))
        if self.then:
            out["then"] = list(self.then)
        if self.match is not None:
            out["match"] = list(self.match)
        return {**out, "existing": self.existing, "duplicates": self.duplicates}


def _plain(header: str) -> str:
    return "".join(c for c in fold(header) if c.isalnum())


def read_mapping(text: str | bytes, name: str = "") -> Mapping:
    """A mapping from the text of its file. Raises Invalid with the place that is wrong."""
    name = name or _("the mapping")
    if len(text) > LONGEST:
        raise Invalid(_("%s is too long to be a mapping.") % name)
    try:
        data = json.loads(text)
    except UnicodeDecodeError:
        raise Invalid(_("%s is no text; a mapping is a JSON file.") % name) from None
    except json.JSONDecodeError as problem:
        raise Invalid(
            _("%(name)s is no JSON: %(why)s in line %(line)d.")
            % {"name": name, "why": problem.msg, "line": problem.lineno}
        ) from None
    except RecursionError:
        raise Invalid(_("%s is nested too deeply to be a mapping.") % name) from None
    return load(data)


def load(data: Any) -> Mapping:
    """A mapping from its document. Raises Invalid."""
    if not isinstance(data, dict) or "kith_mapping" not in data:
        raise Invalid(_("This is no mapping: a mapping begins with “kith_mapping”: 1."))
    if data["kith_mapping"] != VERSION:
        raise Invalid(
            _("This mapping has version %(n)s; this Kith reads version %(ours)s.")
            % {"n": data["kith_mapping"], "ours": VERSION}
        )
    known = {"kith_mapping", "type", "name", "note", "source", "read", "columns", "constants", "compose", "match",
             "existing", "duplicates", "ensure", "then"}  # fmt: skip
    _only(data, known, _("the mapping"))
    entries, left_out = _columns(_object(data, "columns"))
    match, then = data.get("match"), data.get("then", [])
    if match is not None and not (isinstance(match, list) and all(isinstance(k, str) for k in match)):
        raise Invalid(_("“match” is a list of columns."))
    if not (isinstance(then, list) and all(isinstance(k, str) for k in then)):
        raise Invalid(_("“then” is a list of what follows once the file is in."))
    return Mapping(
        type=_text(data, "type"), name=_text(data, "name", LONGEST_NAME), note=_text(data, "note"), source=_text(data, "source", LONGEST_SOURCE),
        read=_object(data, "read"), entries=entries, left_out=left_out, constants=_object(data, "constants"),
        compose=_texts(_object(data, "compose"), "compose"), match=None if match is None else tuple(match),
        existing=_one_of(data, "existing", EXISTING), duplicates=_one_of(data, "duplicates", DUPLICATES),
        ensure=_ensure(_object(data, "ensure")), then=tuple(dict.fromkeys(then)),
    )  # fmt: skip


def _columns(raw: dict[str, Any]) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    entries, left_out = [], []
    for header, given in raw.items():
        if given is None:
            left_out.append(header)
            continue
        for one in given if isinstance(given, list) else [given]:
            entries.append(_entry(header, {"to": one} if isinstance(one, str) else one))
    return tuple(entries), tuple(left_out)


def _entry(header: str, raw: Any) -> Entry:
    where = _("the column “%s”") % header
    if not isinstance(raw, dict) or not isinstance(raw.get("to"), str) or not raw["to"]:
        raise Invalid(_("%s needs “to”: the column of Kith it goes into.") % where.capitalize())
    _only(raw, {f.name for f in fields(Entry)} - {"header"}, where)
    multiply = raw.get("multiply", "")
    try:
        if multiply != "" and not Decimal(str(multiply)).is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise Invalid(_("“multiply” of %s must be a number.") % where) from None
    values = _object(raw, "values")
    if any(not isinstance(v, str | type(None)) for v in values.values()):
        raise Invalid(_("“values” of %s gives a text, or null, for each word.") % where)
    blank = raw.get("blank", [])
    if not isinstance(blank, list) or any(not isinstance(b, str) for b in blank):
        raise Invalid(_("“blank” of %s is a list of words.") % where)
    new = _object(raw, "new_field") or None
    if new and not (
        raw["to"].startswith("custom.") and isinstance(new.get("label"), str) and isinstance(new.get("kind"), str)
    ):
        raise Invalid(_("“new_field” of %s needs a label, a kind, and “to”: “custom.…”.") % where)
    return Entry(
        header=header, to=raw["to"], values=values, blank=tuple(blank), multiply=str(multiply), new_field=new,
        split=bool(raw.get("split", False)), invalid=_one_of(raw, "invalid", INVALID), order=_one_of(raw, "order", ORDERS),
        decimal=_one_of(raw, "decimal", ("", ".", ",")), by=_one_of(raw, "by", BY), missing=_one_of(raw, "missing", ("", *MISSING)),
        **{key: _text(raw, key) for key in ("region", "label", "slot", "source", "entered")},
    )  # fmt: skip


def _ensure(raw: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    for name, rows in raw.items():
        if not isinstance(rows, list) or any(not isinstance(r, dict) for r in rows):
            raise Invalid(_("“ensure” of “%s” is a list of rows.") % name)
    return raw


def _only(data: dict[str, Any], known: set[str], where: str) -> None:
    if unknown := [k for k in data if k not in known]:
        raise Invalid(
            _("“%(key)s” means nothing in %(where)s; known are: %(all)s.")
            % {"key": unknown[0], "where": where, "all": ", ".join(sorted(known))}
        )


def _object(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key) or {}
    if not isinstance(found, dict):
        raise Invalid(_("“%s” stands in braces: {“…”: …}.") % key)
    return found


def _texts(found: dict[str, Any], key: str) -> dict[str, str]:
    if any(not isinstance(v, str) for v in found.values()):
        raise Invalid(_("“%s” gives a text for each column.") % key)
    return found


def _text(data: dict[str, Any], key: str, most: int = LONGEST_TEXT) -> str:
    found = data.get(key, "")
    if not isinstance(found, str):
        raise Invalid(_("“%s” must be text.") % key)
    if len(found) > most:
        raise Invalid(
            _("“%(key)s” has %(n)d characters; the most that fit are %(max)d.")
            % {"key": key, "n": len(found), "max": most}
        )
    return found


def _one_of(data: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
    found = data.get(key, known[0])
    if found not in known:
        raise Invalid(_("“%(key)s” is one of: %(all)s.") % {"key": key, "all": ", ".join(k for k in known if k)})
    return str(found)
