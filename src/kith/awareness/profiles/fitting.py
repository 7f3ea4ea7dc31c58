"""How well rows fit: each criterion met, not met or unknown, and the share of the weight that is met; kept for every row of
the type by one statement, and again for those that something happened to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, CharField, F, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.awareness.models import Fit, Profile, ProfileVersion, Sort
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Choice, Percent
from kith.kernel.lookups.compile import say_tree
from kith.kernel.lookups.finding import AnyOf
from kith.kernel.lookups.tree import Condition, Group, parse
from kith.kernel.organisation.models import cached, current
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry
from kith.kernel.segments.judging import Asked, ask, judge
from kith.kernel.segments.settling import concerned
from kith.kernel.segments.trees import KITH, read_through
from kith.kernel.segments.watching import worked_out
from kith.kernel.zones import zone

MET, UNMET, UNKNOWN = "+", "-", "?"
FEW = 50  # percent from which a persona is somebody's
STORE = """
    INSERT INTO awareness_fit (profile_id, number, row_id, verdicts, share, known, at)
    SELECT %s, %s, judged.id, judged.verdicts, judged.share, judged.known, statement_timestamp()
    FROM ({sql}) AS judged (id, verdicts, share, known)
    ON CONFLICT (row_id, profile_id, number) DO UPDATE
    SET verdicts = excluded.verdicts, share = excluded.share, known = excluded.known, at = excluded.at
    WHERE awareness_fit.verdicts <> excluded.verdicts
    RETURNING row_id
"""


@dataclass(frozen=True)
class Live:
    """A version in force. `trees` and `weights` go with `criteria` by place."""

    pk: int
    key: str
    name: str
    sort: str
    subject: str
    number: int
    criteria: tuple[dict[str, Any], ...]

    @property
    def trees(self) -> list[Group]:
        return [tree_of(one) for one in self.criteria]

    @property
    def weights(self) -> list[int]:
        return [int(one["weight"]) for one in self.criteria]


def tree_of(criterion: dict[str, Any]) -> Group:
    """The filter tree of a published criterion; one that cannot be read any more means nothing."""
    try:
        return parse(criterion["conditions"])
    except Invalid:
        return Group("all", (Condition(str(criterion["conditions"])[:60], "?"),))


def in_force() -> tuple[Live, ...]:
    """Every profile with a version in force, kept until the configuration changes."""
    found: tuple[Live, ...] = cached("awareness.profiles", _load, ("profile",))
    return found


def _load() -> tuple[Live, ...]:
    rows = ProfileVersion.objects.filter(profile__archived_at__isnull=True, number=F("profile__number"))
    return tuple(
        Live(
            v.profile_id, v.profile.key, v.profile.name, v.profile.sort, v.profile.subject, v.number, tuple(v.criteria)
        )
        for v in rows.select_related("profile").order_by("profile__name")
    )


def types() -> frozenset[str]:
    """Types whose events may change how well somebody fits."""
    found: frozenset[str] = cached("awareness.types", _types, ("profile",))
    return found


def _types() -> frozenset[str]:
    return frozenset(
        name for one in in_force() for name in (one.subject, *(t for _l, t in read_through(one.subject, one.trees)))
    )


def look(rows: dict[str, dict[int, Any]]) -> dict[str, list[int]]:
    """Judge rows again that something happened to, and those that link to them; returns those that fit otherwise now."""
    changed: dict[str, list[int]] = {}
    for one in in_force():
        if pks := list(concerned(one.subject, read_through(one.subject, one.trees), rows)):
            changed.setdefault(one.subject, []).extend(store(one, pks))
    return changed


@transaction.atomic
def store_all(one: Live) -> None:
    """The same for all rows, and segments look again at those that fit otherwise now."""
    worked_out(one.subject, store(one))


def store(one: Live, pks: Sequence[int] | None = None) -> list[int]:
    """Write what the version says of these rows, or of all; returns the rows of which it says something else now."""
    record = registry[one.subject]
    rows = record.rows(KITH, archived=False)
    rows = rows if pks is None else rows.filter(AnyOf("pk", list(pks)))
    with timezone.override(zone(current().time_zone)):
        asked = [ask(record, tree, KITH) for tree in one.trees]
        for each in asked:
            rows = rows.alias(**each.aliases)
        # Names that no column, and nothing another room hangs on these rows, has.
        rows = rows.order_by().annotate(
            fitting_signs=_signs(asked),
            fitting_share=_share(asked, one.weights, MET),
            fitting_known=_share(asked, one.weights, MET + UNMET),
        )
        try:
            sql, params = (
                rows.values_list("pk", "fitting_signs", "fitting_share", "fitting_known")
                .query.get_compiler(rows.db)
                .as_sql()
            )
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(STORE.format(sql=sql), [one.pk, one.number, *params])
            return [pk for (pk,) in cursor.fetchall()]


def _sign(each: Asked) -> Any:
    return Case(
        When(each.met, then=Value(MET)),
        When(each.blank, then=Value(UNKNOWN)),
        default=Value(UNMET),
        output_field=CharField(),
    )


def _signs(asked: list[Asked]) -> Any:
    signs = [_sign(each) for each in asked]
    return signs[0] if len(signs) == 1 else Concat(*signs, output_field=CharField())


def _share(asked: list[Asked], weights: list[int], signs: str) -> Any:
    """Percent of the weight whose criteria have one of these signs."""
    total: Any = Value(0, IntegerField())
    for each, weight in zip(asked, weights, strict=True):
        counts = [When(each.met, then=Value(weight))]
        if UNMET in signs:
            counts.append(When(each.blank, then=Value(0)))
        default = Value(weight if UNMET in signs else 0)
        total = total + Case(*counts, default=default, output_field=IntegerField())
    return (total * 100 + sum(weights) // 2) / sum(weights)


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One criterion and what it says of a row: "+", "-" or "?"."""

    label: str
    words: str
    weight: int
    note: str
    sign: str


