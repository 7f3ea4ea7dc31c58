"""A form made in the browser, and what became of what was sent with it."""

from __future__ import annotations

from playwright.sync_api import expect


def built(site, visit, name):
    """A form made and published in the browser by Helena; its address."""
    page = visit(site, "helena")
    page.goto("/forms/new")
    page.get_by_label("Name", exact=True).first.fill(name)
    page.locator("form.record-form button[type=submit]:not([aria-hidden=true])").first.click()
    page.get_by_role("link", name="Build", exact=True).click()
    page.get_by_label("Title").fill("Send me the checklist")
    expect(page.locator("#preview")).to_contain_text("Send me the checklist")
    page.get_by_label("Ask for").select_option(label="Job title")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".build-fields > li")).to_have_count(5)
    page.get_by_role("button", name="Job title: up").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("Open, version 1")
    return page


def came(site, email):
    """What became of the submission of that address: its state and its person, once it is settled."""
    return site.run(
        "import time\n"
        "from kith.kernel.records.registry import registry\n"
        "rows = registry['submission'].model.objects.filter(email=%r)\n" % email + "for _n in range(600):\n"
        "    row = rows.select_related('person').first()\n"
        "    if row is not None and row.state != 'new':\n"
        "        break\n"
        "    time.sleep(0.1)\n"
        "print(row.state, row.person_id or '', row.utm.get('utm_source', ''), row.page, sep='|')"
    ).split("|")
