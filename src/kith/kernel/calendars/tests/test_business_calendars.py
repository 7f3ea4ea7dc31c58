"""Business calendars in the organisation: the default, what is refused, how they are asked, and their pages."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kith.kernel.access.actor import system
from kith.kernel.calendars.actions import install_default, make_default
from kith.kernel.calendars.models import BusinessCalendar
from kith.kernel.calendars.preview import exceptions, this_week
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.tests.made import BERLIN, H, at, shown
from kith.kernel.errors import Invalid, InvalidMany, NotAllowed, NotFound
from kith.kernel.organisation.models import Organisation, bump, current
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
RECORD = registry["business_calendar"]


@pytest.fixture
def astrid():
    by = actor("astrid")
    current()
    Organisation.objects.update(time_zone="Europe/Berlin")
    bump()
    return by


def made(by, **raw):
    return actions.create(RECORD, actions.parse_values(RECORD, {"name": "Support", **raw}, by=by), by=by)


def refused(by, **raw):
    with pytest.raises((Invalid, InvalidMany)) as problem:
        made(by, **raw)
    error = problem.value
    return error.errors if isinstance(error, InvalidMany) else {error.field: [error.message]}


def test_while_nobody_made_a_calendar_office_hours_in_the_organisations_zone_count(astrid):
    assert shown(calendar_of().add(at("2026-03-13 16:00"), 2 * H)) == "Mon 2026-03-16 10:00"
    Organisation.objects.update(time_zone="America/New_York")
    bump()
    assert str(calendar_of().zone) == "America/New_York"


def test_the_first_day_brings_a_default_calendar_once(astrid):
    first = install_default(astrid)
    assert install_default(astrid) == first
    assert (first.name, first.time_zone, first.is_default) == ("Office hours", "", True)
    assert calendar_of().zone == BERLIN


def test_a_calendar_is_asked_without_a_query_and_anew_when_it_changed(astrid):
    row = made(astrid, windows="Mon 10:00-12:00")
    calendar_of(row.pk)
    with CaptureQueriesContext(connection) as captured:
        monday = calendar_of(row.pk).between(at("2026-03-16 00:00"), at("2026-03-17 00:00"))
    assert (monday, len(captured)) == (2 * H, 0)
    actions.edit(RECORD, row, {"windows": {"mon": "10:00-13:00"}}, by=astrid)
    assert calendar_of(row.pk).between(at("2026-03-16 00:00"), at("2026-03-17 00:00")) == 3 * H


def test_an_archived_calendar_still_measures_and_an_unknown_one_is_refused(astrid):
    row = made(astrid)
    actions.archive(RECORD, row, by=astrid)
    assert calendar_of(row.pk).name == "Support"
    with pytest.raises(NotFound, match="no business calendar 4711"):
        calendar_of(4711)


def test_holidays_days_off_and_other_hours_count(astrid):
    row = made(
        astrid, time_zone="Europe/Berlin", holidays="DE-BY", days_off="2026-12-24 Christmas Eve",
        special_days="2026-12-26 10:00-14:00 Sale\n2026-01-06 09:00-10:00",
    )  # fmt: skip
    cal = calendar_of(row.pk)
    assert cal.between(at("2026-12-24 00:00"), at("2026-12-28 00:00")) == 4 * H
    assert cal.between(at("2026-01-06 00:00"), at("2026-01-07 00:00")) == H
    assert cal.why(dt.date(2026, 12, 25)) == "Christmas Day"
    assert cal.why(dt.date(2026, 12, 26)) == "Sale"


def test_what_is_made_the_default_measures_what_has_no_calendar(astrid):
    office, support = install_default(astrid), made(astrid, windows="Sat 10:00-12:00")
    perform(make_default, support, {}, by=astrid)
    assert list(BusinessCalendar.objects.filter(is_default=True)) == [support]
    assert calendar_of() is calendar_of(support.pk)
    assert make_default.applies(BusinessCalendar.objects.get(pk=office.pk))


def test_making_it_the_default_is_taken_back_whole(astrid):
    office, support = install_default(astrid), made(astrid)
    outcome = perform(make_default, support, {}, by=astrid)
    undone = undo(outcome.operation, by=astrid)
    connection.check_constraints()
    assert undone.conflicts == []
    assert list(BusinessCalendar.objects.filter(is_default=True)) == [office]


def test_the_database_keeps_two_defaults_out(astrid):
    install_default(astrid)
    support = made(astrid)
    with pytest.raises(IntegrityError, match="calendar_one_default"), transaction.atomic():
        BusinessCalendar.objects.filter(pk=support.pk).update(is_default=True)
        connection.check_constraints()


def test_the_default_is_not_archived_and_what_is_archived_is_no_default(astrid):
    office, support = install_default(astrid), made(astrid)
    with pytest.raises(Invalid, match="make another one the default first"):
        actions.archive(RECORD, office, by=astrid)
    support = actions.archive(RECORD, support, by=astrid)
    with pytest.raises(Invalid, match="bring it back first"):
        make_default(support, by=astrid)


def test_the_default_mark_is_no_field_to_set(astrid):
    assert list(refused(astrid, is_default="1")) == ["is_default"]


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("time_zone", "Europe/Atlantis", "“Europe/Atlantis” is not one of the choices"),
        ("windows", {"mon": "09:00-13:00, 12:00-17:00"}, "Monday: 09:00-13:00 and 12:00-17:00 overlap"),
        ("windows", {"mon": "17:00-09:00"}, "Monday: “17:00-09:00” ends before it starts"),
        ("windows", {}, "give at least one day hours"),
        ("holidays", "Atlantis", "No public holidays are known for “Atlantis”"),
        ("days_off", "2026-12-24 A\n2026-12-24 B", "2026-12-24 is there twice"),
        ("name", "", "Name is needed"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_sentence_at_its_field(astrid, key, value, sentence):
    errors = refused(astrid, **{key: value})
    assert list(errors) == [key]
    assert len(errors[key]) == 1 and sentence in errors[key][0]


def test_a_date_in_both_lists_is_refused(astrid):
    errors = refused(astrid, days_off="2026-12-21 to 2026-12-31 Works holiday", special_days="2026-12-24 9-12")
    assert errors == {"special_days": ["2026-12-24 is a day off as well; leave it in one of the two lists."]}


def test_two_calendars_of_one_name_are_refused(astrid):
    made(astrid)
    assert "already a calendar of that name" in str(refused(astrid))


def test_only_those_who_manage_settings_change_calendars(astrid):
    row = made(astrid)
    with pytest.raises(NotAllowed):
        made(actor("jonas"), name="Night")
    with pytest.raises((NotAllowed, NotFound)):
        actions.edit(RECORD, row, {"name": "Mine"}, by=actor("jonas"))


def test_the_preview_says_which_days_are_other_than_the_week_says(astrid):
    row = made(
        astrid,
        time_zone="Europe/Berlin",
        holidays="DE",
        days_off="2026-12-24 Christmas Eve",
        special_days="2026-12-19 10-14 Sale",
    )
    cal, today = calendar_of(row.pk), dt.date(2026, 11, 22)
    said = [(str(one.day), one.hours, one.why) for one in exceptions(cal, today)]
    assert said == [
        ("2026-12-19", "10:00–14:00", "Sale"),
        ("2026-12-24", "", "Christmas Eve"),
        ("2026-12-25", "", "Christmas Day"),
        ("2027-01-01", "", "New Year's Day"),
    ]  # fmt: skip  26 December is a Saturday, closed anyway
    week = this_week(cal, today, first=6)
    assert [one.day.day for one in week] == [22, 23, 24, 25, 26, 27, 28]
    assert [bool(one.hours) for one in week] == [False, True, True, True, True, True, False]


def test_the_page_shows_hours_exceptions_and_the_settings_lead_there(client, astrid):
    row = made(astrid, windows="Mon-Fri 09:00-12:30, 13:30-17:00")
    client.force_login(user("astrid"))
    page = client.get(RECORD.url(row.pk)).content.decode()
    assert "09:00–12:30, 13:30–17:00" in page
    assert "Times of Europe/Berlin" in page
    assert "Closed every week: Saturday, Sunday." in page
    assert "/business-calendars/" in client.get("/settings/").content.decode()


def test_several_dates_stand_on_lines_of_their_own_and_apart_for_ears(client, astrid):
    row = made(astrid, days_off="2027-05-14 <b>Bridge</b>\n2027-05-28 Fair", windows="Mon 9-17; Wed 9-12")
    client.force_login(user("astrid"))
    page = client.get(RECORD.url(row.pk)).content.decode()
    assert "&lt;b&gt;Bridge&lt;/b&gt;<br>" in page and "<b>Bridge" not in page
    assert 'aria-label="Opening hours: Mon 09:00–17:00 Wed 09:00–12:00. Edit"' in page


def test_the_form_marks_each_wrong_day_and_keeps_what_was_typed(client, astrid):
    client.force_login(user("astrid"))
    sent = {"name": "Support", "windows-mon": "9-17", "windows-tue": "22-6", "windows-sun": "noon"}
    response = client.post("/business-calendars/new", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="f-windows-tue-error"' in page and 'id="f-windows-sun-error"' in page
    assert 'id="f-windows-mon-error"' not in page
    assert 'value="22-6"' in page
    assert client.post("/business-calendars/new", {**sent, "windows-tue": "", "windows-sun": ""}).status_code == 303
    assert BusinessCalendar.objects.get().windows == {"mon": "09:00-17:00"}


def test_programs_read_and_write_hours_by_day(client, astrid):
    client.force_login(user("astrid"))
    from kith.kernel.accounts import tokens

    bearer = {"Authorization": "Bearer " + tokens.issue(user("astrid"), "roster")[1]}
    body = {"name": "Night", "windows": {"sat": "00:00-06:00, 22:00-24:00"}, "days_off": [{"day": "2026-12-24"}]}
    answer = client.post(
        "/api/v1/business-calendars", json.dumps(body), content_type="application/json", headers=bearer
    )
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["windows"] == {"sat": "00:00-06:00, 22:00-24:00"}
    assert told["days_off"] == [{"day": "2026-12-24", "name": ""}]


def test_an_organisation_that_works_already_gets_office_hours_by_the_upgrade(astrid):
    from importlib import import_module

    from django.apps import apps
    from django.utils import timezone

    upgrade = import_module("kith.kernel.calendars.migrations.0002_office_hours")
    upgrade.office_hours(apps, None)
    assert not BusinessCalendar.objects.exists()
    Organisation.objects.update(set_up_at=timezone.now())
    upgrade.office_hours(apps, None)
    upgrade.office_hours(apps, None)
    assert BusinessCalendar.objects.get().is_default
    assert install_default(system("cli")) == BusinessCalendar.objects.get()
