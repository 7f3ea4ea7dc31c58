"""Orders leave for invoicing once each, its word comes back, and where the two disagree is listed."""

import csv
import datetime as dt
import io
import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from kith.api.tests.programs import Program
from kith.conversion.export import changed_since, mismatches, read_cursor, write_cursor
from kith.conversion.models import Order
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NeedsInput, NotAllowed
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def ines():
    return actor("ines")


def order(by, name="Pilot", **values):
    return actions.create(registry["order"], {"name": name, "total": Decimal(900), **values}, by=by)


def report(row, by, **raw):
    outcome = perform(ACTIONS["order.report_status"], row, raw, by=by)
    row.refresh_from_db()
    return outcome


def taken(client, after=""):
    response = client.get(f"/orders/export.csv?after={after}")
    return list(csv.DictReader(io.StringIO(response.content.decode()))), response["X-Next-Cursor"]


def test_each_order_leaves_once_and_again_when_it_changes(client, ines):
    first, second = order(ines), order(ines, "Main building")
    client.force_login(user("ines"))
    rows, cursor = taken(client)
    assert [row["name"] for row in rows] == ["Pilot", "Main building"]
    assert len({row["key"] for row in rows}) == 2
    assert taken(client, cursor) == ([], cursor)
    perform(ACTIONS["order.add_line"], first, {"name": "Drop", "unit_price": "49", "quantity": "62"}, by=ines)
    rows, later = taken(client, cursor)
    [line] = rows
    assert (line["order"], line["what"], line["line_total"], line["order_total"]) == (
        str(first.pk), "Drop", "3038.00", "3038.00")  # fmt: skip
    assert line["key"] != f"order-{first.pk}-1"
    assert taken(client, later)[0] == []
    actions.archive(registry["order"], second, by=ines)
    assert [row["state"] for row in taken(client, later)[0]] == ["cancelled"]


def test_what_is_overdue_is_so_since_its_day_until_it_is_paid(ines):
    row, today = order(ines), TODAY()
    report(row, ines, state="overdue")
    assert (row.billing, row.late_since) == ("overdue", today)
    day = today - dt.timedelta(days=20)
    report(row, ines, state="overdue", since=day.isoformat())
    report(row, ines, state="overdue", note="The second reminder")
    assert row.late_since == day, "said again, it is late since the same day"
    for wrong in (
        {"state": "paid", "since": day.isoformat()},
        {"state": "overdue", "since": (today + dt.timedelta(days=1)).isoformat()},
    ):
        with pytest.raises(Invalid, match="Only what is overdue"):
            report(row, ines, **wrong)
    done = report(row, ines, state="paid")
    assert row.late_since is None
    undo(done.operation, by=ines)
    row.refresh_from_db()
    assert (row.billing, row.late_since) == ("overdue", day)


def test_a_change_of_what_is_not_exported_keeps_the_key(client, ines):
    row = order(ines)
    client.force_login(user("ines"))
    [before], cursor = taken(client)
    report(row, ines, state="invoiced", number="R-100")
    [after], _later = taken(client, cursor)
    assert after["key"] == before["key"]
    actions.edit(registry["order"], row, {"total": Decimal(950)}, by=ines)
    assert taken(client, cursor)[0][0]["key"] != before["key"]


@pytest.mark.django_db(transaction=True)
def test_what_a_long_transaction_wrote_is_not_passed_by(ines):
    written, goes_on = threading.Event(), threading.Event()

    def slowly():
        try:
            with transaction.atomic():
                order(ines, "Slow")
                written.set()
                goes_on.wait(20)
        finally:
            connection.close()

    order(ines, "Before")
    slow = threading.Thread(target=slowly)
    slow.start()
    assert written.wait(20)
    try:
        order(ines, "Fast")
        first = changed_since(ines, None)
    finally:
        goes_on.set()
        slow.join()
    rest = changed_since(ines, read_cursor(write_cursor(first[-1])))
    assert ([row.name for row in first], [row.name for row in rest]) == (["Before"], ["Slow", "Fast"])


