"""Deals and their configuration as records."""

from __future__ import annotations

from django.db.models import DecimalField, F
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from kith.deals.models import Deal, Pipeline, PriceList, Product, Reason, Stage
from kith.kernel.access.scopes import by_owner, configuration
from kith.kernel.kinds import Currency, Money
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Board, Record, Section

NOT_PERSONAL = Facts(personal="no")
CENTS = DecimalField(max_digits=18, decimal_places=2)


class PipelineRecord(Record):
    name, slug, icon = "pipeline", "pipelines", "columns"
    model, scope, settings = Pipeline, configuration, True
    lists, sort = ("name", "position"), "position"
    form = (Section(_("Pipeline"), "name position"),)


class StageRecord(Record):
    name, slug, icon = "stage", "stages", "columns"
    model, scope, settings = Stage, configuration, True
    lists, sort = ("name", "pipeline", "position", "probability", "stall_days"), "position"
    form = (Section(_("Stage"), "pipeline name position probability stall_days required"),)
    fields = {"exit_rule": Facts(faces=frozenset())}


class ReasonRecord(Record):
    name, slug, icon = "reason", "reasons", "tag"
    model, scope, settings = Reason, configuration, True
    lists, sort = ("name", "outcome", "parent", "position"), "position"
    form = (Section(_("Reason"), "name outcome parent position"),)


class ProductRecord(Record):
    name, slug, icon = "product", "products", "box"
    model, scope, settings = Product, configuration, True
    lists, sort = ("name", "family", "sku", "price", "recurring"), "name"
    form = (Section(_("Product"), "name sku family price currency recurring"),)
    match = ("name", "sku")
    fields = {"price": Facts(kind=Money()), "currency": Facts(kind=Currency())}


class PriceListRecord(Record):
    name, slug, icon = "price_list", "price-lists", "tag"
    model, scope, settings = PriceList, configuration, True
    lists, sort = ("name", "currency", "starts_on", "ends_on"), "name"
    form = (Section(_("Price list"), "name currency starts_on ends_on"),)
    fields = {"currency": Facts(kind=Currency())}


class DealRecord(Record):
    name, slug, icon = "deal", "deals", "deal"
    model = Deal
    scope = by_owner()
    lists = ("name", "company", "stage", "amount", "weighted", "closes_on", "next_step", "next_step_at", "owner")
    sort = "-updated_at"
    quick = ("name", "company", "amount", "closes_on")
    form = (
        Section(_("Deal"), "name company contact pipeline source"),
        Section(_("Value"), "amount currency closes_on product price_list"),
        Section(_("Looked after by"), "owner team"),
    )
    board = Board(by="stage", card="company amount next_step owner", total="amount", weighted="weighted")
    calendar = "closes_on"
    match = ("name",)
    fields = {
        "name": NOT_PERSONAL,
        "stage": Facts(sort="stage__position"),
        "amount": Facts(kind=Money(), measure="sum"),
        "currency": Facts(kind=Currency()),
        "weighted": Facts(
            kind=Money(), label=_("Weighted"), measure="sum",
            expr=Cast(F("amount") * F("stage__probability") / 100, CENTS),
        ),
        "industry": Facts(of="company.industry"),
    }  # fmt: skip
