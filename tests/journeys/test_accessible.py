"""axe finds nothing on the pages people live in, in both themes, on a desk and on a phone."""

from __future__ import annotations

import pytest

from kith.ui.tests.browser import violations
from tests.journeys.conftest import PASSWORD, SIGNED_IN
from tests.journeys.states import STATES

pytestmark = pytest.mark.browser
PAGES = (
    "/", "/people/?q=a&limit=5", "/deals/?face=board&view=stalled", "/activities/?face=calendar", "/people/1", "/deals/1", "/people/new",
    "/people/import/", "/inbox/", "/history", "/search/?q=ma", "/settings/", "/settings/roles/", "/settings/fields/new",
    "/settings/jobs/", "/settings/organisation/", "/settings/sample/", "/reports/deals", "/people/1/edit", "/people/merge?ids=1,2",
    "/help/mining", "/help/programs", "/help/today", "/people/1/say/call", "/settings/process/", "/process/guide/", "/process/map", "/unattended/", "/proof/",
    "/process/reviews/1", "/process/reviews/2",
    "/?of=team", "/import/", "/import/mappings/maven/accounts", "/people/1/history", "/people/views/", "/people/columns/", "/people/filter/", "/people/export", "/people/?q=zzzzqq",
    "/people/?filter=job_title.is:Nobody", "/business-calendars/1", "/business-calendars/new", "/settings/pipelines/", "/settings/pipelines/stage/1", "/settings/reasons/", "/settings/api/",
    "/settings/process/-/import/", "/process/reviews", "/reviews/1", "/feedback/", "/feedback/1",
    "/accounts/people/", "/accounts/teams/", "/accounts/teams/1/", "/accounts/teams/1/delete/", "/accounts/profile/", "/accounts/tokens/",
    "/settings/automation/", "/settings/notifications/", "/workflows/", "/workflows/new", "/runs/",
    "/incoming/", "/speed-to-lead/", "/submissions/", "/forms/", "/forms/new", "/purposes/new", "/settings/incoming/", "/help/forms",
    "/chats/", "/chats/?tab=over", "/conversations/", "/chat-widgets/", "/chat-widgets/new", "/help/chat",
    "/settings/assignment/", "/settings/assignment/try?ask=1&country=PL", "/settings/scores/", "/settings/prediction/", "/settings/checklist/", "/honest-noes/",
    "/assignment-rules/new", "/score-rules/new", "/criteria/new", "/pools/new", "/absences/", "/assignments/", "/verdicts/", "/answers/",
    "/people/1/checklist", "/people/1/convert", "/people/?cols=name,score,score_band,checklist,waiting_since,lead_state&sort=-score",
    "/segments/", "/segments/new", "/segments/of/people?filter=job_title.filled", "/campaigns/", "/campaigns/new", "/campaign-members/import/",
    "/profiles/", "/profiles/new", "/research/", "/research/new", "/research/worksheet", "/assets/", "/assets/new", "/reports/attribution",
    "/help/qualification", "/help/segments", "/help/campaigns",
    "/objections/", "/objections/new", "/objections/1", "/question-themes/", "/people/1?kind=question", "/help/questions",
    "/tickets/", "/tickets/desk/", "/tickets/1", "/tickets/1/talk", "/tickets/new", "/agents/", "/agents/fairness/", "/service-levels/", "/service-levels/new",
    "/ways-in/", "/ready-answers/", "/settings/tickets/", "/articles/", "/articles/1", "/article-gaps/", "/knowledge/", "/knowledge/?q=battery",
    "/knowledge/change-the-battery", "/settings/portal/", "/surveys/", "/surveys/1", "/survey-responses/", "/reports/surveys/",
    "/companies/1", "/settings/health/", "/coverage/", "/renewals/", "/renewals/?face=board", "/renewals/1", "/plays/", "/play-runs/", "/churns/", "/churn-reasons/",
    "/tiers/", "/reports/retention/", "/reports/lifetime/", "/referrals/", "/referrals/1", "/referral-programmes/1", "/public-reviews/", "/public-reviews/1",
    "/references/?face=board", "/references/1", "/ideas/", "/ideas/1",
    "/quotes/", "/settings/quotes/", "/orders/", "/orders/1", "/orders/mismatches/", "/promises/", "/promises/1", "/promises/kept/",
    "/onboarding/", "/onboarding-plans/", "/onboarding-plans/1", "/plan-templates/1", "/process/handovers/", "/journeys/1",
    "/help/tickets", "/help/health", "/help/quotes",
)  # fmt: skip
REFUSED = {
    "/nowhere": 404,
    "/people/999999": 404,
    "/people/1/edit": 403,
    "/settings/roles/": 403,
}  # to somebody who only reads


def what_axe_finds(page, path):
    return [f"{path}: {told}" for told in violations(page, resultTypes=["violations"])] + what_scrolls(page, path)


