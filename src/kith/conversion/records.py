"""Orders and promises as records."""

from __future__ import annotations

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce, Now, TruncDate
from django.utils.translation import gettext_lazy as _

from kith.conversion import actions, events, promises, winning
from kith.conversion.models import Order, Promise
from kith.conversion.panels import EVIDENCE, LINES, PROMISES
from kith.conversion.parts import LINES as LINES_PART
from kith.kernel.access.scopes import Theirs, by_owner
from kith.kernel.kinds import Bool, Currency, Integer, Money, Url
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View

TOLD = FACES - {"form", "bulk"}
LATE = Coalesce(ExpressionWrapper(Q(state="open") & Q(due_on__lt=TruncDate(Now())), BooleanField()), Value(False))
DIFFERS = Coalesce(
    ExpressionWrapper(
        Q(billing="refused") | (Q(billed_total__isnull=False) & ~Q(billed_total=F("total"))), BooleanField()
    ),
    Value(False),
)


class OrderRecord(Record):
    name, slug, icon, help = "order", "orders", "box", "orders"
    drawer = "selling"
    model, scope = Order, by_owner()
    customers = Theirs()
    lists, sort = ("name", "number", "company", "placed_on", "total", "yearly", "renews_on", "owner"), "-placed_on"
    quick = ("name", "company", "placed_on", "total", "currency")
    form = (
        Section(_("Order"), "name number company person deal placed_on"),
        Section(_("Value"), "total yearly currency"),
        Section(_("Term"), "starts_on ends_on renews_on notice_days ended_on"),
        Section(_("Looked after by"), "owner team"),
    )
    calendar, match = "renews_on", ("number", "name")
    line = ("company", "placed_on", "total", "renews_on", "billing")
    views = (
        View("running", _("Running"), "yearly.over:0,ended_on.empty", "renews_on"),
        View("mine", _("Mine"), "owner.is:me"),
        View("differs", _("Differs from invoicing"), "billing_differs.is:1", "-placed_on"),
        View("not-invoiced", _("Not invoiced yet"), "billing.empty", "-placed_on"),
        View("overdue", _("Overdue"), "billing.is:overdue", "late_since"),
    )
    panels, parts = (LINES, PROMISES), (LINES_PART,)
    settle = staticmethod(winning.settle)
    actions = (
        actions.add_line,
        actions.change_line,
        actions.remove_line,
        actions.renew,
        actions.end,
        actions.report_status,
    )
    events = (
        events.OrderRenewed,
        events.OrderEnded,
        events.OrderTakenBack,
        events.OrderLinesChanged,
        events.OrderStepped,
        events.OrderReported,
    )
    fields = {
        "name": Facts(personal="no"),
        "company": Facts(sort="company__sort_name"),
        "total": Facts(kind=Money(), measure="sum", help=_("What is paid once, and what the first term brings.")),
        "yearly": Facts(kind=Money(), measure="sum", help=_("What it brings again each year; 0 when once.")),
        "currency": Facts(kind=Currency()),
        "notice_days": Facts(kind=Integer(0, 3660)),
        "source": Facts(faces=TOLD),
        "billing": Facts(only_via="order.report_status"),
        "billed_as": Facts(only_via="order.report_status"),
        "billed_total": Facts(kind=Money(), only_via="order.report_status"),
        "billed_at": Facts(only_via="order.report_status"),
        "billing_note": Facts(only_via="order.report_status"),
        "late_since": Facts(only_via="order.report_status"),
        "billing_differs": Facts(kind=Bool(), label=_("Differs from invoicing"), expr=DIFFERS),
    }


class PromiseRecord(Record):
    name, slug, icon, placed, help = "promise", "promises", "check", False, "promises"
    drawer = "customers"
    model, scope, title = Promise, by_owner(), "wording"
    lists, sort = ("wording", "company", "person", "due_on", "state", "delivery", "owner"), "due_on"
    quick = ("wording", "company", "person", "due_on")
    form = (
        Section(_("Promise"), "wording company person deal order product made_on due_on"),
        Section(_("Technical"), "constraint issue_url issue_title"),
        Section(_("Evidence"), "evidence quote"),
        Section(_("Looked after by"), "owner team"),
    )
    calendar, match = "due_on", ("wording",)
    line = ("company", "due_on", "state", "owner")
    views = (
        View("open", _("Open"), "state.is:open"),
        View("late", _("Late"), "late.is:1", "due_on"),
        View("mine", _("Mine"), "state.is:open,owner.is:me", "due_on"),
        View("broken", _("Broken"), "state.is:broken", "-due_on"),
    )
    at_creation = ("state",)
    panels = (EVIDENCE,)
    actions = (
        promises.keep, promises.break_, promises.waive, promises.reopen, promises.delivery, promises.note_constraint,
    )  # fmt: skip
    events = (
        events.PromiseMade, events.PromiseKept, events.PromiseBroken, events.PromiseWaived, events.PromiseReopened,
        events.PromiseDelivery,
    )  # fmt: skip
    fields = {
        "wording": Facts(personal="no"),
        "quote": Facts(personal="words of a customer or to one"),
        "source": Facts(faces=frozenset()),
        "company": Facts(sort="company__sort_name"),
        "state": Facts(only_via="promise.keep"),
        "settled_on": Facts(part_of="state", faces=TOLD),
        "reason": Facts(part_of="state", faces=TOLD),
        "delivery": Facts(only_via="promise.delivery"),
        "issue_url": Facts(kind=Url(), personal="no"),
        "late": Facts(kind=Bool(), label=_("Late"), expr=LATE),
    }
    create = staticmethod(promises.create)
