"""Deals of Tidewell with their days and amounts, and reports on them, for the tests."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from kith.deals.tests.cast import deal
from kith.insight.reports import make, read_ask
from kith.kernel.lookups.look import look_at
from kith.kernel.records.registry import registry
from tests.cast import actor, user


def closed(name, status, day, amount=None, currency="EUR", *, opened=None, owner="ines", **more):
    """A deal that ended elsewhere and was brought along."""
    worth = None if amount is None else Decimal(amount)
    return deal(actor("astrid", "import"), name=name, status=status, closed_on=dt.date.fromisoformat(day), amount=worth,
                currency=currency, opened_on=dt.date.fromisoformat(opened or day), owner=user(owner), **more)  # fmt: skip


def report(reader="astrid", name="deals", /, **params):
    """The report as the API would be asked for it: report(period="2026", by="owner")."""
    return make(name, actor(reader), read_ask(params))


def values(out, *keys):
    return tuple(out.figures[key].value for key in keys)


def table(out, key, *keys):
    """{label: figures} of one of its tables."""
    return {row.label: tuple(row.figures[k].value for k in keys) for row in out.tables[key].rows}


def behind(figure, by="astrid"):
    """The names of the rows at a figure's address."""
    where = urlsplit(figure.rows)
    record = registry.by_slug(where.path.strip("/"))
    look = look_at(record, actor(by), dict(parse_qsl(where.query)))
    assert look.sound and not look.problems, (figure.rows, look.problems)
    return sorted(record.name_of(row) for row in look.matched)
