"""What people do with profiles: say criteria, and put a version in force."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.awareness.events import CriterionChanged, ProfilePublished
from kith.awareness.models import Criterion, Profile, ProfileVersion
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Integer, LongText, Text
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import GIVEN, action
from kith.kernel.segments.trees import check
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

MOST = 40  # criteria of one profile
NEEDS = "profile.edit"


@action("profile.add_criterion", needs=NEEDS, label=_("Add a criterion…"), icon="plus", done=_("Added to the draft"))
def add_criterion(
    profile: Profile, *, label: Annotated[str, Text(120), _("Criterion")],
    conditions: Annotated[str, LongText(), _("Conditions")], weight: Annotated[int, Integer(1, 100), _("Weight")] = 1,
    note: Annotated[str, LongText(), _("Why it matters")] = "", by: Actor,
) -> Profile:  # fmt: skip
    """One more criterion of the draft. Raises Invalid for conditions that cannot be used."""
    _check(profile, conditions, by)
    with change(profile, by=by) as c:
        side = Sides(Criterion.objects.filter(profile=c.row))
        if side.rows.count() >= MOST:
            raise Invalid(__("A profile has at most %s criteria.") % MOST, "label")
        last = side.rows.order_by("-position").values_list("position", flat=True).first() or 0
        Criterion.objects.create(
            profile=c.row, label=label, conditions=conditions, weight=weight, note=note, position=last + 1
        )
        c.says(CriterionChanged(label, sides=side.touched()))
    return profile


@action(
    "profile.change_criterion",
    needs=NEEDS,
    label=_("Change a criterion…"),
    icon="pencil",
    done=_("The draft is changed"),
)
def change_criterion(
    profile: Profile, *, criterion: Annotated[int, Integer(1), GIVEN], label: Annotated[str, Text(120), _("Criterion")] = "",
    conditions: Annotated[str, LongText(), _("Conditions")] = "",
    weight: Annotated[int | None, Integer(1, 100), _("Weight")] = None,
    note: Annotated[str | None, LongText(), _("Why it matters")] = None, by: Actor,
) -> Profile:  # fmt: skip
    """Change one criterion of the draft; what is not given stays."""
    if conditions:
        _check(profile, conditions, by)
    with change(profile, by=by) as c:
        side = Sides(Criterion.objects.filter(profile=c.row, pk=criterion))
        found = _the(side)
        found.label, found.conditions = label or found.label, conditions or found.conditions
        found.weight = weight if weight is not None else found.weight
        found.note = note if note is not None else found.note
        found.save()
        c.says(CriterionChanged(found.label, sides=side.touched()))
    return profile


@action(
    "profile.remove_criterion",
    needs=NEEDS,
    label=_("Remove a criterion"),
    icon="trash",
    done=_("Taken out of the draft"),
)
def remove_criterion(profile: Profile, *, criterion: Annotated[int, Integer(1), GIVEN], by: Actor) -> Profile:
    """Take one criterion out of the draft; versions keep it."""
    with change(profile, by=by) as c:
        side = Sides(Criterion.objects.filter(profile=c.row, pk=criterion))
        found = _the(side)
        label = found.label
        found.delete()
        c.says(CriterionChanged(label, sides=side.touched()))
    return profile


def _the(side: Sides) -> Criterion:
    found: Criterion | None = side.rows.all().first()
    if found is None:
        raise NotFound(__("This criterion is gone from the draft."))
    return found


def _check(profile: Profile, conditions: str, by: Actor) -> None:
    if not conditions.strip():
        raise Invalid(__("A criterion needs conditions, or everybody would meet it."), "conditions")
    check(profile.subject, conditions, by)


@action(
    "profile.publish", needs=NEEDS, label=_("Publish"), icon="check", done=_("Published. Everybody is being looked at.")
)
def publish(profile: Profile, *, note: Annotated[str, LongText(), _("What changed")] = "", by: Actor) -> Profile:
    """Freeze the draft as the next version and put it in force. Older versions stay readable. Raises Invalid."""
    criteria = [
        {"label": c.label, "conditions": c.conditions, "weight": c.weight, "note": c.note}
        for c in Criterion.objects.filter(profile=profile).order_by("position", "pk")
    ]
    if not criteria:
        raise Invalid(__("Say at least one criterion before you publish."))
    for one in criteria:
        check(profile.subject, str(one["conditions"]), by)
    with change(profile, by=by) as c:
        side = Sides(ProfileVersion.objects.filter(profile=c.row))
        latest = side.rows.order_by("-number").first()
        if latest is not None and latest.number == c.row.number and latest.criteria == criteria:
            raise Invalid(__("Nothing changed since version %s.") % latest.number)
        number = (latest.number if latest else 0) + 1
        ProfileVersion.objects.create(profile=c.row, number=number, criteria=criteria, note=note, by_name=by.name)
        c.row.number = number
        c.says(ProfilePublished(number, note, sides=side.touched()))
    return profile


TELLING = ("profile.published", "profile.archived", "profile.restored", "profile.changed")


def follow(pks: list[int]) -> None:
    """What is in force changed, or that was taken back: everybody is looked at again."""
    bump()
    for pk in pks:
        enqueue("awareness.fit", key=f"awareness.fit:{pk}", profile=pk)
