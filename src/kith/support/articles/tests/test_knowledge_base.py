"""The knowledge base: what is published is read, found and judged; what is missing is counted."""

import re
from html import unescape

import pytest
from django.test import Client

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, EventLink
from kith.kernel.timeline.operations import undo
from kith.support.articles import finding
from kith.support.articles.models import Article, Feedback, Gap, Use, Version
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return Client(enforce_csrf_checks=True)


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def article(title="Reset a sensor", body="Press the button for **ten seconds**.", publish=True, **values):
    given = {"title": title, "body": body, "audience": "public", "category": "Sensors"} | values
    made = actions.create(registry["article"], given, by=actor("ines"))
    return ACTIONS["article.publish"].run(made, by=actor("ines")) if publish else made


def ticket(subject="Sensor reads 0 %"):
    return actions.create(registry["ticket"], {"subject": subject}, by=actor("ines"))


def test_anybody_reads_a_public_article_without_an_account(reader):
    article()
    there = reader.get("/knowledge/reset-a-sensor")
    assert there.status_code == 200 and "<strong>ten seconds</strong>" in there.content.decode()
    assert "Reset a sensor" in words(reader.get("/knowledge/"))
    assert "noindex" not in there.headers.get("X-Robots-Tag", "")


@pytest.mark.parametrize("how", ["internal", "draft", "withdrawn", "archived"])
def test_what_is_not_for_everybody_is_found_nowhere_outside(reader, how):
    made = article(publish=how != "draft", audience="internal" if how == "internal" else "public")
    if how == "withdrawn":
        ACTIONS["article.withdraw"].run(made, by=actor("ines"))
    if how == "archived":
        actions.archive(registry["article"], made, by=actor("ines"))
    assert reader.get("/knowledge/reset-a-sensor").status_code == 404
    for address in ("/knowledge/", "/knowledge/?q=reset", "/knowledge/-/suggest?q=reset+sensor"):
        assert "Reset a sensor" not in words(reader.get(address))


def test_a_version_never_changes_and_readers_see_the_last_one_published(reader):
    made = article()
    actions.edit(registry["article"], made, {"body": "Hold it for twenty seconds."}, by=actor("ines"))
    assert "ten seconds" in words(reader.get("/knowledge/reset-a-sensor"))
    made.refresh_from_db()
    ACTIONS["article.publish"].run(made, note="New sensors", by=actor("ines"))
    assert "twenty seconds" in words(reader.get("/knowledge/reset-a-sensor"))
    assert list(Version.objects.order_by("number").values_list("number", "body")) == [
        (1, "Press the button for **ten seconds**."), (2, "Hold it for twenty seconds.")]  # fmt: skip


def test_a_draft_word_that_is_not_published_finds_nothing(reader):
    made = article()
    actions.edit(registry["article"], made, {"body": "The secret prototype."}, by=actor("ines"))
    assert "Reset a sensor" not in words(reader.get("/knowledge/?q=prototype"))


def test_undoing_a_publication_brings_the_version_before_back(reader):
    made = article()
    actions.edit(registry["article"], made, {"body": "Hold it for twenty seconds."}, by=actor("ines"))
    made.refresh_from_db()
    done = perform(ACTIONS["article.publish"], made, {}, by=actor("ines"))
    undo(done.operation, by=actor("ines"))
    assert "ten seconds" in words(reader.get("/knowledge/reset-a-sensor"))
    made.refresh_from_db()
    ACTIONS["article.publish"].run(made, by=actor("ines"))
    assert Article.objects.get().number == 3


def test_an_article_is_read_in_the_language_that_fits_best(reader):
    made = article(publish=False)
    ACTIONS["article.translate"].run(
        made, language="de", title="Sensor zurücksetzen", body="Zehn Sekunden drücken.", by=actor("ines")
    )
    made.refresh_from_db()
    ACTIONS["article.publish"].run(made, by=actor("ines"))
    assert "Zehn Sekunden" in words(reader.get("/knowledge/reset-a-sensor", headers={"accept-language": "de-AT,de"}))
    assert "Press the button" in words(reader.get("/knowledge/reset-a-sensor", headers={"accept-language": "fr"}))
    assert "Sensor zurücksetzen" in words(reader.get("/knowledge/", headers={"accept-language": "de"}))
    assert finding.search("drücken", language="en")[0].article == made.pk


def test_history_says_texts_in_other_languages_by_their_titles():
    row = article()
    actions.edit(
        registry["article"],
        row,
        {"texts": {"de": {"title": "Zurücksetzen", "body": "Zehn Sekunden."}}},
        by=actor("ines"),
    )
    kind = registry["article"].columns()["texts"].kind
    assert kind.show(Article.objects.get(pk=row.pk).texts) == "de: Zurücksetzen"


