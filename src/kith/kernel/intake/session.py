"""Recognising, making and changing the rows of one record type during a run, a batch at a time.

New rows go through `bulk_create`, changed ones through `change_many` or the type's own `edit`: every rule of a form holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.customfields.models import CustomField
from kith.kernel.customfields.queries import custom_kind
from kith.kernel.errors import InvalidMany, KithError
from kith.kernel.intake import pending
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.links import Links
from kith.kernel.intake.mapping import Mapping
from kith.kernel.intake.matching import Matcher, flush_pending
from kith.kernel.kinds import EMPTY, Link, Many, Tags, TeamLink
from kith.kernel.records import actions
from kith.kernel.records.actions import missing
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.columns import Column, Facts
from kith.kernel.records.models import ExternalId
from kith.kernel.timeline.change import change_many


def importable(record: Any, actor: Actor, mapping: Mapping | None = None) -> dict[str, Column]:
    """Columns a file may bring: what the actor may write or say of a new row, and fields the mapping asks for."""
    columns = record.columns(actor)
    out = {k: c for k, c in record.writable(actor).items() if "import" in c.facts.faces}
    out |= {k: columns[k] for k in getattr(record, "at_creation", ()) if k in columns}
    for entry in mapping.entries if mapping else ():
        if entry.new_field and entry.to not in out:
            out[entry.to] = _field_to_be(record.name, entry.to, entry.new_field)
    return out


def _field_to_be(record: str, to: str, new: Any) -> Column:
    key = to.removeprefix("custom.")
    kind = custom_kind(
        CustomField(record=record, key=key, label=new["label"], kind=new["kind"], options=new.get("options", {}))
    )
    return Column(to, new["label"], kind, Facts(), f"custom__{key}", record, custom=key)


class RecordSession:
    def __init__(
        self, record: Any, mapping: Mapping, columns: dict[str, Column], actor: Actor, lane: str, run: int | None
    ):
        self.record, self.mapping, self.columns, self.actor, self.run = record, mapping, columns, actor, run
        self.links = Links(mapping, columns, actor, lane)
        self.matcher = Matcher(record, mapping, columns, actor)
        self.policy = mapping.existing

    def resolve(self, drafts: list[Draft]) -> None:
        self.links.resolve(drafts)
        self.matcher.recognise([d for d in drafts if not d.refused])

    def forget(self) -> None:
        self.links.forget()

    def dump(self, draft: Draft) -> dict[str, Any]:
        out = {}
        for key, value in draft.values.items():
            column = self.columns.get(key)
            out[key] = column.kind.dump(value) if column is not None else [[str(stage), at] for stage, at in value]
        return out

    def find(self, drafts: list[Draft]) -> None:
        self.matcher.find(drafts)
        self._check_reach([d for d in drafts if d.existing is not None])

    def _check_reach(self, drafts: list[Draft]) -> None:
        """A row that is seen but may not be changed is refused by name; one that is not seen was never found."""
        pks = {d.existing.pk for d in drafts}
        if not pks or self.policy == "skip":
            return
        may = set(self.record.rows(self.actor, "edit").filter(pk__in=pks).values_list("pk", flat=True))
        for draft in drafts:
            if draft.existing.pk not in may:
                draft.refuse(_("%s is there already and you may not change it.") % self.record.name_of(draft.existing))

    def write(self, drafts: list[Draft]) -> None:
        drafts = [d for d in drafts if not d.refused]
        if not drafts:
            return
        self._own_team(drafts)
        self._create([d for d in drafts if d.existing is None])
        self._update([d for d in drafts if d.existing is not None])
        done = [d for d in drafts if not d.refused and d.record_id]
        self._keep_external(done)
        pending.keep(self.run, self.record.name, self.columns, done)
        if self.actor.operation is not None:  # a dry run has none, and need not touch rows of other files
            pending.settle(self.record, done, self.mapping.source, self.actor)
        flush_pending(self.record)

    def _own_team(self, drafts: list[Draft]) -> None:
        """As with a form: what belongs to the importer belongs to their team, unless the file says otherwise."""
        if "team" not in self.columns or not self.actor.user_id or not self.actor.team_ids:
            return
        team = None
        for draft in drafts:
            owner = draft.values.get("owner")
            if (
                draft.existing is None
                and owner is not None
                and owner.pk == self.actor.user_id
                and "team" not in draft.values
            ):
                team = team or cast(TeamLink, self.columns["team"].kind).record.model.objects.get(
                    pk=min(self.actor.team_ids)
                )
                draft.values["team"] = team

    # --- new rows
    def _create(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        known = {*self.record.columns(), "history"}  # fields that a dry run only imagines are not among them
        items = [New({k: v for k, v in d.values.items() if k in known}, d.at) for d in drafts]
        rows = bulk_create(
            self.record, items, by=self.actor, refused=lambda n, problem: _refuse(drafts[n], problem, self.columns)
        )
        for draft, row in zip(drafts, rows, strict=True):
            if row is not None:
                draft.verdict, draft.record_id = "create", row.pk

    # --- rows that are there
    def _update(self, drafts: list[Draft]) -> None:
        changing = []
        for draft in drafts:
            draft.record_id = draft.existing.pk
            if self.policy == "reject":
                draft.refuse(_("%s is there already.") % self.record.name_of(draft.existing))
                continue
            draft.changes = {} if self.policy == "skip" else self._difference(draft)
            back = self.policy != "skip" and getattr(draft.existing, "archived_at", None) is not None
            draft.verdict = "update" if draft.changes or back else "unchanged"
            if back and not self._bring_back(draft):
                continue
            if draft.changes:
                changing.append(draft)
        if getattr(self.record, "edit", None) is not None:
            self._edit_singly(changing)
        elif changing:
            self._change_many(changing)

    def _bring_back(self, draft: Draft) -> bool:
        try:
            with transaction.atomic():
                draft.existing = actions.restore(self.record, draft.existing, by=self.actor)
        except KithError:
            draft.refuse(_("%s was archived and you may not bring it back.") % self.record.name_of(draft.existing))
            return False
        draft.notes.append(_("It was archived and is brought back."))
        return True

    def _change_many(self, drafts: list[Draft]) -> None:
        """One locked change per row; a row that several rows of the file mean is changed by each in turn."""
        by_pk: dict[int, Draft] = {}
        again = [d for d in drafts if by_pk.setdefault(d.existing.pk, d) is not d]

        def apply(row: Any) -> None:
            for key, value in self._wanted(row, by_pk[row.pk].values).items():
                self.columns[key].put(row, value)
            if lacking := missing(self.record, row, self.columns):
                raise InvalidMany(lacking)

        def refused(row: Any, problem: Any) -> None:
            _refuse(by_pk[row.pk], problem, self.columns)

        change_many([d.existing for d in by_pk.values()], apply, by=self.actor, refused=refused)
        if again:
            self._change_many(again)

    def _edit_singly(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            try:
                with transaction.atomic():
                    actions.edit(self.record, draft.existing, self._wanted(draft.existing, draft.values), by=self.actor)
            except KithError as problem:
                _refuse(draft, problem, self.columns)

    def _difference(self, draft: Draft) -> dict[str, list[Any]]:
        row = draft.existing
        wanted = self._wanted(row, draft.values)
        return {k: [self.columns[k].raw(row), self.columns[k].kind.dump(v)] for k, v in wanted.items()}

    def _wanted(self, row: Any, values: dict[str, Any]) -> dict[str, Any]:
        """What the policy changes on a row that is there: blanks only, or everything the file knows."""
        out = {}
        for key, value in values.items():
            column = self.columns.get(key)
            if column is None:  # a history belongs to new rows
                continue
            if isinstance(column.kind, Link) and not column.custom:
                held: Any = getattr(row, column.field.attname)
                if (held is None or self.policy == "overwrite") and held != value.pk:
                    out[key] = value
                continue
            held = column.get(row)
            if self.policy == "fill" and held not in EMPTY:
                value = joined(column.kind, held, value)
            if not column.kind.same(held, value):
                out[key] = value
        return out

    # --- ids of the other system
    def _keep_external(self, drafts: list[Draft]) -> None:
        """The first row to have an id keeps it; an id of a row the actor cannot see stays with that row, unsaid."""
        rows = [
            ExternalId(
                source=self.mapping.source, record=self.record.name, value=d.external, record_id=cast(int, d.record_id)
            )
            for d in drafts
            if d.external
        ]
        ExternalId.objects.bulk_create(rows, ignore_conflicts=True)


def joined(kind: Any, held: Any, value: Any) -> Any:
    """Lists keep what they have and gain what is new; anything else stays."""
    if isinstance(kind, Tags):
        return [*held, *(t for t in value if t.casefold() not in {h.casefold() for h in held})]
    if isinstance(kind, Many) and held and "value" in held[0]:
        known = {kind.key(e["value"]) for e in held}
        return [*held, *(e for e in value if kind.key(e["value"]) not in known)]
    return held


def _refuse(draft: Draft, problem: KithError, columns: dict[str, Column]) -> None:
    """A refusal of a rule, each sentence behind the field it speaks of."""
    errors = getattr(problem, "errors", None) or {getattr(problem, "field", ""): [problem.message]}
    for key, sentences in _flat(errors):
        label = columns[key].label if key in columns else ""
        for sentence in sentences:
            draft.refuse(sentence if not label or label in sentence else f"{label}: {sentence}")
    draft.verdict, draft.record_id = "", None


def _flat(errors: Any) -> Iterable[tuple[str, list[str]]]:
    for key, sentences in errors.items():
        yield key, [sentences] if isinstance(sentences, str) else [str(s) for s in sentences]
