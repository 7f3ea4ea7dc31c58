"""How much at risk an onboarding is, and why: what is known of the customer says so, or a colleague does.

Rooms of other steps say what they see: `register_sign(fn)`, where `fn(plans)` is {plan: what speaks for a risk}. The gravest
sign counts, and its words are the reason. What a colleague set holds until the day they named, or until they let go of it.
The rhythm of check-ins follows at once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import KithError
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.change import change
from kith.onboarding import events
from kith.onboarding.models import RUNNING, Plan, Risk
from kith.onboarding.moving import of_kith
from kith.onboarding.planning import keep_rhythm
from kith.ui.dates import full as say_day

SLIPPED_DAYS = 7  # later than planned at first, from which an onboarding is at risk
BATCH = 500
GRAVER = {Risk.LOW: 0, Risk.NORMAL: 1, Risk.HIGH: 2}
JOB = "onboarding.weigh"


@dataclass(frozen=True)
class Sign:
    """What speaks for a risk, in words for colleagues."""

    risk: Risk
    words: str


Reader = Callable[[Sequence[Plan]], dict[int, list[Sign]]]
_readers: list[Reader] = []


def register_sign(reader: Reader) -> None:
    """Ask `reader` for signs of plans that are on their way; a fixed number of queries, however many plans."""
    if reader not in _readers:
        _readers.append(reader)


def of_dates(plans: Sequence[Plan]) -> dict[int, list[Sign]]:
    """What the days of the plans themselves say."""
    today = timezone.localdate()
    out: dict[int, list[Sign]] = defaultdict(list)
    for plan in plans:
        if plan.first_value_on is None and plan.first_value_due and plan.first_value_due < today:
            out[plan.pk].append(Sign(Risk.HIGH, _("the first result was due on %s") % say_day(plan.first_value_due)))
        late = (plan.due_on - plan.first_due_on).days if plan.due_on and plan.first_due_on else 0
        if late > 0:
            said = ngettext("it ends %d day later than planned", "it ends %d days later than planned", late) % late
            out[plan.pk].append(Sign(Risk.HIGH if late >= SLIPPED_DAYS else Risk.NORMAL, said))
    return out


def judge(signs: Iterable[Sign]) -> tuple[Risk, str]:
    """(the gravest risk that the signs speak for, the words of those that do)."""
    told = list(signs)
    risk = max((one.risk for one in told), key=GRAVER.__getitem__, default=Risk.NORMAL)
    return risk, "; ".join(dict.fromkeys(one.words for one in told if one.risk == risk))[:400]


def weigh(plans: Sequence[Plan], *, by: Actor, failed: list[str] | None = None) -> int:
    """Bring the risk of these plans in line with what is known; returns how many moved. Those that a colleague holds stay,
    until their day is over. failed: takes in words what could not be weighed, which is raised without it."""
    today = timezone.localdate()
    free = [one for one in plans if one.is_running and not (one.risk_held and not _over(one, today))]
    signs: dict[int, list[Sign]] = defaultdict(list)
    for reader in (of_dates, *_readers) if free else ():
        for pk, some in reader(free).items():
            signs[pk] += some
    moved = 0
    for plan in free:
        try:
            moved += _put(plan, *judge(signs[plan.pk]), by)
        except (
            KithError
        ) as why:  # one plan, such as one whose template asks for a span that means nothing, keeps no other waiting
            if failed is None:
                raise
            failed.append(f"{plan}: {why}")
    return moved


def _over(plan: Plan, today: dt.date) -> bool:
    return plan.risk_until is not None and plan.risk_until < today


def _put(plan: Plan, risk: Risk, why: str, by: Actor) -> bool:
    """Write a risk and its reason, and let check-ins follow. Returns whether the risk moved."""
    if (plan.risk, plan.risk_why, plan.risk_reason) == (risk, why, ""):
        return False
    with transaction.atomic():
        with change(plan, by=of_kith(by), verb="see") as c:
            if c.row.risk_held and not _over(c.row, timezone.localdate()):
                return False  # a colleague took hold of it meanwhile
            before = Risk(c.row.risk)
            if c.row.risk_held:
                c.says(events.RiskReleased())
            c.row.risk, c.row.risk_why, c.row.risk_reason, c.row.risk_until = risk, why, "", None
            if before != risk:
                c.says(
                    events.RiskMoved(str(before.label), str(risk.label), why or _("nothing speaks for one any more"))
                )
        if before == risk:
            return False
        keep_rhythm(c.row, by)
    return True


def hold(plan: Plan, risk: Risk, reason: str, until: dt.date | None, *, by: Actor) -> Plan:
    """What a colleague says counts, whatever is known."""
    with transaction.atomic():
        with change(plan, by=by) as c:
            before = c.row.risk
            c.row.risk, c.row.risk_reason, c.row.risk_until = risk, reason, until
            c.says(events.RiskSet(str(risk.label), reason, say_day(until) if until else ""))
        if before != risk:
            keep_rhythm(c.row, by)
    row: Plan = c.row
    return row


def release(plan: Plan, *, by: Actor) -> Plan:
    """What is known counts again, from now on."""
    with change(plan, by=by) as c:
        if not c.row.risk_held:
            return plan
        c.row.risk_reason, c.row.risk_until = "", None
        c.says(events.RiskReleased())
    weigh([c.row], by=by)
    return Plan.objects.get(pk=plan.pk)


# --- when


def weigh_soon(companies: Iterable[int], people: Iterable[int]) -> None:
    """Have the plans of these customers weighed after this transaction's commit. One query where they have none."""
    of = Q(company__in=list(companies)) | Q(person__in=list(people))
    soon(Plan.objects.filter(RUNNING).filter(of).order_by("pk").values_list("pk", flat=True))


def soon(plans: Iterable[int]) -> None:
    """The same of plans."""
    if found := sorted(set(plans)):
        enqueue(JOB, key=f"{JOB}:{found[0]}" if len(found) == 1 else None, plans=found)


def weigh_those(plans: Sequence[int]) -> int:
    return _in_batches(Plan.objects.filter(pk__in=plans))


def weigh_all(failed: list[str]) -> int:
    """Every plan on its way: days pass, and days that a colleague named are over. Returns how many moved; `failed` as in `weigh`."""
    return _in_batches(Plan.objects.all(), failed)


def _in_batches(rows: QuerySet[Plan], failed: list[str] | None = None) -> int:
    rows, last, moved = rows.filter(RUNNING).select_related("company", "person", "template").order_by("pk"), 0, 0
    while some := list(rows.filter(pk__gt=last)[:BATCH]):
        last = some[-1].pk
        moved += weigh(some, by=system("job", name="Kith"), failed=failed)
    return moved
