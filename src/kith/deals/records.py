"""Deals and their configuration as records. The rules stand in rules.py and actions/, none of them here."""

from __future__ import annotations

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals import actions as do
from kith.deals import queries
from kith.deals.bulk import create_deals
from kith.deals.computed import DAYS_IN_STAGE, STALLED
from kith.deals.kinds import ExitRule, ReasonLink, StageLink
from kith.deals.models import Charged, CommitteeRole, Deal, Pipeline, Price, PriceList, Product, Reason, Stage
from kith.deals.panels import COMMITTEE, PRODUCTS, STAGES
from kith.deals.parts import LINES, SEATS, STAYS
from kith.deals.standing import standing
from kith.kernel.access.scopes import by_owner, configuration
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Bool, Choice, Choices, Currency, Integer, Money, Percent
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Board, End, Record, Section, View
from kith.kernel.records.registry import registry

NOT_PERSONAL = Facts(personal="no")
HIDDEN = Facts(faces=frozenset())


class PipelineRecord(Record):
    name, slug, icon = "pipeline", "pipelines", "columns"
    model, scope, settings = Pipeline, configuration, True
    configured = Configured()
    lists, sort = ("name", "position", "ask_on_skip", "ask_on_return"), "position"
    form = (Section(_("Pipeline"), "name position ask_on_skip ask_on_return"),)
    actions = (do.remove_pipeline,)


class StageRecord(Record):
    name, slug, icon = "stage", "stages", "columns"
    model, scope, settings = Stage, configuration, True
    configured = Configured(key=("pipeline", "name"))
    lists, sort = ("name", "pipeline", "position", "probability", "stall_days", "usual_days"), "position"
    form = (Section(_("Stage"), "pipeline name position probability stall_days strict"),)
    fields = {
        "probability": Facts(kind=Percent()),
        "exit_rule": Facts(kind=ExitRule(), faces=frozenset({"history"})),
        "required": Facts(faces=frozenset({"history"})),
        "roles": Facts(kind=Choices(Choice(dict(CommitteeRole.choices))), faces=frozenset({"history"})),
        "pipeline": Facts(sort="pipeline__position"),
    }
    settle = staticmethod(do.settle_stages)
    actions = (do.remove_stage,)


class ReasonRecord(Record):
    name, slug, icon = "reason", "reasons", "tag"
    model, scope, settings = Reason, configuration, True
    configured = Configured(key=("outcome", "parent", "name"))
    lists, sort = ("name", "outcome", "parent", "position"), "position"
    form = (Section(_("Reason"), "name outcome parent position"),)


class ProductRecord(Record):
    name, slug, icon = "product", "products", "box"
    model, scope, settings = Product, configuration, True
    configured = Configured()
    lists, sort = ("name", "family", "sku", "price", "recurring"), "name"
    form = (Section(_("Product"), "name sku family also_called price currency recurring term notice_days cost"),)
    match = ("name", "sku")
    fields = {
        "also_called": Facts(
            personal="no",
            help=_("Words customers use for it, parted by commas. Whoever asks about them is proposed it."),
        ),
        "price": Facts(kind=Money(), help=_("Of one piece; of one month or year where it is charged again.")),
        "currency": Facts(kind=Currency()),
        "recurring": Facts(kind=Choice(dict(Charged.choices)), help=_("Empty: once.")),
        "term": Facts(kind=Integer(1, 600), help=_("How long one buys it for at first.")),
        "notice_days": Facts(kind=Integer(0, 3650), help=_("How long before the end of a term one can still leave.")),
        "cost": Facts(kind=Money(), needs="settings.manage", help=_("Whoever approves a discount sees what is left.")),
    }


class PriceListRecord(Record):
    name, slug, icon = "price_list", "price-lists", "coins"
    model, scope, settings = PriceList, configuration, True
    configured = Configured()
    lists, sort = ("name", "currency", "starts_on", "ends_on"), "name"
    form = (Section(_("Price list"), "name currency starts_on ends_on"),)
    fields = {"currency": Facts(kind=Currency())}


