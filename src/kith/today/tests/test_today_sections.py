"""What stands on Today, in words."""

import datetime as dt

import pytest

from kith.activities.actions import finish
from kith.activities.models import Message, Thread
from kith.deals.tests.cast import deal, stage
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.process.tests.cast import in_force, journey_of
from kith.today.page import as_json, day_of
from kith.today.scope import scope_of
from kith.today.sections import Do, Item, Section, _sections, register_section
from kith.today.tests.cast import company, idle, person, section, task, touched, words
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def test_what_has_passed_its_time_is_late_the_longest_overdue_first(ines, page):
    anders = person(ines, "Anders Holm", phones=[{"value": "+46 31 555 01 18", "label": "work"}])
    beatriz = person(ines, "Beatriz Nunes")
    task(ines, "Call back with the price", "2026-03-11T16:00", person=anders)
    task(ines, "Send the data sheet", "2026-03-09T08:00", person=beatriz)
    late = section(page(), "late")
    assert late.startswith("Late 2 Most overdue first")
    assert late.index("Beatriz Nunes") < late.index("Anders Holm")
    assert "Send the data sheet Due Mon 08:00" in late and "3 days late" in late
    assert "Due yesterday 16:00" in late and "16 h late" in late


def test_a_day_without_an_hour_is_late_after_the_day_and_a_meeting_when_it_is_over(ines, page):
    marta = person(ines, "Marta Kowalczyk")
    task(ines, "Some time today", "2026-03-12", person=marta)
    task(ines, "Some time yesterday", "2026-03-11", person=marta)
    task(ines, "Still sitting there", "2026-03-12T08:30", kind="meeting", minutes="45", person=marta)
    task(ines, "Stand-up", "2026-03-12T08:00", kind="meeting", minutes="15", person=marta)
    html = page()
    late, due = section(html, "late"), section(html, "due")
    assert "Some time yesterday" in late and "Stand-up" in late and "41 min late" in late
    assert "Some time today" in due and "Still sitting there" in due and "Late 2" in late and "Due today 2" in due


def test_what_is_due_stands_by_the_hour(ines, page):
    marta, samir = person(ines, "Marta Kowalczyk"), person(ines, "Samir Haddad")
    task(ines, "Demo: leak map", "2026-03-12T11:00", kind="meeting", person=samir)
    task(ines, "Train the front desk", "2026-03-12T09:30", kind="meeting", person=marta)
    task(ines, "Not before tomorrow", "2026-03-13T00:00", person=marta)
    due = section(page(), "due")
    assert due.index("09:30") < due.index("11:00") and "Meeting" in due and "tomorrow" not in due


def test_the_first_row_is_open_with_the_last_words_and_the_number_to_call(ines, page):
    anders = person(ines, "Anders Holm", phones=[{"value": "+46 31 555 01 18", "label": "work"}])
    task(ines, "Call back", "2026-03-11T16:00", person=anders)
    finish(
        task(
            ines,
            "Asked for three buildings",
            "2026-03-10T16:00",
            kind="call",
            body="Cut from five to three.",
            person=anders,
        ),
        by=ines,
    )
    html = page()
    assert "Cut from five to three. Call, Ines Okafor, today" in section(html, "late")
    assert 'href="tel:+46' in html and f"/people/{anders.pk}/say/call" in html
    thread = Thread.objects.create(subject="Price", person=anders)
    Message.objects.create(thread=thread, state="received", sender="anders@rosenlund.example", text="Any news?", message_id="1",
                           at=dt.datetime(2026, 3, 12, 8, 57, tzinfo=dt.UTC))  # fmt: skip
    assert "Any news? E-mail, anders@rosenlund.example" in section(page(), "late")


def test_stalled_deals_say_their_worth_their_silence_and_the_usual_gap(ines, page):
    stage("Discovery", stall_days=12, usual_days=6)
    bostad = company(ines, "Bostad Väst")
    slow = deal(ines, "Leak monitoring, 11 blocks", company=bostad, amount=212000, currency="EUR", owner=user("ines"))
    deal(ines, "Fresh", owner=user("ines"))
    idle(slow, 19)
    stalled = section(page(), "stalled")
    assert "Stalled deals 1" in stalled and "Bostad Väst" in stalled and "Leak monitoring, 11 blocks" in stalled
    assert "€212,000" in stalled and "19 days usual gap 6" in stalled and "Nudge" in stalled and "Fresh" not in stalled


def won(by, name, **links):
    return deal(
        actor("ines", "import"),
        name,
        status="won",
        opened_on=dt.date(2025, 1, 7),
        closed_on=dt.date(2025, 2, 7),
        owner=user("ines"),
        **links,
    )


