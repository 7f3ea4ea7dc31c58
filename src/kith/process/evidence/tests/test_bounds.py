"""However broad a filter is, a reader waits a few seconds at most, and is told what to do."""

import pytest
from django.db import connection
from django.utils import timezone

from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import bump
from kith.process.definition.files import to_yaml
from kith.process.evidence import reading, slowly
from kith.process.evidence.asked import Asked
from kith.process.evidence.page import Map
from kith.process.evidence.slowly import Question
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


@pytest.fixture
def impatient(monkeypatch):
    """No page waits for any count."""

    def slow(*_args, **_more):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(reading, "PATIENCE", 0.05)
    monkeypatch.setattr("kith.process.evidence.page.scanned", slow)


def test_what_a_page_cannot_wait_for_is_counted_beside_it_and_says_what_the_rows_say(sign_in, process, impatient):
    filled(process, steps_of_one_version(some_walks(4, 60)))
    visitor, address = sign_in("astrid"), "/process/map?period=all&filter=owner.empty"
    page = visitor.get(address)
    assert (
        "Being counted" in text_of(page)
        and 'href="/process/map?process=tidewell&amp;period=all"' in page.content.decode()
    )
    assert "Being counted" in text_of(visitor.get(address)), "it is asked once"
    (question,) = Question.objects.all()
    slowly.answer(question.pk)
    page = text_of(visitor.get(address))
    assert "Being counted" not in page and "Counted at" in page
    found = Map(actor("astrid"), Asked.read({"period": "all", "filter": "owner.empty"}))
    assert found.tally == reading.scanned(process.pk, found.source.rows) and sum(found.tally.values()) > 0


def test_an_answer_is_that_of_its_reader_alone_and_for_an_hour(process, impatient):
    filled(process, steps_of_one_version(some_walks(4, 20)))
    asked = Asked.read({"period": "all", "filter": "owner.empty"})
    assert Map(actor("astrid"), asked).waits
    slowly.answer(Question.objects.get().pk)
    assert not Map(actor("astrid"), asked).waits
    assert Map(actor("ines"), asked).waits and Question.objects.count() == 2
    Question.objects.update(counted_at=timezone.now() - slowly.KEPT)
    assert Map(actor("astrid"), asked).waits, "it is counted anew"


def test_what_takes_too_long_even_beside_the_page_says_what_to_do(sign_in, process, impatient, monkeypatch):
    filled(process, [walk("capture engage", version=1)])
    visitor, address = sign_in("astrid"), "/process/map?period=all&filter=owner.empty"
    visitor.get(address)

    def endless(*_args, **_more):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(slowly, "PATIENCE", 0.05)
    monkeypatch.setattr(reading, "scanned", endless)
    slowly.answer(Question.objects.get().pk)
    text = text_of(visitor.get(address))
    assert "Too many to count one by one" in text and "a narrower filter" in text


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
