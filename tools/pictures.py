"""The pictures of the user's guide, taken of the running product: `make pictures`.

A Kith of its own is filled with the sample company in a temporary folder, served, and photographed in a headless Chromium.
`python tools/pictures.py lead form` takes these alone. What the sample company does not have by itself (a quote, an open
portal, figures that a night works out) is done beforehand, in `PREPARED`.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
KITH = Path(sys.executable).parent / "kith"
TO = ROOT / "docs" / "users" / "pictures"
PORT = 8393
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
LIGHT = 80_000  # bytes of one picture, at most


@dataclass(frozen=True)
class Shot:
    """`address`, or with `of` the first row of that list with `address` behind it; `what` is photographed, in a window of
    that size."""

    address: str
    of: str = ""
    what: str = "#main"
    size: tuple[int, int] = (1280, 820)
    then: str = ""  # a link on that page, which leads to what is photographed
    told: str = ""  # the address is what `PREPARED` tells under this name
    press: str = ""  # what is pressed there first
    type: str = ""  # what is then said, and sent by Enter


STANDING = "/journeys/?filter=stage.is:onboard,closed_at.empty"
ON_THEIR_WAY = "/onboarding-plans/?view=running"
WROTE = "/people/?filter=score.at_least:35,lead_state.filled&sort=-score"
SHOTS = {
    "today": Shot("/"),
    "process": Shot("/settings/process/lead-to-loyalty/onboard/", size=(1280, 900)),
    "gate": Shot("", of=STANDING, size=(1280, 760)),
    "map": Shot("/process/map", size=(1280, 900)),
    "review": Shot("/process/reviews/2", size=(1280, 1000)),
    "workflows": Shot("/settings/automation/", size=(1280, 760)),
    "campaign": Shot("", of="/campaigns/?filter=channel.is:ads"),
    "segment": Shot("", of="/segments/", size=(1280, 760)),
    "attribution": Shot("/reports/attribution/", size=(1280, 700)),
    "builder": Shot("/build", of="/forms/", size=(1280, 900)),
    "form": Shot("/f/leak-check", what="body", size=(1000, 860)),
    "incoming": Shot("/incoming/", size=(1280, 640)),
    "speed": Shot("/speed-to-lead/", size=(1280, 820)),
    "lead": Shot("", of=WROTE, size=(1280, 960)),
    "scores": Shot("/settings/scores/", size=(1280, 820)),
    "noes": Shot("/honest-noes/", size=(1280, 640)),
    "steps": Shot("/steps", of="/sequences/", size=(1280, 820)),
    "sequence": Shot("", of="/sequences/", size=(1280, 820)),
    "handover": Shot("", told="handover", size=(1280, 900)),
    "onboarding": Shot("", of=ON_THEIR_WAY, size=(1280, 760)),
    "customers-page": Shot("", of=ON_THEIR_WAY, then="a[href*='/o/']", what="body", size=(1200, 900)),
    "quote": Shot("", told="quote", size=(1480, 700)),
    "quote-answer": Shot("", told="answer", what="body", size=(1000, 900)),
    "desk": Shot("/tickets/desk/", size=(1280, 900)),
    "fairness": Shot("/agents/fairness/", size=(1280, 620)),
    "service-level": Shot("/edit", of="/service-levels/", size=(1280, 820)),
    "article": Shot("", of="/articles/?filter=state.is:published", size=(1280, 640)),
    "knowledge": Shot("/knowledge/", what="body", size=(1000, 760)),
    "portal": Shot("", told="portal", press="main form button", what="body", size=(1100, 700)),
    "survey": Shot("/reports/surveys/", size=(1280, 860)),
    "health": Shot("/settings/health/", size=(1280, 900)),
    "coverage": Shot("/coverage/", size=(1280, 760)),
    "renewals": Shot("/renewals/?face=board", size=(1280, 640)),
    "retention": Shot("/reports/retention/", size=(1280, 900)),
    "lifetime": Shot("/reports/lifetime/", size=(1280, 900)),
    "references": Shot("/references/?face=board", size=(1280, 560)),
    "ideas": Shot("", told="ideas", what="body", size=(900, 900)),
    "mailing": Shot("", told="mailing", size=(1280, 820)),
    "booking": Shot("/book/first-talk", what="body", size=(1280, 760)),
    "chat": Shot(
        "/c/site",
        press="button[aria-expanded]",
        type="A pipe is dripping in our archive.",
        what="body",
        size=(1280, 720),
    ),
    "consent": Shot("", told="consent", what="body", size=(1000, 760)),
    "board": Shot("/deals/?face=board", size=(1280, 760)),
    "list": Shot("/people/", size=(1280, 700)),
    "proof": Shot("/proof/", press="text=Prove it now", size=(1280, 760)),
    "reports": Shot("/reports/", size=(1280, 760)),
    "letter": Shot("/look", of="/templates/?filter=kind.is:mail", size=(1280, 760)),
}

# Run with Django set up; prints the addresses that only this Kith knows.
PREPARED = """
import json
from django.test.utils import override_settings
from kith.advocacy.ideas import board_path
from kith.advocacy.models import Idea
from kith.contacts.consent.links import centre_path
from kith.contacts.consent.models import Consent
from kith.contacts.models import Person
from kith.deals.models import Deal
from kith.deals.quotes import actions as quotes
from kith.deals.quotes.links import link_of
from kith.engagement.models import Template
from kith.insight.lifetime.keeping import keep
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.models import User
from kith.portal import entering
from kith.portal.models import Key
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Segment
from kith.portal.setup import change_door
from kith.process.models import Journey
from kith.support.models import Ticket

