"""Quotes follow their deal until they are sent, and never change after it; discounts are approved; versions compare."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from kith.activities.models import Message, Notice
from kith.api.tests.programs import Program
from kith.deals.quotes.comparing import compare, words
from kith.deals.quotes.document import data, kept, render
from kith.deals.quotes.lines import in_step
from kith.deals.quotes.models import Quote, QuoteLine
from kith.deals.quotes.papers import set_paper
from kith.deals.quotes.tests.cast import add, do, draft, offered, product
from kith.deals.tests.cast import deal
from kith.kernel.errors import Invalid, NeedsInput, NotAllowed
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.bulk import bulk_edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_a_quote_costs_what_the_deal_costs_and_a_draft_follows_it(ines):
    row = offered(ines)
    quote = draft(row, ines)
    assert quote.total == row.amount == 62 * 49 + 62 * 24
    assert in_step(quote, row)
    add(row, ines, product("Installation day", "980"))
    assert fresh(quote).total == fresh(row).amount == 62 * 73 + 980
    assert [line.name for line in quote.lines.all()] == ["Drop", "Watch", "Installation day"]


def test_a_sent_version_never_changes_whatever_happens_to_deal_and_products(ines):
    row = offered(ines)
    quote = draft(row, ines, note="As we said on the phone")
    do("send", quote, ines)
    before, document = fresh(quote), kept(quote)
    add(row, ines, product("Installation day", "980"))
    actions.edit(registry["product"], product("Drop", "49"), {"price": Decimal(99)}, by=actor("astrid"))
    after = fresh(quote)
    assert (after.total, after.state, after.digest) == (before.total, "sent", before.digest)
    assert kept(quote) == document
    with pytest.raises(Invalid, match="never changes"):
        actions.edit(registry["quote"], quote, {"note": "Something else"}, by=ines)
    for change in (lambda: Quote.objects.filter(pk=quote.pk).update(total=1), lambda: QuoteLine.objects.filter(quote=quote).update(total=1)):  # fmt: skip
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            change()


def test_only_a_draft_offers_to_be_edited_and_every_door_says_why(ines, client):
    quote = draft(offered(ines), ines)
    client.force_login(user("ines"))
    page = f"/quotes/{quote.pk}"
    assert f'href="{page}/edit"' in client.get(page).text and "/cell/note" in client.get(page).text
    do("send", quote, ines)
    assert f'href="{page}/edit"' not in client.get(page).text and "/cell/note" not in client.get(page).text
    for door in (
        client.get(f"{page}/edit"),
        client.get(f"{page}/cell/note"),
        client.post(f"{page}/edit", {"note": "No"}),
    ):
        assert door.status_code == 400 and "make a new version instead" in door.text
    assert (
        bulk_edit(registry["quote"], [quote], {"valid_until": None}, by=actor("astrid"), refused=lambda *_: None) == 0
    )


def test_no_line_of_a_sent_version_goes_nor_does_the_version(ines):
    row = offered(ines)
    quote = draft(row, ines)
    do("send", quote, ines)
    other = draft(deal(ines, "Annex", amount=Decimal(10)), ines)
    for change in (
        lambda: QuoteLine.objects.filter(quote=quote).delete(),
        lambda: quote.lines.first().delete(),
        lambda: QuoteLine.objects.filter(quote=quote).update(quote=other),
        lambda: QuoteLine.objects.filter(quote=other).update(quote=quote),
        lambda: Quote.objects.filter(pk=quote.pk)._raw_delete("default"),
        lambda: row.delete(),
    ):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            change()
    assert fresh(quote).lines.count() == 2


def test_who_answered_is_fixed_with_the_answer_and_taking_it_back_is_not_a_change_of_it(ines):
    quote = draft(offered(ines), ines)
    do("send", quote, ines)
    answered = do("accept", quote, ines, name="Marta Kowalczyk")
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Quote.objects.filter(pk=quote.pk).update(answered_by="Somebody Else")
    undo(answered, by=ines)
    assert (fresh(quote).state, fresh(quote).answered_by) == ("sent", "")


def test_taking_a_change_of_the_deal_back_leaves_what_was_sent_meanwhile(ines):
    row = offered(ines)
    quote = draft(row, ines)
    added = perform(
        ACTIONS["deal.add_line"], row, {"product": str(product("Installation day", "980").pk)}, by=ines
    ).operation
    do("send", quote, ines)
    undone = undo(added, by=ines)
    assert fresh(row).amount == 62 * 73 and fresh(quote).total == 62 * 73 + 980
    assert fresh(quote).lines.count() == 3
    assert undone.conflicts == [
        f"{quote.number}: “brought the draft {quote.number} in step with the deal” was changed since and was left as it is."
    ]


def test_a_price_that_steps_stands_on_the_quote_and_its_document_and_comes_back_with_it(ines, client):
    row = offered(ines)
    add(row, ines, product("Night desk", "100", recurring="month"), ramp="110; 120")
    quote = draft(row, ines)
    assert quote.lines.last().ramp == "110.00; 120.00" and in_step(quote, fresh(row))
    assert data(quote)["lines"][-1]["why"] == "€110.00 from year 2, €120.00 from year 3"
    do("send", quote, ines)
    line = row.lines.last()
    perform(ACTIONS["deal.change_line"], row, {"line": line.pk, "ramp": "100"}, by=ines)
    second = perform(ACTIONS["quote.revise"], quote, {}, by=ines).result
    assert [one.differs for one in compare(quote, second).lines if one.differs] == [{"ramp"}] and not in_step(
        quote, fresh(row)
    )
    client.force_login(user("ines"))
    assert "110.00; 120.00" in client.get(f"/quotes/{second.pk}/compare/{quote.pk}").text
    do("accept", quote, ines, name="Marta")
    assert fresh(row).lines.last().ramp == "110.00; 120.00"


def test_a_new_version_begins_with_the_words_of_the_last_and_replaces_it_when_sent(ines):
    row = offered(ines)
    first = draft(row, ines, note="As we said on the phone", terms="Net 30 days")
    do("add_promise", first, ines, wording="A Polish manual", due="2027-03-01")
    do("send", first, ines)
    add(row, ines, product("Installation day", "980"))
    second = perform(ACTIONS["quote.revise"], first, {}, by=ines).result
    assert (second.edition, second.note, second.promises) == (2, first.note, first.promises)
    do("send", second, ines)
    assert fresh(first).state == "replaced"
    difference = compare(first, second)
    assert [(line.kind, (line.after or line.before).name) for line in difference.lines] == [
        ("same", "Drop"), ("same", "Watch"), ("added", "Installation day")]  # fmt: skip
    assert ("Total", "€4,526", "€5,506") in difference.facts
    assert difference.texts == []


def test_the_difference_of_words_gives_the_new_text_back():
    old, new = "Net 30 days from delivery.", "Net 14 days from delivery, two per cent off."
    pieces = words(old, new)
    assert "".join(text for how, text in pieces if how != "gone") == new
    assert "".join(text for how, text in pieces if how != "new").split() == old.split()
    assert words(old, old) == [("same", old)]


def test_a_discount_beyond_the_senders_limit_needs_an_approval(ines):
    user("helena"), user("priya")
    quote = draft(offered(ines, discount="20"), ines)
    assert quote.discount == Decimal("20.00")
    with pytest.raises(Invalid, match="more than the 10 % you may offer"):
        do("send", quote, ines)
    do("ask_approval", quote, ines, reason="They sign for three houses")
    assert Notice.objects.filter(user=user("helena"), text__contains="20 %").exists()
    assert not Notice.objects.filter(user=user("priya")).exists()
    with pytest.raises(NotAllowed, match="up to 10 %"):
        do("approve", quote, actor("priya"))
    do("approve", quote, actor("helena"), reason="This once")
    assert Notice.objects.filter(user=user("ines"), text__contains="approved").exists()
    do("send", quote, ines)
    assert quote.state == "sent"


def test_a_discount_that_grew_after_the_approval_is_approved_anew(ines):
    row = offered(ines, discount="20")
    quote = draft(row, ines)
    do("ask_approval", quote, ines, reason="They sign for three houses")
    do("approve", quote, actor("helena"))
    line = row.lines.first()
    perform(ACTIONS["deal.change_line"], row, {"line": str(line.pk), "discount": "40"}, by=actor("helena"))
    assert fresh(quote).approval == ""
    with pytest.raises(Invalid, match="ask for approval"):
        do("send", fresh(quote), ines)


def test_limits_are_the_organisations_own(ines):
    quote = draft(offered(ines, discount="20"), ines)
    given = {
        "letterhead": "Pier 4",
        "limit_member": "30",
        "limit_manager": "40",
        "limit_administrator": "100",
        "valid_days": "10",
    }
    set_paper(given, by=actor("astrid"))
    do("send", quote, actor("ines"))
    assert quote.state == "sent"
    with pytest.raises(Invalid) as refused:
        set_paper({**given, "limit_member": "130"}, by=actor("astrid"))
    assert refused.value.field == "limit_member"


def test_a_line_may_be_free_but_none_is_below_nothing_and_a_whole_quote_is_not(ines):
    row = offered(ines)
    add(row, ines, product("Training", "0"), unit_price="0")
    quote = draft(row, ines)
    assert "free of charge" in [line["total"] for line in data(quote)["lines"]]
    do("send", quote, ines)
    with pytest.raises(NeedsInput):
        add(row, ines, product("Drop", "49"), unit_price="-10")
    gift = deal(ines, "A gift")
    add(gift, ines, product("Training", "0"), unit_price="0")
    given = draft(gift, ines)
    with pytest.raises(Invalid, match="comes to nothing"):
        do("send", given, ines, to="marta@bellevue.example")
    below = deal(ines, "Below nothing", amount=Decimal(-10))
    with pytest.raises(Invalid, match="less than nothing"):
        draft(below, ines)
    with pytest.raises(Invalid, match="Add a product"):
        draft(deal(ines, "Nothing yet"), ines)


@pytest.mark.parametrize(
    "wrong",
    [{"quantity": "0"}, {"quantity": "-5"}, {"unit_price": "-0.01"}, {"discount": "101", "discount_reason": "Trial"}],
)
def test_a_line_of_nothing_or_less_is_refused_on_the_deal_and_by_a_program(ines, wrong):
    row, drop = offered(ines), product("Drop", "49")
    before = fresh_total(row)
    with pytest.raises((Invalid, NeedsInput)):
        add(row, ines, drop, **wrong)
    answer = Program("ines")("post", f"deals/{row.pk}/actions/add_line", {"product": drop.pk, "quantity": "1", **wrong})
    assert answer.status_code == 422, answer.data
    assert fresh_total(row) == before


def fresh_total(row):
    return (registry["deal"].model._default_manager.get(pk=row.pk).amount, row.lines.count())


def test_it_is_mailed_with_its_link_and_its_document_to_the_contact(ines, settings, mailoutbox):
    from kith.activities.mail import send

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    quote = draft(offered(ines), ines)
    do("send", quote, ines)
    message = Message.objects.get(pk=quote.message)
    assert "/q/" in message.text
    send(message.pk)
    [mail] = mailoutbox
    assert mail.to == ["marta@bellevue.example"]
    [(name, content, kind)] = [(a[0], a[1], a[2]) for a in mail.attachments]
    assert (name, kind) == (f"{quote.number}.pdf", "application/pdf")
    assert content == kept(quote)


def test_without_an_address_it_asks_to_whom(ines):
    row = offered(ines)
    actions.edit(registry["person"], row.contact, {"emails": []}, by=ines)
    with pytest.raises(NeedsInput, match="Say to whom"):
        do("send", draft(row, ines), ines)


def test_the_document_speaks_the_customers_language_and_is_the_same_each_time(ines):
    row = offered(ines, language="de")
    quote = draft(row, ines)
    do("add_promise", quote, ines, wording="Handbuch auf Polnisch", due="2027-03-01")
    assert quote.language == "de"
    shown = data(quote)
    assert shown["heading"].startswith("Angebot: ")
    assert shown["total"] == "4.526,00\u00a0€"
    assert shown["promises"][0]["due"] == "bis 1. März 2027"
    first, second = render(quote), render(quote)
    assert first.startswith(b"%PDF-")
    assert len(first) == len(second)


def test_words_that_look_like_typst_stay_words(ines):
    row = offered(ines)
    quote = draft(row, ines, note="#panic() $x$ *not bold* @nobody", terms='#read("/etc/passwd")\n\n= No heading')
    assert render(quote).startswith(b"%PDF-")


def test_two_drafts_never_have_one_number_and_undo_takes_a_draft_back(ines):
    row = offered(ines)
    first = perform(ACTIONS["deal.draft_quote"], row, {}, by=ines)
    second = draft(row, ines)
    assert [first.result.edition, second.edition] == [1, 2]
    undo(first.operation, by=ines)
    assert fresh(first.result).archived_at is not None


def test_a_quote_that_is_sent_is_valid_until_today_at_least(ines):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    quote = draft(offered(ines), ines, valid_until=yesterday.isoformat())
    with pytest.raises(Invalid, match="valid until today"):
        do("send", quote, ines)


def test_the_logo_stands_on_the_document_and_what_is_no_picture_is_refused(ines):
    import base64

    dot = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    quote = draft(offered(ines), ines)
    without = render(quote)
    set_paper({"letterhead": "Pier 4"}, logo=SimpleUploadedFile("logo.png", dot), by=actor("astrid"))
    assert render(quote).count(b"/Image") > without.count(b"/Image")
    with pytest.raises(Invalid) as refused:
        set_paper({}, logo=SimpleUploadedFile("logo.txt", b"no picture at all"), by=actor("astrid"))
    assert refused.value.field == "logo"
    set_paper({}, drop_logo=True, by=actor("astrid"))
    assert render(quote).count(b"/Image") == without.count(b"/Image")