def test_programs_take_orders_by_their_token_as_json_and_as_csv(ines):
    first, second = order(ines), order(ines, "Main building")
    ask = Program("ines")
    told = ask("get", "reports/order-export")
    assert [(one["order"], one["order_total"]) for one in told.data["data"]] == [
        (first.pk, "900.00"),
        (second.pk, "900.00"),
    ]
    assert told.data["next"] == told["X-Next-Cursor"]
    again = ask("get", f"reports/order-export?after={told.data['next']}")
    assert (again.data["data"], again.data["next"]) == ([], told.data["next"])
    file = Client().get("/api/v1/reports/order-export?format=csv", **ask.header).content.decode()
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [row["key"] for row in rows] == [one["key"] for one in told.data["data"]]
    for wrong in ("format=xml", "after=yesterday"):
        assert ask("get", f"reports/order-export?{wrong}").status_code == 422
    assert Program("rolf")("get", "reports/order-export").status_code == 403


def test_a_file_taken_in_pieces_is_the_whole_file(ines):
    orders = [order(ines, f"Tower {n}") for n in range(7)]
    got, cursor = [], None
    while part := changed_since(ines, cursor, limit=3):
        got += part
        cursor = read_cursor(write_cursor(part[-1]))
    assert [row.pk for row in got] == [row.pk for row in orders]


def test_a_wrong_cursor_is_refused_in_words_and_readers_without_the_right_get_nothing(ines):
    for wrong in ("yesterday", "2026-01-01T00:00:00Z", "2026-01-01_5", "_", "2026-13-01T00:00:00Z_4"):
        with pytest.raises(Invalid, match="is no cursor"):
            read_cursor(wrong)
    with pytest.raises(NotAllowed):
        changed_since(actor("rolf"), None)


def test_text_that_looks_like_a_formula_stays_text(client, ines):
    order(ines, "=HYPERLINK(1)")
    client.force_login(user("ines"))
    assert taken(client)[0][0]["name"] == "'=HYPERLINK(1)"


def test_invoicing_reports_and_the_same_said_twice_is_said_once(ines):
    row = order(ines)
    for _again in range(2):
        report(row, ines, state="invoiced", number="R-100", total="900")
    assert (row.billing, row.billed_as) == ("invoiced", "R-100")
    report(row, ines, state="paid")
    assert (row.billing, row.billed_as, row.billed_total) == ("paid", "R-100", Decimal(900))
    assert Event.objects.filter(verb="order.reported").count() == 2
    with pytest.raises(NeedsInput, match="why it was refused"):
        report(row, ines, state="refused")


def test_what_does_not_fit_is_listed(client, ines):
    from kith.deals.actions import install_defaults

    install_defaults(system())
    fits, other, refused, gone = (order(ines, name) for name in ("Fits", "Other total", "Refused", "Taken back"))
    report(fits, ines, state="paid", total="900")
    report(other, ines, state="invoiced", total="850")
    report(refused, ines, state="refused", note="No VAT number")
    report(gone, ines, state="invoiced", total="900")
    actions.archive(registry["order"], gone, by=ines)
    values = {"name": "Below nothing", "status": "won", "amount": Decimal(-4), "closed_on": TODAY()}
    actions.create(registry["deal"], values, by=actor("helena", "import"))
    found = {one.row.name: one.why for one in mismatches(ines)}
    assert found == {
        "Other total": "another total", "Refused": "refused: No VAT number",
        "Taken back": "invoiced, though the order was taken back", "Below nothing": "won, but there is no order",
    }  # fmt: skip
    record = registry["order"]
    look = compile_tree(record, parse("billing_differs.is:1"), ines).apply(record.rows(ines, archived=False))
    assert set(look.values_list("name", flat=True)) == {"Other total", "Refused"}
    client.force_login(user("ines"))
    page = client.get("/orders/mismatches/").content.decode()
    assert "No VAT number" in page
    assert Order.objects.count() == 4
