"""The composer of a record page: which kinds of entries can be written, the fields of the one chosen, what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput, NotAllowed, NotFound
from kith.ui.forms import Ask, Field, clip, field_of, fill, pair_money, read_form
from kith.ui.pages.row import Opened
from kith.ui.panels import Composer, composers_of, next_step

STATUS = ((NotAllowed, 403), (NotFound, 404), (Conflict, 409))


@dataclass
class Writing:
    """The composer as it stands: one kind chosen, its values, what is wrong with them."""

    opened: Opened
    composer: Composer
    kinds: list[dict[str, Any]]
    raw: dict[str, Any]
    sent: Mapping[str, Any] | None
    user: int
    focus: bool = False  # asked for by a key: it takes the focus when it arrives
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.composer.kind

    @property
    def action(self) -> str:
        return f"{self.opened.url}/compose/{self.kind}"

    @property
    def draft(self) -> str:
        """Unsent words belong to one colleague and one row, whatever kind of entry they become."""
        return f"{self.user}-{self.opened.record.name}-{self.opened.row.pk}"

    @property
    def asks(self) -> list[Ask]:
        return [Ask.of_input(i) for i in self.composer.action.inputs]

    @property
    def has_body(self) -> bool:
        return any(ask.key == self.composer.body for ask in self.asks)

    @property
    def body_first(self) -> bool:
        """Whether the words are what it is about, or details to something that has a name of its own."""
        return any(i.key == self.composer.body and i.required for i in self.composer.action.inputs)

    @property
    def body_label(self) -> str:
        return next(i.label for i in self.composer.action.inputs if i.key == self.composer.body)

    @property
    def loose(self) -> list[str]:
        """What is wrong with the entry as a whole, where fields say their own."""
        known = {*self.fields, self.composer.body}
        return [m for key, messages in self.errors.items() if key not in known for m in messages]

    @property
    def body(self) -> str:
        return str(self.raw.get(self.composer.body, ""))

    @property
    def raw_sent(self) -> dict[str, Any]:
        """Raw inputs for the action: those that the form had; the others keep their defaults."""
        sent = self.sent or {}
        return {a.key: self.raw[a.key] for a in self.asks if a.kind.widget == "switch" or was_sent(a.key, sent)}

    @property
    def problem(self) -> str:
        """What is wrong with the words themselves, or with the entry as a whole."""
        shown = set(self.fields)
        return " ".join(m for key, messages in self.errors.items() if key not in shown for m in messages)

    @property
    def fields(self) -> dict[str, Field]:
        """Every input but the large one, as fields."""
        asks = [a for a in self.asks if a.key != self.composer.body]
        made = {
            a.key: field_of(a, self.raw[a.key], errors=self.errors.get(a.key, ()), actor=self.opened.actor)
            for a in asks
        }
        pair_money(asks, made)
        for key in (i.key for i in self.composer.action.inputs if i.given):
            made[key].type = "hidden"
        return made

    @property
    def foot(self) -> dict[str, Any] | None:
        """Template and context of the control at the foot."""
        step = next_step()
        given = step.context(self.opened.actor, self.opened.row) if step else None
        return {"template": step.template, **given, "sent": self.sent or {}} if step and given is not None else None

    def refused(self, problem: KithError) -> int:
        """Take a refusal into the composer; returns the status to answer with."""
        self.errors = {"": [problem.message]}
        if isinstance(problem, InvalidMany):
            self.errors = {key: [clip(str(m)) for m in messages] for key, messages in problem.errors.items()}
        elif isinstance(problem, NeedsInput):
            missing = {key: [_("This is needed.")] for key in problem.inputs}
            self.errors = {**missing, **{k: [clip(m) for m in v] for k, v in problem.errors.items()}} or {
                "": [problem.message]
            }
            if self.composer.body in problem.inputs:
                self.errors[self.composer.body] = [_("Write something first.")]
        elif isinstance(problem, Invalid):
            self.errors = {problem.field: [clip(problem.message)]}
        return next((status for kind, status in STATUS if isinstance(problem, kind)), 422)


def was_sent(key: str, sent: Mapping[str, Any]) -> bool:
    """Whether a form had this field, under any of the names its widget sends."""
    return any(name == key or name.startswith((f"{key}-", f"{key}_text", f"{key}_new")) for name in sent)


def writing(
    request: HttpRequest, opened: Opened, kind: str = "", *, sent: Mapping[str, Any] | None = None
) -> Writing | None:
    """The composer for a kind (else the first); None where nothing may be written."""
    every = composers_of(opened.record, opened.row, opened.actor) if not opened.archived else []
    first = every[0] if any(not c.aside for c in every) else None
    chosen = next((c for c in every if c.kind == kind), first)
    if chosen is None:
        return None
    kinds = [
        {
            "label": c.label,
            "icon": c.icon,
            "href": f"{opened.url}/compose/{c.kind}?focus=1",  # whoever chose it wants to write
            "current": c is chosen,
            "hotkey": c.hotkey,
        }
        for c in every
    ]
    asks = [(Ask.of_input(i), i.default) for i in chosen.action.inputs]
    if sent is not None:
        raw = read_form([ask for ask, _default in asks], sent)
    else:
        raw = {ask.key: fill(ask.kind, ask.kind.blank if default is None else default) for ask, default in asks}
        # What the address says stands there already: the subject of a mail that is answered.
        raw |= read_form([ask for ask, _default in asks if was_sent(ask.key, request.GET)], request.GET)
    return Writing(opened, chosen, kinds, raw, sent, opened.actor.user_id or 0, bool(request.GET.get("focus")))
