"""Stories across rooms, told through a real browser, server, worker and database."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def save(page):
    """Press the form's own button, as one sees it."""
    page.locator("form.record-form button[type=submit]:not([aria-hidden=true])").first.click()


def first_open_deal(site):
    return site.run(
        "from kith.kernel.records.registry import registry\n"
        "d = registry['deal'].model.objects.filter(status='open', stage__position=1, archived_at=None).order_by('-updated_at', '-id').first()\n"
        "print(d.pk, d.name, sep='|')"
    ).split("|")


def test_a_rep_finds_a_person_logs_a_call_and_sets_the_next_step(tidewell, visit):
    page = visit(tidewell, "ines")
    name = tidewell.run(
        "from kith.kernel.records.registry import registry\nprint(registry['person'].model.objects.order_by('pk').first().name)"
    )
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    option = page.locator("dialog.palette [role=option]", has_text=name).first
    expect(option).to_be_visible()
    option.click()
    expect(page.locator("h1")).to_have_text(name)
    page.get_by_role("link", name="Call", exact=True).first.click()
    page.get_by_placeholder("What was said, what was agreed").fill("She wants 40 more sensors.")
    page.locator("details.next-pick summary").click()
    page.get_by_label("What happens next").fill("Send the offer")
    page.locator("input[name=next_due]").fill("2030-03-12T09:30")
    page.get_by_role("button", name="Log call").click()
    expect(page.locator(".timeline").get_by_text("She wants 40 more sensors.")).to_be_visible()
    expect(page.locator(".record-next, .record").get_by_text("Send the offer").first).to_be_visible()


def test_a_deal_is_won_on_the_board_with_a_reason_and_taken_back_in_the_history(tidewell, visit):
    pk, name = first_open_deal(tidewell)
    page = visit(tidewell, "helena")
    page.goto(f"/deals/{pk}/do/win")
    page.get_by_label("What decided it").first.wait_for()
    page.locator("main button[type=submit]").first.click()  # nothing chosen yet: it says what it needs
    expect(page.locator("main")).to_contain_text("needed")
    reason = page.locator("main select").first
    reason.select_option(index=1)
    page.locator("main button[type=submit]").first.click()
    page.goto(f"/deals/{pk}")
    expect(page.locator(".timeline")).to_contain_text("won this deal")
    page.goto("/history")
    row = page.locator("main li, main tr").filter(has_text=name).filter(has_text="Won").first
    row.get_by_role("button", name="Undo").click()
    page.goto(f"/deals/{pk}")
    expect(page.locator(".record-facts, .record").first).to_contain_text("Open")


def test_a_card_is_moved_by_keyboard_and_a_colleague_sees_it_at_once(tidewell, visit):
    pk, name = first_open_deal(tidewell)
    mine, theirs = visit(tidewell, "helena"), visit(tidewell, "jonas")
    for page in (mine, theirs):
        page.goto(f"/deals/?face=board&q={name}")
        expect(page.locator(".lane", has=page.locator(f"#card-{pk}"))).to_contain_text("Discovery")
    theirs.wait_for_timeout(700)  # the stream of live changes connects
    mine.locator(f"#card-{pk}").focus()
    mine.keyboard.press("m")
    mine.get_by_text("Site survey", exact=True).last.click()
    expect(mine.locator(".lane", has=mine.locator(f"#card-{pk}"))).to_contain_text("Site survey")
    expect(theirs.locator(".lane", has=theirs.locator(f"#card-{pk}"))).to_contain_text("Site survey", timeout=3000)


def test_a_cell_is_edited_by_keyboard_only(tidewell, visit):
    page = visit(tidewell, "helena")
    page.goto("/people/?sort=name&cols=name,source,owner")
    cell = page.locator("tbody tr").first.locator("td[data-edit=source]")
    cell.dblclick()
    box = page.locator("tbody input[name=source]")
    box.fill("Met at the fair")
    box.press("Enter")
    expect(cell).to_contain_text("Met at the fair")
    expect(page.locator("tbody input[name=source]")).to_have_count(0)


def test_two_people_changing_the_same_value_both_see_both(tidewell, visit):
    pk = tidewell.run(
        "from kith.kernel.records.registry import registry\nprint(registry['person'].model.objects.order_by('pk')[3].pk)"
    )
    mine, theirs = visit(tidewell, "helena"), visit(tidewell, "ines")
    mine.goto(f"/people/{pk}/edit")
    theirs.goto(f"/people/{pk}/edit")
    theirs.get_by_label("Job title").fill("Director")
    save(theirs)
    theirs.wait_for_url(f"**/people/{pk}*")
    mine.get_by_label("Job title").fill("Head of houses")
    save(mine)
    expect(mine.locator("main")).to_contain_text("Director")
    expect(mine.locator("main")).to_contain_text("Head of houses")


def test_everything_that_matters_works_without_scripts(tidewell, visit):
    page = visit(tidewell, "jonas", scripts=False)
    page.goto("/people/new")
    page.get_by_label("First name").fill("Tove")
    page.get_by_label("Last name").fill("Jansson")
    save(page)
    expect(page.locator("h1")).to_have_text("Tove Jansson")
    page.locator("textarea[name=body]").fill("Prefers letters.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".timeline")).to_contain_text("Prefers letters.")
    page.goto("/people/?q=tove")
    expect(page.locator("tbody")).to_contain_text("Tove Jansson")
    page.goto("/search/?q=jansson")
    expect(page.locator("main")).to_contain_text("Tove Jansson")


def test_the_first_minute_of_an_empty_kith(empty, visit):
    printed = empty.kith(
        "user", "add", "anna@nordlys.example", "--role", "administrator", "--name", "Anna Berg", "--password"
    )
    password = printed.split()[-1]
    page = visit(empty, "anna", email="anna@nordlys.example", password=password)
    page.wait_for_url("**/welcome/")
    page.get_by_label("Name").fill("Nordlys")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Later").click()
    page.get_by_role("button", name="Fill in the sample company").click(timeout=60_000)
    page.wait_for_url("**/people/**", timeout=60_000)
    expect(page.locator("tbody tr")).to_have_count(50)
    page.goto("/settings/sample/")
    page.get_by_role("button", name="Remove the sample company").click()
    page.goto("/people/")
    expect(page.locator("main")).to_contain_text("Import")
