"""The points of a gate as lines of the card: what is missing says how to fill just that, wherever it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Rule
from kith.process.editor.words import say_rule
from kith.process.gates import Asked, ref_of
from kith.process.relationship import Relationship

# What is written down by hand, and in which part of the composer.
WRITTEN = {
    "activity.called": ("call", _("Log a call")), "activity.met": ("meeting", _("Write down a meeting")),
    "activity.noted": ("note", _("Write a note")), "mail.written": ("mail", _("Write")), "mail.sent": ("mail", _("Write")),
}  # fmt: skip
LINK = {("person", "company"): "company", ("deal", "company"): "company", ("deal", "person"): "contact"}
Line = dict[str, Any]


@dataclass(frozen=True)
class Filling:
    """Lines for one relationship beside `row`. What belongs to the customer is looked up once, and only where it is asked for."""

    actor: Actor
    found: Relationship
    row: Any

    def line(self, asked: Asked) -> Line:
        """`edit`: the address of a field to fill in place; `href`: where it is seen to, `over` the page or on its own."""
        need = asked.need
        line: Line = {
            "key": need.key, "label": asked.fault or need.says, "met": asked.met, "hand": need.by == "hand", "at": asked.at, "edit": "",
            "small": "", "href": "", "over": False,
        }  # fmt: skip
        return line if asked.met else line | self._way(asked)

    def _way(self, asked: Asked) -> Line:
        need = asked.need
        if asked.fault:
            mends = self.actor.can("settings.manage")
            mend = {
                "href": f"/settings/process/{self.found.definition.key}/",
                "small": __("Mend it under Settings, Process"),
            }
            return mend if mends else {}
        if need.by == "field":
            return self._field(need.of, need.column)
        if need.by in ("rule", "entry") and need.rule is not None:
            return self._rule(need.rule)
        if need.by == "handover":
            return {"small": __("Offered, not answered yet") if self.found.handover else __("Not offered yet")}
        return self._event(need.event) if need.by == "event" else {}

    def _field(self, of: str, key: str) -> Line:
        column, pk = registry[of].columns(self.actor).get(key), self.whose(of)
        if column is None:
            return {}
        small = __("Fill in %s") % column.label.lower()
        if pk and key in registry[of].writable(self.actor):
            return {"small": small, "edit": f"{registry[of].url(pk)}/cell/{key}?at=facts"}
        return {"small": small, "href": self._page(of, pk)}

    def _rule(self, rule: Rule) -> Line:
        """Its one field in place, or else the row that it looks at, or all of theirs that it may be true of."""
        small, key, pk = say_rule(rule, self.actor), _one_column(rule), self.whose(rule.of)
        if pk and key in registry[rule.of].writable(self.actor):
            return {"small": small, "edit": f"{registry[rule.of].url(pk)}/cell/{key}?at=facts"}
        return {"small": small, "href": self._page(rule.of, pk)}

    def _event(self, verb: str) -> Line:
        kind, words = WRITTEN.get(verb, ("", ""))
        if not kind or not self.actor.can("activity.create"):
            return {"small": __("Seen by itself when it happens")}
        record, pk = ref_of(self.found.journey)
        return {"small": str(words), "href": f"{registry[record].url(pk)}/say/{kind}", "over": True}

    def whose(self, of: str) -> int | None:
        """The row to look at: that on the page, the customer itself, their newest open deal, the one person there."""
        journey = self.found.journey
        if self.row._meta.model_name == of:
            return int(self.row.pk)
        known = {"company": journey.company_id, "person": journey.person_id, "journey": journey.pk}.get(of)
        return known or (self._deal if of == "deal" else self._person if of == "person" else None)

    @cached_property
    def _deal(self) -> int | None:
        pk: int | None = self._theirs("deal").filter(status="open").order_by("-pk").values_list("pk", flat=True).first()
        return pk

    @cached_property
    def _person(self) -> int | None:
        """The only one there; of several it is theirs to choose."""
        found = list(self._theirs("person").order_by("pk").values_list("pk", flat=True)[:2])
        return found[0] if len(found) == 1 else None

    def _theirs(self, of: str) -> Any:
        record, pk = ref_of(self.found.journey)
        return registry[of].rows(self.actor, archived=False).filter(**{LINK[of, record]: pk})

    def _page(self, of: str, pk: int | None) -> str:
        record, customer = ref_of(self.found.journey)
        if pk:
            return registry[of].url(pk) if of != self.row._meta.model_name else ""
        link = LINK.get((of, record))
        return f"/{registry[of].slug}/?{urlencode({'filter': f'{link}.is:{customer}'})}" if link else ""


def _one_column(rule: Rule) -> str:
    """The field of a rule that asks for one; "" for one that asks for several."""
    try:
        every = list(parse(rule.where).conditions())
    except KithError:
        return ""  # what cannot be read any more is named as a fault
    return every[0].column if len(every) == 1 else ""