class PriceRecord(Record):
    name, slug, icon = "price", "prices", "coins"
    model, scope, settings = Price, configuration, True
    configured = Configured(key=("price_list", "product"))
    title = "product"
    lists, sort = ("product", "price_list", "amount", "floor"), "product"
    form = (Section(_("Price"), "price_list product amount floor"),)
    fields = {
        "currency": Facts(of="price_list.currency"),
        "amount": Facts(kind=Money("currency")),
        "floor": Facts(kind=Money("currency"), help=_("Below this only a manager may sell.")),
        "product": Facts(sort="product__name"),
        "price_list": Facts(sort="price_list__name"),
    }

    @classmethod
    def name_of(cls, row: Price) -> str:
        return str(row)


def lane_note(stage: Stage) -> str:
    """ "20 % likely"."""
    return __("%s likely") % Percent().show(stage.probability.normalize())


class DealRecord(Record):
    name, slug, icon = "deal", "deals", "deal"
    model, help, gathered = Deal, "deals", True
    scope = by_owner()
    lists = ("name", "company", "stage", "amount", "weighted", "closes_on", "next_step", "next_step_at", "owner")
    sort = "-updated_at"
    quick = ("name", "company", "amount", "currency", "closes_on")
    form = (
        Section(_("Deal"), "name company contact pipeline stage source"),
        Section(_("Value"), "amount currency closes_on product price_list"),
        Section(_("Looked after by"), "owner team"),
        Section(_("How it ended"), "status closed_on reason competitor reason_words"),
    )
    board = Board(
        by="stage", card="company amount next_step owner", total="amount", weighted="weighted", drop="deal.move_to_stage",
        only="status.is:open", within="pipeline", sort="next_step_at", stalled="stalled",
        lane_note=lane_note, card_note=queries.stall_words,
        note_reads="status stage stage_since last_touch_at next_step next_step_at",
        ends=(
            End("deal.lose", _("Lost"), _("drop on the reason; it stays on the record and can come back"), "reason", queries.lost_choices),
            End("deal.win", _("Won"), _("opens the handover"), "", queries.won_choices, 6),
        ),
    )  # fmt: skip
    views = (
        View("open", _("Open"), "status.is:open", "-updated_at", face="board"),
        View("mine", _("Mine"), "status.is:open,owner.is:me", "next_step_at"),
        View("stalled", _("Stalled"), "stalled.is:1", "stage_since"),
        View("no-next-step", _("No next step"), "status.is:open,next_step_at.empty", "-amount"),
        View("won", _("Won"), "status.is:won", "-closed_on"),
        View("lost", _("Lost"), "status.is:lost", "-closed_on"),
    )
    calendar = "closes_on"
    panels, parts = (PRODUCTS, COMMITTEE, STAGES), (LINES, SEATS, STAYS)
    match = ("name",)
    at_creation = ("pipeline", "stage", "status")
    actions = (
        do.move_to_stage, do.win, do.lose, do.reopen, do.reassign, do.change_pipeline,
        do.add_line, do.change_line, do.remove_line,
        do.add_member, do.change_member, do.remove_member,
    )  # fmt: skip
    fields = {
        "name": NOT_PERSONAL,
        "pipeline": Facts(only_via="deal.change_pipeline", sort="pipeline__position"),
        "stage": Facts(kind=StageLink(), only_via="deal.move_to_stage", sort="stage__position"),
        "status": Facts(only_via="deal.win"),
        "opened_on": Facts(faces=FACES - {"form"}),
        "stage_since": Facts(only_via="deal.move_to_stage"),
        "company": Facts(sort="company__sort_name"),
        "amount": Facts(kind=Money(), measure="sum"),
        "currency": Facts(kind=Currency()),
        "closed_on": Facts(part_of="status"),
        "reason": Facts(kind=ReasonLink(), part_of="status"),
        "competitor": Facts(part_of="status"),
        "reason_words": Facts(part_of="status", personal="what a customer said about the decision"),
        "weighted": Facts(kind=Money(), measure="sum"),
        "stalled": Facts(kind=Bool(), label=_("Stalled"), expr=STALLED),
        "days_in_stage": Facts(kind=Integer(), label=_("Days in stage"), measure="avg", expr=DAYS_IN_STAGE),
        "industry": Facts(of="company.industry", faces=FACES - {"search"}),
    }  # fmt: skip
    create = staticmethod(do.create)
    edit = staticmethod(do.edit)
    create_many = staticmethod(create_deals)


registry.lend("company", "standing", standing("company"))
registry.lend("person", "standing", standing("contact"))