def test_customers_nobody_spoke_with_for_long_stand_longest_silent_first_and_their_list_agrees(ines, page):
    for n in range(7):
        merkur = company(ines, f"Hotel Merkur {n}")
        won(ines, f"Sensors {n}", company=merkur)
        touched(merkur, 61 + n)
    touched(company(ines, "Never bought"), 90)
    fresh = company(ines, "Liffey Lofts")
    won(ines, "Lofts", company=fresh)
    touched(fresh, 59)
    alone = person(ines, "Jan Novotný")
    won(ines, "Cottage", contact=alone)
    touched(alone, 100)
    html = page()
    silent = section(html, "silent")
    assert "Silent customers 8 Customers without a word for more than 60 days" in silent
    assert (
        silent.index("Jan Novotný") < silent.index("Hotel Merkur 6") < silent.index("Hotel Merkur 5")
        and "100 days" in silent
    )
    assert "Never bought" not in silent and "Liffey" not in silent and "All 7 companies" in silent
    address = (
        html[html.index('id="silent"') :].split('class="more')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    )
    assert page(path=address).count('<td class="fold-1"') == 7


def test_open_relationships_without_a_date_stand_once_each(ines, page):
    merkur, lofts = company(ines, "Hotel Merkur"), company(ines, "Liffey Lofts")
    person(ines, "Jan Novotný", company=merkur)
    task(ines, "Call", "2026-04-01T09:00", person=person(ines, "Aoife Kelleher", company=lofts))
    person(ines, "Rolf Gunnarsen")
    old = company(ines, "Long ago")
    lost = company(ines, "Still talking")
    for row in (old, lost):
        type(row).objects.filter(pk=row.pk).update(created_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    deal(ines, "Pilot", company=lost)
    loose = section(page(), "loose")
    assert (
        "No next step 3" in loose and "Hotel Merkur" in loose and "Rolf Gunnarsen" in loose and "Still talking" in loose
    )
    assert not any(name in loose for name in ("Jan Novotný", "Aoife", "Liffey", "Long ago"))


def test_birthdays_and_first_wins_of_the_week_are_worth_a_word(ines, page):
    person(ines, "Freya Lindahl", birthday=dt.date(1980, 3, 14))
    person(ines, "Samir Haddad", birthday=dt.date(1980, 3, 20))
    krone = company(ines, "Stadthotel Krone")
    imported = actor("ines", "import")
    for closed in (dt.date(2024, 3, 16), dt.date(2025, 3, 15)):
        deal(
            imported,
            f"Sensors {closed}",
            status="won",
            opened_on=dt.date(2024, 1, 1),
            closed_on=closed,
            company=krone,
            owner=user("ines"),
        )
    said = section(page(), "words")
    assert "Freya Lindahl Sat Birthday" in said and "Samir" not in said
    assert "Stadthotel Krone Mon Customer for 2 years" in said and said.count("Krone") == 1


def test_a_word_leads_to_a_drafted_note_and_waits_while_a_complaint_is_open(ines, page):
    freya, krone = person(ines, "Freya Lindahl", birthday=dt.date(1980, 3, 14)), company(ines, "Stadthotel Krone")
    person(ines, "Nora Lead", birthday=dt.date(1980, 3, 14))
    type(freya).objects.filter(pk=freya.pk).update(customer_since=dt.date(2024, 1, 5), company=krone)
    deal(
        actor("ines", "import"), "Sensors", status="won", opened_on=dt.date(2024, 1, 1), closed_on=dt.date(2024, 3, 16),
        company=krone, owner=user("ines"),
    )  # fmt: skip
    html = page()
    assert f'href="/people/{freya.pk}/occasion?for=birthday"' in html
    assert f'href="/companies/{krone.pk}/occasion"' in html
    assert html.count("Draft a note to") == 2
    tickets = registry["ticket"]
    complaint = create(tickets, {"subject": "Wet again", "kind": "complaint", "company": krone}, by=ines)
    said = words(page())
    assert "Nora Lead" in said and "Freya" not in said.split("Worth a word")[1] and "Customer for 2 years" not in said
    tickets.model.objects.filter(pk=complaint.pk).update(state="solved")
    assert "Customer for 2 years" in words(page())


def test_a_leap_day_is_kept_on_the_day_before_where_there_is_none(morning, ines, page):
    morning.move_to("2026-02-25 09:00")
    person(ines, "Leif Skott", birthday=dt.date(1988, 2, 29))
    assert "Leif Skott Sat Birthday" in section(page(), "words")


def test_the_sentence_says_how_many_wait_and_how_many_too_long(ines, page):
    assert "Good morning, Ines" in words(page())
    anders, beatriz = person(ines, "Anders Holm"), person(ines, "Beatriz Nunes")
    task(ines, "Call back", "2026-03-11T16:00", person=anders)
    task(ines, "Send the price", "2026-03-12T16:00", person=anders)
    task(ines, "Send the sheet", "2026-03-12T10:00", person=beatriz)
    assert "Thursday, 12 March 2026. Two people expect something from you today; one has waited too long." in words(
        page()
    )


def test_more_rows_than_are_shown_are_counted_and_lead_to_their_list(ines, page):
    marta = person(ines, "Marta Kowalczyk")
    for n in range(23):
        task(ines, f"Step {n}", "2026-03-11T16:00", person=marta)
    html = page()
    assert "Late 23" in section(html, "late") and section(html, "late").count("1 Done: Step") == 0
    assert "All of them in the list" in section(html, "late") and "23 steps are due today or late" in words(html)


def test_a_room_adds_a_section_of_its_own(ines, page):
    def leads(by, scope):
        return Section((Item("person", 1, "Tom Becker", "/people/1", what="“Just looking.”", when="35 min over", tone="late"),),
                       hint="First answer within 2 working hours")  # fmt: skip

    register_section("visitors", "New leads to qualify", 30, leads)
    try:
        said = section(page(), "visitors")
    finally:
        _sections.pop("visitors")
    assert (
        said == "New leads to qualify 1 First answer within 2 working hours TB Tom Becker “Just looking.” 35 min over"
    )


def test_a_question_with_an_address_of_its_own_leads_back_to_the_day_too(ines, page):
    actor("priya")  # somebody else in the team
    ask = Do("Not a fit", "x", "/people/1/do/close?outcome=lost", words=True)
    register_section(
        "visitors", "New", 30, lambda by, scope: Section((Item("person", 1, "Tom", "/people/1", actions=(ask,)),))
    )
    try:
        assert 'href="/people/1/do/close?outcome=lost&amp;next=%2F%3Fof%3Dteam"' in page(path="/?of=team")
    finally:
        _sections.pop("visitors")


def test_an_empty_day_is_a_good_day_and_a_first_day_offers_a_beginning(ines, page):
    assert "Who do you already know?" in words(page())
    task(ines, "Call", "2026-04-01T09:00", person=person(ines, "Marta Kowalczyk"))
    html = page()
    assert "Nobody waits for you" in words(html) and "See the week ahead" in words(html)


def test_nothing_of_rows_beyond_the_readers_sight_is_told(ines, page):
    jonas = actor("jonas")
    secret = person(jonas, "Secret Sven")
    task(ines, "Call somebody", "2026-03-12T10:00", person=secret)
    policy("member", "person", see="own")
    html = page()
    assert "Call somebody" in section(html, "due") and "Secret" not in html


def test_lists_filter_by_the_standing_that_deals_give(ines, page):
    merkur, lofts = company(ines, "Hotel Merkur"), company(ines, "Liffey Lofts")
    company(ines, "Never asked")
    won(ines, "Sensors", company=merkur)
    deal(ines, "More sensors", company=merkur)
    deal(ines, "Lofts", company=lofts)
    listed = words(page(path="/companies/?filter=standing.is:won&cols=standing"))
    assert "Hotel Merkur Customer" in listed and "Liffey" not in listed
    assert "Liffey Lofts Open deal" in words(page(path="/companies/?filter=standing.filled&cols=standing"))


def test_a_row_says_in_which_step_somebody_stands_and_what_is_to_be_done_with_them(ines, page):
    in_force()
    firm = company(ines, "Rosenlund")
    anders, alone = person(ines, "Anders Holm", company=firm), person(ines, "Beatriz Nunes")
    perform(ACTIONS["journey.move"], journey_of(firm), {"stage": "deal", "reason": "They buy"}, by=ines)
    for who in (anders, alone):
        task(ines, "Call back", "2026-03-11T16:00", person=who, kind="call")
    task(ines, "Look at the file", "2026-03-12T16:00", company=firm)
    sections = as_json(day_of(ines, scope_of(ines, "me")))["sections"]
    rows = {row["name"]: row for s in sections for row in s["rows"] if row["type"] == "activity"}
    assert rows["Anders Holm"]["mark"] == "Deal" and rows["Anders Holm"]["small"].startswith("Call · Due yesterday")
    assert rows["Rosenlund"]["mark"] == "Deal" and rows["Rosenlund"]["small"] == "Task"
    assert rows["Beatriz Nunes"]["mark"] == "Capture"
    assert 'data-step="5"' in page() and "They buy" not in page()