helena = actor_for(User.objects.get(email__startswith="helena"))
deal = Deal.objects.filter(status="open", contact__isnull=False, currency="EUR", lines__isnull=False).order_by("-amount").first()
deal = deal or Deal.objects.filter(status="open", contact__isnull=False).order_by("-amount").first()
quote = quotes.create({"deal": deal, "note": "As we said on site: the basements first, the roofs in a second step."}, by=helena)
quotes.add_promise(quote, wording="One named contact for the night shift", by=helena)
quote = quotes.send(quote, by=helena)
change_door({"open": True, "company_wide": True, "shows_orders": True}, by=helena)
ticket = Ticket.objects.filter(state="open", person__isnull=False).exclude(person__emails=[]).order_by("-pk").first()
Key.objects.create(digest=entering._digest("for-a-picture"), person=ticket.person, address=ticket.person.email)
keep()
create(registry["chat_widget"], {"name": "Website", "key": "site", "document": {
    "languages": ["en"], "title": {"en": "Talk to Tidewell"}, "greeting": {"en": "Good morning. What is dripping?"},
    "consents": [], "theme": {"accent": "teal", "mode": "light"}, "bot": {"on": True, "name": {"en": "Tidewell’s bot"}, "steps": [
        {"key": "topic", "kind": "choice", "say": {"en": "What is it about?"}, "options": [
            {"value": "leak", "label": {"en": "A leak, right now"}, "goto": "human"},
            {"value": "offer", "label": {"en": "An offer"}, "goto": "human"}]},
    ]}}}, by=helena)
mailing = create(registry["mailing"], {
    "name": "Before the frost", "template": Template.objects.filter(kind="mail", archived_at=None).order_by("pk").first(),
    "purpose": registry["purpose"].model.objects.get(key="newsletter"), "audience": [Segment.objects.filter(subject="person").order_by("pk").first().key],
}, by=helena)
with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):  # it asks for a mail server, and sends nothing
    perform(ACTIONS["mailing.check"], mailing, {}, by=helena)
won = Journey.objects.filter(stage="convert", closed_at=None, archived_at=None).order_by("-entered_at").first()
if won is None:  # on some days nobody has been won lately
    won = Journey.objects.filter(stage="deal", closed_at=None, archived_at=None).order_by("entered_at").first()
    perform(ACTIONS["journey.move"], won, {"stage": "convert", "reason": "They signed on paper."}, by=helena)
