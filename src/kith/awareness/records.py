"""The first step as records: what every face shows of profiles, research, campaigns and assets."""

from __future__ import annotations

from django.db.models import BooleanField, Case, DateField, DateTimeField, F, Value, When
from django.db.models.expressions import CombinedExpression, Func
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from kith.awareness import events
from kith.awareness.assets import actions as assetting
from kith.awareness.assets import panels as assetpanels
from kith.awareness.assets.queries import GIVEN, LIFT, OPENED, REPLIED
from kith.awareness.assets.segments import SegmentKey
from kith.awareness.assets.stages import StageChoice
from kith.awareness.campaigns import actions as campaigning
from kith.awareness.campaigns import panels as campaignpanels
from kith.awareness.campaigns.kinds import in_campaign
from kith.awareness.campaigns.parts import COSTS, MEMBERS
from kith.awareness.models import Asset, Campaign, Profile, Research
from kith.awareness.profiles import actions as profiling
from kith.awareness.profiles import panels as profilepanels
from kith.awareness.profiles import parts as profileparts
from kith.awareness.profiles.fitting import PersonaKey, fit_column, persona_column
from kith.awareness.touches.actions import delete_trail
from kith.awareness.touches.parts import TOUCHES
from kith.awareness.touches.queries import came_by
from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import by_owner
from kith.kernel.kinds import Bool, Choices, Currency, Day, Integer, Language, Money, Number
from kith.kernel.organisation.models import bump
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Board, Record, Section, View
from kith.kernel.records.registry import registry

SHOWN = frozenset({"list", "filter", "api"})


class ProfileRecord(Record):
    name, slug, icon, help, placed = "profile", "profiles", "star", "segments", False
    model, scope = Profile, by_owner()
    lists, sort = ("name", "sort", "subject", "number", "owner", "updated_at"), "name"
    quick = ("name", "sort", "subject")
    form = (Section(_("Profile"), "name sort subject about_text values_text owner team"),)
    views = (View("icp", _("Ideal customers"), "sort.is:icp"), View("personas", _("Personas"), "sort.is:persona"))
    match = ("name",)
    actions = (profiling.add_criterion, profiling.change_criterion, profiling.remove_criterion, profiling.publish)
    events = (events.ProfilePublished, events.CriterionChanged)
    panels = (profilepanels.CRITERIA, profilepanels.VERSIONS)
    parts = (profileparts.CRITERIA, profileparts.VERSIONS)
    fields = {"name": Facts(personal="no"), "number": Facts(only_via="profile.publish")}


class AssetRecord(Record):
    name, slug, icon, help, placed = "asset", "assets", "clip", "campaigns", False
    model, scope = Asset, by_owner()
    lists, sort = (
        ("name", "sort", "segments", "personas", "stages", "language", "given", "opened", "answered", "lift"),
        "name",
    )
    quick = ("name", "sort", "link")
    form = (Section(_("Asset"), "name sort link language segments personas stages about_text owner team"),)
    match, actions, events, panels = ("name",), (assetting.give,), (events.AssetUsed,), (assetpanels.USES,)
    fields = {
        "name": Facts(personal="no"),
        "link": Facts(help=_("Or attach the file to its page.")),
        "language": Facts(kind=Language()),
        "segments": Facts(kind=Choices(SegmentKey())),
        "personas": Facts(kind=Choices(PersonaKey())),
        "stages": Facts(kind=Choices(StageChoice())),
        "given": Facts(kind=Integer(), label=_("Given"), expr=GIVEN, faces=SHOWN),
        "opened": Facts(
            kind=Integer(),
            label=_("Opened"),
            expr=OPENED,
            faces=SHOWN,
            help=_("By a lead magnet’s link, or known from their answer."),
        ),  # fmt: skip
        "answered": Facts(kind=Integer(), label=_("Answered"), expr=REPLIED, faces=SHOWN),
        "lift": Facts(
            kind=Number(10, 2),
            label=_("Against the others"),
            expr=LIFT,
            faces=SHOWN,
            help=_(
                "How many times as often as the other assets it was answered; empty until it and they were given 20 times."
            ),
        ),
    }


