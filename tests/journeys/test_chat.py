"""From a button on a page elsewhere to a colleague's answer, live; and to a mail, when nobody is there."""

from __future__ import annotations

import http.server
import threading
import time

import pytest
from playwright.sync_api import expect

from kith.capture.chat.tests.chats import closed
from kith.ui.tests.browser import WAIT, violations
from tests.journeys.conftest import served
from tests.mailcast import smtp_running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-with-servers")]

SET_UP = """
from kith.capture.chat.tests.chats import BOT, widget
made = widget(hours={hours!r}, bot=BOT if {bot} else {{"on": False}})
print(made.key)
"""


@pytest.fixture
def elsewhere():
    """A page of another origin, whose policy allows nothing but the script itself and where it asks."""
    servers = []

    def put(site):
        class Page(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_args):
                """Nobody reads it."""

            def do_GET(self):  # noqa: N802  the library's name
                body = (
                    '<!doctype html><html lang="en"><head><title>Leaks</title><meta name="viewport" content="width=device-width">'
                    f'</head><body><main><h1>Leaks</h1><p>Before</p><a href="#x">A link</a></main>'
                    f'<script src="{site.address}/c/site.js" async></script>'
                    f'<noscript><a href="{site.address}/c/site">Write to us</a></noscript></body></html>'
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                policy = f"default-src 'none'; script-src {site.address}; connect-src {site.address}; base-uri 'none'"
                self.send_header("Content-Security-Policy", policy + "; require-trusted-types-for 'script'")
                self.end_headers()
                self.wfile.write(body)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/leaks?utm_source=fair"

    yield put
    for server in servers:
        server.shutdown()


@pytest.fixture
def stranger(chromium):
    """A visitor's page, `stranger(width=390)`; what the console complains of fails the test."""
    contexts, complaints = [], []

    def open_page(width=1440, **options):
        context = chromium.new_context(viewport={"width": width, "height": 844}, **options)
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints


def write(page, words):
    page.get_by_label("Your message").fill(words)
    page.keyboard.press("Enter")


def focus(page):
    """What holds the focus, within the chat's own root."""
    return page.evaluate(
        "(() => { let one = document.activeElement; while (one?.shadowRoot) one = one.shadowRoot.activeElement;"
        " return one?.getAttribute('aria-label') || one?.textContent || one?.tagName; })()"
    )


def mail_to(postbox, address, subject):
    """The mail that left to somebody; others that Kith sends do not count."""
    for _n in range(300):
        for one in postbox.kept:
            if address in one["To"] and subject in one["Subject"]:
                return one
        time.sleep(0.1)
    raise AssertionError([(one["To"], one["Subject"]) for one in postbox.kept])


def looked_at(page, what):
    """axe finds nothing, in both themes."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        told = violations(page, resultTypes=["violations"])
        assert not told, f"{what}, {theme}: {told}"


@pytest.fixture(scope="module")
def chatting():
    with served(fill=True) as site:
        site.run(SET_UP.format(hours=None, bot=True))
        yield site


def test_the_bot_asks_and_a_colleague_answers_live(chatting, visit, elsewhere, stranger):
    desk = visit(chatting, "helena")
    desk.goto("/chats/")
    desk.get_by_role("button", name="I answer chats").click() if desk.get_by_role(
        "button", name="I answer chats", pressed=False
    ).count() else None
    expect(desk.get_by_role("button", name="I answer chats", pressed=True)).to_be_visible()
    visitor = stranger()
    visitor.goto(elsewhere(chatting))
    visitor.get_by_role("button", name="Open the chat").focus()
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("dialog", name="Talk to Tidewell")).to_be_visible()
    assert focus(visitor) == "Your message"
    write(visitor, "We have <b>wet</b> cellars, see https://fjordheim.example/map.")
    log = visitor.get_by_role("log")
    expect(log).to_contain_text("I am a bot")
    expect(log).to_contain_text("We have <b>wet</b> cellars")
    expect(log.get_by_role("link", name="https://fjordheim.example/map")).to_have_attribute(
        "rel", "noopener noreferrer nofollow"
    )
    looked_at(visitor, "the bot asks")
    visitor.get_by_role("button", name="An offer").click()
    expect(log).to_contain_text("What is your role?")
    visitor.get_by_role("button", name="Rather not").click()
    write(visitor, "Elin Sørensen")
    expect(log).to_contain_text("Your e-mail?")
    write(visitor, "elin@fjordheim-chat.example")
    expect(log).to_contain_text("Helena was told that you are here.")

    desk.locator(".queue a").filter(has_text="Elin Sørensen").click()
    expect(desk.locator("#chat-thread")).to_contain_text("We have <b>wet</b> cellars")
    desk.wait_for_timeout(1000)  # the page listens
    visitor.get_by_label("Your message").press_sequentially("We ", delay=50)
    expect(desk.locator("[data-typing]")).to_contain_text("writes")
    desk.get_by_label("Answer", exact=True).press_sequentially("Good morning Elin.", delay=20)
    expect(visitor.get_by_role("status").filter(has_text="writes")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(log).to_contain_text("Good morning Elin.")
    expect(desk.get_by_label("Answer", exact=True)).to_have_value("")
    visitor.get_by_label("Your message").fill("")
    write(visitor, "Do they work in the cold?")
    expect(desk.locator("#chat-thread")).to_contain_text("Do they work in the cold?")
    expect(desk.locator(".desk-story")).to_contain_text("Elin Sørensen")
    looked_at(desk, "the desk")
    desk.reload()
    expect(desk.locator(".desk-story").get_by_role("link", name="Elin Sørensen")).to_be_visible()

    visitor.keyboard.press("Escape")
    expect(visitor.get_by_role("dialog")).to_be_hidden()
    expect(visitor.get_by_role("button", name="Open the chat")).to_be_focused()
    visitor.reload()  # the same tab goes on where it was
    visitor.get_by_role("button", name="Open the chat").click()
    expect(visitor.get_by_role("log")).to_contain_text("Good morning Elin.")
    desk.locator(".desk-story").get_by_role("link", name="Elin Sørensen").click()
    expect(desk.locator(".timeline")).to_contain_text("talked to us in the chat")
    expect(desk.locator(".timeline")).to_contain_text("Good morning Elin.")


def test_on_a_phone_the_chat_holds_the_focus_and_fits(chatting, elsewhere, stranger):
    visitor = stranger(width=390, reduced_motion="reduce")
    visitor.goto(elsewhere(chatting))
    visitor.get_by_role("button", name="Open the chat").click()
    write(visitor, "Hello from a phone")
    expect(visitor.get_by_role("button", name="A leak, right now")).to_be_visible()
    seen = set()
    for _n in range(16):
        visitor.keyboard.press("Tab")
        seen.add(focus(visitor))
    assert "A link" not in seen and {"Send", "A leak, right now", "Close the chat"} <= seen
    assert visitor.evaluate("document.documentElement.scrollWidth - innerWidth") <= 1
    assert (
        visitor.evaluate("document.body.lastElementChild.shadowRoot.querySelector('dialog').getAnimations().length")
        == 0
    )
    looked_at(visitor, "on a phone")
    visitor.keyboard.press("Escape")
    expect(visitor.get_by_role("dialog")).to_be_hidden()


def test_what_breaks_off_is_sent_again_and_stands_there_once(chatting, elsewhere, stranger):
    visitor = stranger()
    visitor.goto(elsewhere(chatting))
    visitor.get_by_role("button", name="Open the chat").click()
    broken = []

    def cut(route):
        """The server writes it down, and the answer never arrives; then there is no line at all."""
        if not broken:
            route.fetch()
        broken.append(1)
        route.abort() if len(broken) < 3 else route.continue_()

    visitor.route("**/c/site/say", cut)
    write(visitor, "Only once, please")
    expect(visitor.get_by_role("alert")).to_contain_text("sent again")
    expect(visitor.get_by_role("log")).to_contain_text("I am a bot")
    expect(visitor.get_by_role("log").get_by_text("Only once, please")).to_have_count(1)
    expect(visitor.get_by_role("alert")).to_be_hidden()
    count = "from kith.capture.chat.models import Line\nprint(Line.objects.filter(text='Only once, please').count())"
    assert chatting.run(count).strip() == "1"


def test_without_the_stream_answers_are_asked_for(chatting, visit, elsewhere, stranger):
    visitor = stranger()
    visitor.route("**/c/-/live*", lambda route: route.fulfill(status=429))
    visitor.goto(elsewhere(chatting))
    visitor.get_by_role("button", name="Open the chat").click()
    write(visitor, "Is somebody there?")
    visitor.get_by_role("button", name="Talk to a person").click()
    expect(visitor.get_by_role("button", name="Talk to a person")).to_be_hidden()
    desk = visit(chatting, "helena")
    desk.goto("/chats/")
    desk.locator(".queue a").filter(has_text="Is somebody there?").first.click()
    desk.get_by_label("Answer", exact=True).fill("I am.")
    desk.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("log")).to_contain_text("I am.")


def test_when_nobody_is_there_it_turns_into_mail(visit, elsewhere, stranger):
    with smtp_running() as postbox:
        url = f"smtp://127.0.0.1:{postbox.port}?from=hello@tidewell.example"
        with served(fill=True, KITH_EMAIL_URL=url) as site:
            site.run(SET_UP.format(hours=closed(), bot=False))
            visitor = stranger(width=390)
            visitor.goto(elsewhere(site))
            visitor.get_by_role("button", name="Open the chat").click()
            write(visitor, "Our insurer asks for sensors by summer.")
            visitor.get_by_label("Your name").fill("Elin Sørensen")
            visitor.get_by_label("E-mail").fill("elin@")
            visitor.get_by_role("button", name="Leave my address").click()
            expect(visitor.get_by_role("alert")).to_contain_text("elin@")
            looked_at(visitor, "an address is asked for")
            visitor.get_by_label("E-mail").fill("elin@fjordheim-mail.example")
            visitor.get_by_role("button", name="Leave my address").click()
            expect(visitor.get_by_role("log")).to_contain_text("answer you by mail to elin@fjordheim-mail.example")
            copy = mail_to(postbox, "elin@fjordheim-mail.example", "insurer")
            assert "Our insurer asks" in copy.get_content() and "hello@tidewell.example" in copy["From"]

            desk = visit(site, "helena")
            desk.goto("/chats/?tab=over")
            desk.locator(".queue a").filter(has_text="Elin").click()
            desk.get_by_role("link", name="Answer by mail").click()
            desk.get_by_label("Subject").fill("Sensors")
            desk.locator("textarea[name=body]").fill("They do. A colleague calls you on Monday.")
            desk.get_by_role("dialog").get_by_role("button", name="Send").click()
            expect(desk.get_by_role("dialog")).to_be_hidden()
            answer = mail_to(postbox, "elin@fjordheim-mail.example", "Sensors")
            assert "A colleague calls you" in answer.get_content()


def test_a_letter_is_left_without_a_script(chatting, elsewhere, stranger):
    visitor = stranger(java_script_enabled=False)
    visitor.goto(elsewhere(chatting))
    visitor.get_by_role("link", name="Write to us").click()
    visitor.get_by_label("Your message").fill("Please write back.")
    visitor.get_by_label("E-mail").fill("rolf@berg-chat.example")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.locator("main")).to_contain_text("Thank you")
