"""In a browser: a template and a snippet in the composer, steps put in order by hand and by keys, a mail looked at."""

import pytest
from playwright.sync_api import expect

from kith.activities.jobs import send_mail
from kith.activities.models import Message
from kith.engagement import asking
from kith.engagement.models import Objection, Occurrence, Sequence
from kith.engagement.tests.making import add, template
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.ui.tests.browser import opened, until, violations
from tests.cast import user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STEPS = [{"do": "wait", "for": "1 day"}, {"do": "call", "subject": "Ask"}, {"do": "task", "subject": "Look"}]


@pytest.fixture
def at(chromium, live_server, client, marta):
    client.force_login(user("ines"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    return lambda path, **options: opened(chromium, live_server.url + path, [cookie], **options)


def test_a_template_and_a_snippet_fill_the_composer_and_the_mail_leaves(at, ines, marta, postbox):
    template()
    add(ines, "template", name="Price", kind="snippet", body="It costs **nothing**.")
    with at(f"/people/{marta.pk}?kind=mail") as page:
        for label, words in (("Template", "Welc"), ("Put in a snippet", "Pri")):
            box = page.locator(".composer").get_by_role("combobox", name=label)
            box.click()
            box.press_sequentially(words)
            page.get_by_role("option").first.wait_for()
            with page.expect_response("**/templates/fill/**"):
                box.press("Enter")
        text = page.locator(".composer textarea[name=body]")
        until(page, "document.querySelector('.composer textarea').value.includes('nothing')")
        assert text.input_value() == "Dear Marta,\n\nshall we talk?\n\nIt costs **nothing**."
        assert page.locator(".composer [name=subject]").input_value() == "Hello Marta"
        with page.expect_response("**/compose/mail"):
            page.locator(".composer").get_by_role("button", name="Send").click()
    send_mail(message=Message.objects.get().pk)
    [got] = postbox.kept
    assert Message.objects.get().state == "sent" and "<strong>nothing</strong>" in got.get_body(("html",)).get_content()


def test_steps_are_put_in_order_by_dragging_and_by_keys(at, ines):
    made = actions.create(registry["sequence"], {"name": "First talk", "draft": {"steps": STEPS}}, by=ines)

    def order():
        return [step["do"] for step in Sequence.objects.get(pk=made.pk).draft["steps"]]

    with at(f"/sequences/{made.pk}/steps") as page:
        grip, last = (
            page.locator("[data-item] .grip").first.bounding_box(),
            page.locator("[data-item]").last.bounding_box(),
        )
        page.mouse.move(grip["x"] + 4, grip["y"] + 4)
        page.mouse.down()
        with page.expect_response("**/steps"):
            page.mouse.move(grip["x"] + 4, last["y"] + last["height"] - 2, steps=8)
            page.mouse.up()
        page.locator("[data-item]", has_text="3 wait").wait_for()
        assert order() == ["call", "task", "wait"]
        page.get_by_role("button", name="Step 1 down").focus()
        with page.expect_response("**/steps"):
            page.keyboard.press("Enter")
        page.locator("[data-item]", has_text="1 do: Look").wait_for()
    assert order() == ["task", "call", "wait"]


def test_the_look_beforehand_shows_the_mail_in_its_frames(at, marta):
    made = template()
    with at(f"/templates/{made.pk}/look?person={marta.pk}", viewport={"width": 390, "height": 844}) as page:
        for title in ("The mail, wide", "The mail on a phone"):
            page.frame_locator(f"iframe[title='{title}']").get_by_text("shall we talk?").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_while_one_writes_a_question_those_known_already_appear_and_one_press_counts_it_there(
    at, ines, marta, theme, width
):
    made = add(ines, "objection", question="What does it cost in the second year?")
    perform(asking.answer, made, {"text": "Ten percent less.", "best": True}, by=ines)
    with at(f"/people/{marta.pk}?kind=question", viewport={"width": width, "height": 900}, color_scheme=theme) as page:
        words = page.locator(".composer textarea[name=body]")
        words.press_sequentially("What will the second year cost us")
        known = page.get_by_role("region", name="Known already")
        expect(known).to_contain_text("Ten percent less.")
        assert words.input_value() == "What will the second year cost us" and violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        with page.expect_response("**/compose/question"):
            known.get_by_role("button", name="It is this one").click()
        expect(known).to_have_count(0)
    assert Objection.objects.count() == 1
    assert Occurrence.objects.get(objection=made).words == "What will the second year cost us"


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_on_the_pages_of_templates_and_sequences(at, ines, marta, theme, width):
    made = template()
    steps = [*STEPS, {"do": "branch", "if": "job_title.filled", "then": STEPS[:1], "else": []}]
    row = actions.create(registry["sequence"], {"name": "First talk", "draft": {"steps": steps}}, by=ines)
    paths = (
        f"/templates/{made.pk}",
        f"/sequences/{row.pk}",
        f"/sequences/{row.pk}/steps",
        "/settings/signature/",
        f"/people/{marta.pk}?kind=mail",
    )
    for path in paths:
        with at(path, viewport={"width": width, "height": 900}, color_scheme=theme) as page:
            page.wait_for_load_state("networkidle")  # parts that come after the page
            expect(page.locator(".progress-page")).to_be_hidden()
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