def _follow_campaigns(pairs: list[tuple[Campaign | None, Campaign]], by: Actor) -> None:
    """Names of campaigns are kept in memory for filters."""
    bump()


class CampaignRecord(Record):
    name, slug, icon, help = "campaign", "campaigns", "send", "campaigns"
    drawer = "marketing"
    model, scope = Campaign, by_owner()
    lists, sort = ("name", "channel", "phase", "segment", "starts_on", "ends_on", "budget", "owner"), "-starts_on"
    quick = ("name", "channel", "starts_on", "ends_on", "budget")
    form = (
        Section(_("Campaign"), "name channel phase segment starts_on ends_on about_text"),
        Section(_("Money"), "budget currency"),
        Section(_("Addresses"), "words"),
        Section(_("Looked after by"), "owner team"),
    )
    board = Board(by="phase", card="channel starts_on owner", total="budget")
    calendar, match, settle = "starts_on", ("name",), staticmethod(_follow_campaigns)
    views = (View("running", _("Running"), "phase.is:running", "ends_on"), View("mine", _("Mine"), "owner.is:me"))
    actions = (
        campaigning.add_cost,
        campaigning.remove_cost,
        campaigning.invite,
        campaigning.mark,
        campaigning.remove_member,
        assetting.use_asset,
    )
    events = (events.CostNoted, events.CostRemoved, events.MembersMarked, events.MembersRemoved)
    panels = (campaignpanels.MEMBERS, campaignpanels.COSTS, assetpanels.OF_CAMPAIGN)
    parts = (COSTS, MEMBERS)
    fields = {
        "name": Facts(personal="no"),
        "budget": Facts(kind=Money(), measure="sum"),
        "currency": Facts(kind=Currency()),
        "words": Facts(help=_("What addresses call it in utm_campaign, besides its key.")),
    }


registry.lend("person", "campaign", in_campaign())
registry.lend("person", "came_by", came_by(first=True))
registry.lend("person", "came_last", came_by(first=False))
registry.lend_actions("person", delete_trail)
registry.lend_parts("person", TOUCHES)


class _Months(Func):
    """An interval of so many months."""

    function, template = "make_interval", "%(function)s(months => %(expressions)s)"


HOLDS = CombinedExpression(F("found_on"), "+", _Months(F("months")), output_field=DateTimeField())
STALE = Case(
    When(condition=CombinedExpression(HOLDS, "<", Now(), output_field=BooleanField()), then=Value(True)), default=Value(False)
)  # fmt: skip


class ResearchRecord(Record):
    name, slug, icon, help, placed = "research", "research", "book", "segments", False
    model, scope = Research, by_owner()
    lists, sort = ("name", "segment", "found_on", "evidence", "holds_until", "stale", "owner"), "-found_on"
    quick = ("name", "segment", "found_on", "evidence")
    form = (Section(_("Research"), "name segment body values_text found_on evidence months owner team"),)
    views = (
        View("stale", _("Out of date"), "stale.is:1", "found_on"),
        View("soon", _("Soon out of date"), "holds_until.in:next_30_days", "holds_until"),
        View("loose", _("Without evidence"), "evidence.empty", "found_on"),
    )
    fields = {
        "name": Facts(personal="no"),
        "holds_until": Facts(kind=Day(), label=_("Holds until"), expr=Cast(HOLDS, DateField())),
        "stale": Facts(kind=Bool(), label=_("Out of date"), expr=STALE),
        "months": Facts(help=_("After so many months it is shown as out of date wherever its segment is used.")),
        "evidence": Facts(faces=FACES - {"search"}),
    }


for _subject in ("person", "company"):
    registry.lend(_subject, "ideal_fit", fit_column(_subject))
    registry.lend(_subject, "persona", persona_column(_subject))
    registry.lend_parts(_subject, profileparts.fits(_subject))
