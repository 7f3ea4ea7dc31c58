"""Exchange rates as a record, so that lists, forms, import, API and history come by themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import configuration
from kith.kernel.kinds import Currency
from kith.kernel.money.actions import create_rate, edit_rate
from kith.kernel.money.models import ExchangeRate
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section


class RateRecord(Record):
    name, slug, icon = "rate", "rates", "chart"
    model, scope, settings = ExchangeRate, configuration, True
    title = "currency"
    lists, sort = ("currency", "day", "rate", "source"), "-day"
    form = (Section(_("Rate"), "currency day rate source"),)
    fields = {
        "currency": Facts(kind=Currency()),
        "rate": Facts(help=_("What one unit is worth in your own currency.")),
    }
    create = staticmethod(create_rate)
    edit = staticmethod(edit_rate)

    @classmethod
    def name_of(cls, row: ExchangeRate) -> str:
        return str(row)
