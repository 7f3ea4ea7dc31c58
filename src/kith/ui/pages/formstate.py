"""The state of one form between browser and row: what is asked, what stands in the fields, what is wrong, what clashes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput, NotAllowed
from kith.kernel.kinds import EMPTY, Link
from kith.kernel.records.columns import Column
from kith.kernel.timeline.queries import last_changes
from kith.ui.filters import duration
from kith.ui.forms import Ask, Field, clip, field_of, fill, pair_money, start_here, untouched, words_of
from kith.ui.pages.base import base_url
from kith.ui.pages.row import Opened


@dataclass(frozen=True)
class Clash:
    """Two people, one value: who changed it meanwhile and when, theirs and yours in words."""

    who: str
    ago: str
    theirs: str
    yours: str


@dataclass
class FormState:
    """A form for a new row, and what an edit has in common with it."""

    record: Any
    actor: Actor
    columns: dict[str, Column]
    quick: bool = False
    opened: Opened | None = None
    raw: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    base: dict[str, Any] | None = None
    theirs: dict[str, Any] = field(default_factory=dict)
    clashes: dict[str, Clash] = field(default_factory=dict)
    alike: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def sections_of_keys(self) -> list[tuple[str, list[str]]]:
        """The record's own sections; quick add is one without a title; what an organisation added comes last."""
        if self.quick:
            return [("", list(self.columns))]
        named = [(str(s.title), [k for k in s.keys if k in self.columns]) for s in self.record.form]
        own = [k for k, c in self.columns.items() if c.custom]
        return [(title, keys) for title, keys in [*named, (_("Your own fields"), own)] if keys]

    @property
    def asks(self) -> list[Ask]:
        keys = dict.fromkeys(key for _title, keys in self.sections_of_keys for key in keys)
        return [Ask.of_column(self.columns[key]) for key in keys]

    def seen(self, request: HttpRequest) -> set[str]:
        """Ids of look-alikes that the person has been shown and saved past."""
        return set(request.POST.getlist("seen"))

    def refused(self, problem: KithError) -> int:
        """Take a refusal into the form; returns the status to answer with. Nothing typed is lost on the way."""
        if isinstance(problem, Conflict) and problem.values:
            self._clash(problem)
            return 409
        if isinstance(problem, InvalidMany):
            self.errors = {k: [clip(str(m)) for m in messages] for k, messages in problem.errors.items()}
        elif isinstance(problem, NeedsInput):
            self.errors = (
                problem.errors or {k: [_("This is needed.")] for k in problem.inputs} or {"": [problem.message]}
            )
        elif isinstance(problem, Invalid):
            self.errors = {problem.field: [clip(problem.message)]}
        else:
            self.errors = {"": [problem.message]}
        return 403 if isinstance(problem, NotAllowed) else 409 if isinstance(problem, Conflict) else 422

    def _clash(self, problem: Conflict) -> None:
        assert self.opened is not None
        found = last_changes(self.record.name, self.opened.row.pk, problem.values)
        for key, (_base, theirs, yours) in problem.values.items():
            kind = self.columns[key].kind
            who, at = found.get(key, (_("Somebody"), None))
            who = _("You, elsewhere,") if who == self.actor.name else who
            now = words_of(kind, kind.edit(theirs), self.actor) if isinstance(kind, Link) else kind.show(theirs)
            self.clashes[key] = Clash(who, _ago(at), now or _("nothing"), kind.show(yours) or _("nothing"))
            self.theirs[key] = kind.dump(theirs)

    def fields(self) -> dict[str, Field]:
        made = {}
        for ask in self.asks:
            errors = self.errors.get(ask.key, ())
            made[ask.key] = field_of(
                ask, self.raw[ask.key], errors=errors, actor=self.actor, value=self.typed.get(ask.key)
            )
            made[ask.key].clash = self.clashes.get(ask.key)
        chosen = (
            {k: c.get(self.opened.row) for k, c in self.record.columns().items() if k == "currency"}
            if self.opened
            else {}
        )
        pair_money(self.asks, made, chosen)
        return made

    def context(self, request: HttpRequest) -> dict[str, Any]:
        fields = self.fields()
        if self.quick:
            start_here(fields.values())
        sections = [(t, [fields[k] for k in keys if k in fields]) for t, keys in self.sections_of_keys]
        back = self.opened.url if self.opened else base_url(self.record)
        return {
            "record": self.record, "opened": self.opened, "sections": sections, "quick": self.quick,
            "problems": self._problems(fields), "clashes": self.clashes, "alike": self.alike, "back": back,
            "base": None if self.base is None else json.dumps(self.base), "theirs": json.dumps(self.theirs),
            "action": request.path, "own": None, "apart": None, "has_duplicates": callable(getattr(self.record, "duplicates", None)),
        }  # fmt: skip

    def _problems(self, fields: dict[str, Field]) -> list[Any]:
        """For the list above the form: (field id, sentence), or the sentence alone where there is no field."""
        out: list[Any] = []
        for key, sentences in self.errors.items():
            made = fields.get(key)
            for sentence in sentences:
                out.append((made.id, f"{made.label}: {sentence}") if made else sentence)
        return out


class EditForm(FormState):
    """A form for a row that is there: it knows the values it started from."""

    def settle(self, request: HttpRequest) -> None:
        """What the person chose where two values clashed: `keep` insists on theirs, `take` yields to the other's."""
        shown = load_json(request.POST.get("theirs", ""))
        for key in request.POST.getlist("keep") + request.POST.getlist("take"):
            if key not in shown or key not in self.columns or self.base is None:
                continue
            self.base[key] = shown[key]
            if key in request.POST.getlist("take"):
                self.raw[key] = _raw_again(self.columns[key].kind, shown[key])

    def touched(self) -> list[Ask]:
        base = self.base or {}
        return [a for a in self.asks if a.key not in base or not untouched(a.kind, self.raw[a.key], base[a.key])]


def base_of(request: HttpRequest, now: dict[str, Any]) -> dict[str, Any]:
    """The values the form was given out with; a form that lost them counts as given out now."""
    return {**now, **{k: v for k, v in load_json(request.POST.get("base", "")).items() if k in now}}


def _raw_again(kind: Any, data: Any) -> Any:
    """The raw form of a value in JSON form; what is no value of this kind reads as nothing."""
    try:
        return fill(kind, kind.blank if data is None else kind.load(data))
    except (ValueError, TypeError, KeyError, AttributeError, Invalid):
        return fill(kind, kind.blank)


def load_json(text: str) -> dict[str, Any]:
    """What a hidden field carried; anything that is not what we put there reads as nothing."""
    try:
        data = json.loads(text)
        sound = "\x00" not in json.dumps(data, ensure_ascii=False).encode().decode()
    except (ValueError, RecursionError):
        return {}
    return data if sound and isinstance(data, dict) else {}


def needed(asks: Iterable[Ask], raw: Mapping[str, Any], errors: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is missing too, so that a person hears of everything at once."""
    return {
        a.key: [_("%s is needed.") % a.label]
        for a in asks
        if a.required and raw[a.key] in EMPTY and a.key not in errors
    }


def same(a: Any, b: Any) -> bool:
    """Whether two JSON forms mean the same value; links by their id, for the name may have changed."""
    if isinstance(a, dict) and isinstance(b, dict) and "id" in a:
        return bool(a["id"] == b.get("id"))
    return bool(a == b or (a in EMPTY and b in EMPTY))


def _ago(at: Any) -> str:
    return _("a moment ago") if at is None else _("%s ago") % duration(max((timezone.now() - at).total_seconds(), 1))