@dataclass(frozen=True)
class Result:
    """What a version says of a row; `at` is None when it was worked out now."""

    profile: int
    name: str
    sort: str
    number: int
    share: int
    known: int
    lines: list[Line]
    at: Any = None


def results_now(actor: Any, subject: str, pk: int) -> list[Result]:
    """What every version in force says of a row now; ideal customers first. Two queries for each profile at most."""
    out = []
    record = registry[subject]
    for one in in_force():
        if one.subject != subject:
            continue
        with timezone.override(zone(current().time_zone)):
            truth = judge(record, one.trees, [pk], KITH).get(pk)
        if truth is not None:
            signs = "".join({True: MET, False: UNMET, None: UNKNOWN}[met] for met in truth)
            out.append(_result(one.pk, one.name, one.sort, one.number, list(one.criteria), signs, subject, actor))
    return sorted(out, key=lambda r: (r.sort != Sort.ICP, -r.share, r.name))


def results_then(actor: Any, subject: str, pk: int) -> list[Result]:
    """What versions that are no longer in force last said of a row, newest first, by their own criteria."""
    kept = Fit.objects.filter(row_id=pk, profile__subject=subject).exclude(number=F("profile__number"))
    fits = list(kept.select_related("profile").order_by("-at", "-pk")[:50])
    versions = {
        (v.profile_id, v.number): v for v in ProfileVersion.objects.filter(profile__in={f.profile_id for f in fits})
    }
    return [
        _result(f.profile_id, f.profile.name, f.profile.sort, f.number, v.criteria, f.verdicts, subject, actor, f.at)
        for f in fits if (v := versions.get((f.profile_id, f.number)))
    ]  # fmt: skip


def _result(pk: int, name: str, sort: str, number: int, criteria: list[dict[str, Any]], signs: str, subject: str,
            actor: Any, at: Any = None) -> Result:  # fmt: skip
    lines = [
        Line(c["label"], say_tree(registry[subject], tree_of(c), actor), int(c["weight"]), c.get("note", ""), sign)
        for c, sign in zip(criteria, signs, strict=False)
    ]
    total = sum(line.weight for line in lines) or 1
    share, known = (
        round(100 * sum(line.weight for line in lines if line.sign in which) / total) for which in (MET, MET + UNMET)
    )
    return Result(pk, name, sort, number, share, known, lines, at)


# --- columns lent to people and companies -----------------------------------------------------------------------------


def personas() -> dict[str, str]:
    """{key: name} of the personas."""
    found: dict[str, str] = cached("awareness.personas", _personas)
    return found


def _personas() -> dict[str, str]:
    rows = Profile.objects.filter(sort=Sort.PERSONA, archived_at__isnull=True).order_by("name")
    return dict(rows.values_list("key", "name"))


class PersonaKey(Choice):
    """A persona by its key. They are the organisation's own, so no schema lists them."""

    name, customisable = "persona_key", False

    def __init__(self) -> None:
        super().__init__(personas)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


LENT = frozenset({"list", "filter"})  # not what programs and files are sent, which would ask for it row by row


def _theirs(sort: str, subject: str) -> Any:
    fits = Fit.objects.filter(row_id=OuterRef("pk"), number=F("profile__number"), profile__archived_at__isnull=True)
    return fits.filter(profile__sort=sort, profile__subject=subject).order_by("-share", "profile_id")


def fit_column(subject: str) -> Facts:
    """How well a row fits the ideal customer it fits best, in percent of the weight."""
    return Facts(
        kind=Percent(),
        label=_("Fits our ideal"),
        faces=LENT,
        expr=Subquery(_theirs(Sort.ICP, subject).values("share")[:1]),
    )


def persona_column(subject: str) -> Facts:
    """The persona that somebody fits best, if they fit it at least half."""
    best = _theirs(Sort.PERSONA, subject).filter(share__gte=FEW).values("profile__key")[:1]
    return Facts(kind=PersonaKey(), label=_("Persona"), faces=LENT, expr=Subquery(best))


def look_again_later() -> None:
    """Work every profile out anew, without what was kept of rows that are gone: a job for each."""
    for one in in_force():
        Fit.objects.filter(profile=one.pk).delete()
        enqueue("awareness.fit", key=f"awareness.fit:{one.pk}", profile=one.pk)
