"""Research on the audience that is out of date is said at the check of a mailing, on every face; it keeps nothing back."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.engagement.mailings.cautions import cautions
from kith.engagement.mailings.telling import told
from kith.engagement.tests.mailcast import do, gather, guest, mailing, send
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
WORDS = "A finding on the segment “Hotels” is out of date; look whether it still holds before you write to them."


@pytest.fixture
def ines():
    return actor("ines")


def finding(by, segment, days=500, name="They buy in spring"):
    then = timezone.localdate() - dt.timedelta(days=days)
    return create(registry["research"], {"name": name, "segment": segment, "found_on": then}, by=by)


def test_the_check_says_what_is_out_of_date_of_the_audience_and_keeps_nothing_back(client, ines, postbox):
    hotels, others = gather(ines, "Hotels", guest(ines, "Marta")), gather(ines, "Museums")
    note = finding(ines, hotels)
    finding(ines, hotels, days=3, name="Budgets fell")
    finding(ines, others, name="Nobody asked for these")
    row = do("check", mailing(ines, hotels), ines)
    address = f"/research/?filter=segment.is:{hotels.pk},stale.is:1"
    assert row.checked["cautions"] == [{"words": WORDS, "href": address}]
    client.force_login(user("ines"))
    page = client.get(f"/mailings/{row.pk}")
    assert WORDS in text_of(page) and note.name not in text_of(page) and WORDS in told(row, ines)
    assert note.name in text_of(client.get(address)) and "Budgets fell" not in text_of(client.get(address))
    send(row, ines)
    assert len(postbox.kept) == 1


def test_several_are_told_in_one_sentence_and_one_query_and_renewed_ones_no_more(ines, postbox):
    hotels = gather(ines, "Hotels", guest(ines, "Marta"))
    notes = [finding(ines, hotels, name=name) for name in ("One", "Two")]
    row = mailing(ines, hotels)
    with CaptureQueriesContext(connection) as asked:
        [caution] = cautions(row, ines)
    assert caution.words.startswith("2 findings on the segment “Hotels”") and len(asked) == 1
    for note in notes:
        edit(registry["research"], note, {"found_on": timezone.localdate()}, by=ines)
    assert do("check", row, ines).checked["cautions"] == []


def test_who_may_not_see_research_is_told_nothing_of_it(ines):
    hotels = gather(ines, "Hotels")
    finding(ines, hotels)
    row = mailing(ines, hotels)
    policy("member", "research", see="own")
    assert not cautions(row, actor("jonas"))