def what_scrolls(page, path):
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{path}: scrolls sideways by {wide} px"] if wide > 1 else []


def what_leaves_its_dialog(page, name):
    """The focus is in the dialog, its last button is in sight, and it does not scroll sideways."""
    told = page.evaluate("""() => {
        const dialog = document.querySelector("dialog:modal");
        if (!dialog) return [];
        const said = [], button = [...dialog.querySelectorAll("footer .button")].pop();
        if (!dialog.contains(document.activeElement)) said.push("the focus is not in the dialog");
        if (dialog.scrollWidth > dialog.clientWidth + 1) said.push("the dialog scrolls sideways");
        if (button && button.getBoundingClientRect().bottom > innerHeight) said.push("its button is out of sight");
        return said;
    }""")
    return [f"{name}: {words}" for words in told]


@pytest.mark.parametrize("part", [0, 1])  # two workers share what takes longest
@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing(tidewell, visit, theme, width, part):
    page = visit(tidewell, "helena", color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 900})
    found = []
    for path in PAGES[part::2]:
        answer = page.goto(path)
        assert answer.status == 200, path
        found += what_axe_finds(page, path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1440)])
def test_nothing_scrolls_sideways_in_the_other_looks(tidewell, visit, theme, width):
    page = visit(tidewell, "helena", color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 900})
    found = []
    for path in PAGES:
        page.goto(path)
        found += what_scrolls(page, path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_in_what_opens_and_changes_on_pages(tidewell, visit, theme, width):
    page = visit(tidewell, "helena", color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 900})
    found = []
    for name, way in STATES.items():
        way(page)
        found += what_axe_finds(page, name)
        found += what_leaves_its_dialog(page, name)
    assert not found, "\n".join(found)


CONNECTED = """
from kith.contacts.models import Company, Person, Position, Relation
marta, oliver, yusuf = Person.objects.order_by("pk")[:3]
old, *_rest = Company.objects.exclude(pk=marta.company_id)
Position.objects.get_or_create(person=marta, company=old, defaults={"title": "Porter", "until": "2019-12-31"})
Relation.objects.get_or_create(person=marta, other=oliver, kind="reports to")
Relation.objects.get_or_create(person=yusuf, other=marta, kind="made the introduction for")
print(marta.pk, marta.company_id or old.pk)
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_roles_and_connections_are_as_accessible_and_go_and_come_back_by_keyboard(tidewell, visit, theme):
    person, company = tidewell.run(CONNECTED).split()
    page = visit(tidewell, "helena", color_scheme=theme)
    found = []
    for path in (f"/people/{person}", f"/companies/{company}"):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            found += what_axe_finds(page, path)
    assert not found, "\n".join(found)
    page.goto(f"/people/{person}")
    panel = page.locator("#panel-connections.panel-host")
    panel.get_by_role("button", name="Remove: reports to").focus()
    page.keyboard.press("Enter")
    panel.get_by_text("reports to").wait_for(state="detached")
    page.locator(".toast").get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    panel.get_by_text("reports to").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_that_say_no_are_as_accessible(tidewell, visit, theme):
    tidewell.run(
        "from kith.kernel.accounts.models import User\n"
        "User.objects.filter(email='rolf@tidewell.example').exists() or "
        f"User.objects.create_user('rolf@tidewell.example', {PASSWORD!r}, name='Rolf Berg', role='read_only')"
    )
    page = visit(tidewell, "rolf", color_scheme=theme)
    found = []
    for path, status in REFUSED.items():
        assert page.goto(path).status == status, path
        found += what_axe_finds(page, path)
    assert not found, "\n".join(found)


def test_pages_with_nothing_on_them_are_as_accessible(empty, visit):
    empty.run(
        "from kith.kernel.accounts.models import User\n"
        "from django.utils import timezone\n"
        "from kith.kernel.organisation.models import Organisation, refresh\n"
        "refresh()\n"
        "Organisation.objects.update(set_up_at=timezone.now())\n"
        "User.objects.filter(email='helena@tidewell.example').exists() or "
        f"User.objects.create_user('helena@tidewell.example', {PASSWORD!r}, name='Helena Brandt', role='administrator')"
    )
    page, found = visit(empty, "helena"), []
    SIGNED_IN.pop((empty.address, "helena"), None)
    for path in (
        "/",
        "/people/",
        "/deals/?face=board",
        "/activities/?face=calendar",
        "/inbox/",
        "/history",
        "/reports/deals",
        "/settings/jobs/",
    ):
        assert page.goto(path).status == 200, path
        found += what_axe_finds(page, path)
    empty.run(  # its first day begins again, for the story that tells of it
        "from kith.kernel.accounts.models import User\n"
        "from kith.kernel.organisation.models import Organisation\n"
        "User.objects.filter(email='helena@tidewell.example').delete()\n"
        "Organisation.objects.update(set_up_at=None)"
    )
    assert not found, "\n".join(found)