told = Consent.objects.filter(purpose__key="newsletter", state="given").select_related("person").order_by("pk").first().person
fan = Person.objects.get(pk=Idea.objects.order_by("pk").first().person_id)
print(json.dumps({
    "quote": f"/quotes/{quote.pk}", "answer": "/" + link_of(quote).split("/", 3)[3], "portal": "/portal/in/for-a-picture",
    "ideas": board_path(fan.pk, fan.email), "mailing": f"/mailings/{mailing.pk}", "handover": f"/journeys/{won.pk}/handover", "consent": centre_path(told.pk, told.email),
}))
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="kith-pictures-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the embedded server runs as somebody else and only passes through
        environment = {**os.environ, "KITH_DATA": folder}
        told = subprocess.run([KITH, "demo"], env=environment, check=True, capture_output=True, text=True).stdout
        email, password = re.search(r"(\S+@\S+) with the password (\S+)", told).groups()  # type: ignore[union-attr]
        server = subprocess.Popen([KITH, "serve", "--port", str(PORT)], env=environment, stdout=subprocess.DEVNULL)
        try:
            wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
                page = browser.new_page(locale="en-GB", color_scheme="light")
                sign_in(page, email, password)
                take(page, prepared(environment), sys.argv[1:])
        finally:
            server.terminate()
            server.wait()
    return 0


def prepared(environment: dict[str, str]) -> dict[str, str]:
    """Do what the pictures need beforehand; returns the addresses it tells."""
    code = "from kith.cli.session import database\nwith database():\n" + "".join(
        f"    {line}\n" for line in PREPARED.splitlines()
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout  # what goes wrong there is read on the terminal
    found: dict[str, str] = json.loads(told.splitlines()[-1])
    return found


def wait() -> None:
    """Until it answers, a minute at most."""
    for _try in range(120):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/accounts/login/", timeout=2)
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("Kith did not answer within a minute.")


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto(f"http://127.0.0.1:{PORT}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def take(page: Page, told: dict[str, str], only: Sequence[str] = ()) -> None:
    """Photograph every shot, or those named."""
    TO.mkdir(exist_ok=True)
    site = f"http://127.0.0.1:{PORT}"
    for name, shot in SHOTS.items():
        if only and name not in only:
            continue
        width, height = shot.size
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site + (told[shot.told] if shot.told else address_of(page, site, shot)))
        if shot.press:
            page.locator(shot.press).first.click()
        if shot.type:
            page.locator("textarea:visible").last.fill(shot.type)
            page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
        box = page.locator(shot.what).bounding_box()
        assert box is not None
        clip = {**box, "height": min(box["height"], height)}
        size = keep(page.screenshot(clip=clip), TO / f"{name}.png")  # type: ignore[arg-type]
        print(f"{name}.png: {size // 1000} kB of {page.url.removeprefix(site)}")


def address_of(page: Page, site: str, shot: Shot) -> str:
    if not shot.of:
        return shot.address
    page.goto(site + shot.of)
    slug = shot.of.partition("?")[0]
    row = page.locator(f"table a[href^='{slug}']").first.get_attribute("href")
    assert row is not None, f"The list {shot.of} is empty."
    found = row.partition("?")[0] + shot.address
    if not shot.then:
        return found
    page.goto(site + found)
    there = page.locator(shot.then).first.get_attribute("href")
    assert there is not None, f"{found} has no link {shot.then}."
    return there.removeprefix(site)


def keep(taken: bytes, place: Path) -> int:
    """Write a picture with as many colours as it takes to stay light; returns its bytes."""
    whole = Image.open(io.BytesIO(taken)).convert("RGB")
    for colours in (256, 128, 64, 32):
        whole.quantize(colours, dither=Image.Dither.NONE).save(place, optimize=True)
        if place.stat().st_size <= LIGHT:
            break
    return place.stat().st_size


if __name__ == "__main__":
    raise SystemExit(main())