def test_a_search_that_finds_nothing_is_counted_and_names_nobody(reader):
    article()
    for asked in (
        "Invoice address",
        "address INVOICE",
        "invoice  address",
        "call +48 600 700 800",
        "marta@bellevue.example",
    ):
        assert "Nothing is written about" in words(reader.get("/knowledge/", {"q": asked}))
    gaps = {gap.key: gap for gap in Gap.objects.all()}
    assert gaps["address invoice"].times == 3 and gaps["address invoice"].by_readers == 3
    assert not any(re.search(r"\d{3}|bellevue", f"{gap.words} {gap.key}") for gap in gaps.values())


def test_an_article_is_begun_from_a_gap():
    gap = finding.missed("invoice address", reader=True)
    ACTIONS["article_gap.begin"].run(gap, title="Change your invoice address", by=actor("ines"))
    gap.refresh_from_db()
    assert gap.state == "begun" and gap.article.title == "Change your invoice address"


def test_what_somebody_writes_to_us_finds_what_may_answer_it(reader):
    article()
    article("Clean the filter", "Take it out and rinse it.")
    there = reader.get("/knowledge/-/suggest", {"q": "Our sensor in the attic needs a reset, how can we do that?"})
    assert "Reset a sensor" in words(there) and "Clean the filter" not in words(there)
    told = reader.get("/knowledge/-/suggest", {"q": "reset sensor", "format": "json"}).json()
    assert told["articles"][0]["href"] == "/knowledge/reset-a-sensor"
    assert not Gap.objects.exists()


def send(reader, **given):
    shown = reader.get("/knowledge/reset-a-sensor")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.content.decode())[1]
    return reader.post("/knowledge/reset-a-sensor", {"csrfmiddlewaretoken": token, **given}, follow=True)


def test_readers_say_whether_it_helped_and_count_once_a_day(reader):
    made = article()
    assert "Thank you" in words(send(reader, helped="no", comment="Which button?"))
    send(reader, helped="yes")
    assert list(Feedback.objects.values_list("helped", "number")) == [(True, 1)]
    record = registry["article"]
    columns = record.columns()
    row = record.listing(record.rows(system()), [columns["helped"], columns["unhelped"]]).get(pk=made.pk)
    assert (columns["helped"].get(row), columns["unhelped"].get(row)) == (1, 0)
    assert send(reader, helped="perhaps").status_code == 422


def test_a_flood_of_feedback_is_refused(reader):
    article()
    answers = [send(reader, helped="yes").status_code for _one in range(32)]
    assert answers[0] == 200 and answers[-1] == 422


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://elsewhere.example/a.png)",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_markup_in_an_article_never_becomes_a_script_or_a_picture_from_elsewhere(reader, body):
    article(body=f"Read this. {body}")
    text = reader.get("/knowledge/reset-a-sensor").content.decode().split("knowledge-text")[1].split("</article>")[0]
    assert not re.search(r"<script|<img|href=\"javascript", text)


def test_an_article_without_a_text_is_not_published():
    with pytest.raises(Invalid, match="Nothing is written in en yet"):
        article(body="")


def test_an_article_used_on_a_ticket_stands_on_its_story_and_learns_what_came_of_it():
    from kith.support.articles import listening

    made, row = article(), ticket()
    ACTIONS["ticket.use_article"].run(row, article=made, by=actor("ines"))
    ACTIONS["ticket.use_article"].run(row, article=made, by=actor("ines"))
    event = Event.objects.get(verb="article.used")
    assert ("ticket", row.pk) in set(EventLink.objects.filter(event=event).values_list("record", "record_id"))

    class Solved:
        record, record_id = "ticket", row.pk

        class says:  # noqa: N801
            @staticmethod
            def verb_for(record):
                return "ticket.solved"

    listening.hear([Solved], system())
    assert Use.objects.get().outcome == "solved"


def test_the_summary_of_an_article_is_its_words_without_marks():
    from kith.support.articles.reading import summary

    assert (
        summary("Dry it, then [reset it](/knowledge/reset). **Wait** a minute.\n\n- Then\n- again")
        == "Dry it, then reset it. Wait a minute. Then again"
    )
    assert len(summary("word " * 100)) <= 160


def test_the_pages_around_an_article_are_in_its_language(reader):
    article("Sensor zurücksetzen", "Den Knopf **zehn Sekunden** drücken.", language="de")
    page = reader.get("/knowledge/", headers={"Accept-Language": "de"})
    assert "Wie können wir helfen?" in words(page) and '<html lang="de"' in page.content.decode()
    assert "Hier gibt es nichts zu lesen" in words(reader.get("/knowledge/nothing", headers={"Accept-Language": "de"}))


def test_beside_a_ticket_stand_only_articles_within_reach(client):
    used, other = article(owner=user("astrid")), article("A silent sensor", owner=user("astrid"))
    row = ticket("My sensor is silent")
    ACTIONS["ticket.use_article"].run(row, article=used, by=actor("ines"))
    client.force_login(user("ines"))
    panel = f"/tickets/{row.pk}/panel/articles"
    assert used.title in words(client.get(panel)) and other.title in words(client.get(panel))
    policy("member", "article", see="own", edit="own")
    assert used.title not in words(client.get(panel)) and other.title not in words(client.get(panel))
