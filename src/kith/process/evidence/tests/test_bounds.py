"""However broad a filter is, a reader waits a few seconds at most, and is told what to do."""

import pytest
from django.db import connection

from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import bump
from kith.process.definition.files import to_yaml
from kith.process.evidence import reading
from kith.process.evidence.asked import Asked
from kith.process.evidence.page import Map
from kith.process.evidence.tests.lives import filled, some_walks, steps_of_one_version, with_rules
from kith.process.evidence.tests.stories import walk
from kith.process.tests.cast import in_force
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def process():
    row = in_force(to_yaml(with_rules()))
    bump()
    return row


def test_what_takes_too_long_is_given_up_with_what_to_do():
    told = pytest.raises(Invalid, match="longer than 0.05 seconds.* Choose a shorter period or a narrower filter")
    with told, reading.bounded(0.05), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] in ("0", "30s"), "what comes after has its usual time"


def test_a_page_that_is_given_up_says_so_and_leads_to_what_is_ready(sign_in, process, monkeypatch):
    filled(process, [walk("capture engage", version=1)])

    def slow(*_args, **_more):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(reading, "PATIENCE", 0.05)
    monkeypatch.setattr("kith.process.evidence.page.scanned", slow)
    page = sign_in("astrid").get("/process/map?period=all&filter=owner.empty")
    text = text_of(page)
    assert "Too many to count one by one" in text and "a narrower filter" in text
    assert 'href="/process/map?process=tidewell&amp;period=all"' in page.content.decode()


def test_a_segment_alone_is_read_from_the_sums_and_says_the_same_as_its_rows(process):
    filled(process, steps_of_one_version(some_walks(4, 60)))
    by = actor("astrid")
    alone = Map(by, Asked.read({"period": "all", "filter": "segment.is:retail"}))
    counted_one_by_one = reading.scanned(process.pk, alone.source.rows)
    assert alone._kept == ["retail"] and alone.tally == counted_one_by_one
    assert sum(alone.tally.values()) > 0
    narrower = Map(by, Asked.read({"period": "all", "filter": "segment.is:retail,stage.is:engage"}))
    assert narrower._kept is None
    policy("member", "journey", see="own", edit="own")
    assert Map(actor("jonas"), Asked.read({"filter": "segment.is:retail"}))._kept is None
