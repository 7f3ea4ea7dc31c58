"""What each behaviour does under a person's hands, in a real browser against a real server."""

import pytest
from playwright.sync_api import expect

from kith.ui.tests import urls
from kith.ui.tests.browser import opened, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("kith.ui.tests.urls")]


@pytest.fixture
def bench(chromium, live_server, settings):
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["*"]
    urls.POSTED.clear()
    with opened(chromium, f"{live_server.url}/workbench/") as page:
        until(page, "Boolean(window.htmx && customElements.get('kith-toasts'))")
        yield page


def posted(page, count=1):
    page.wait_for_timeout(50)
    for _wait in range(400):
        if len(urls.POSTED) >= count:
            break
        page.wait_for_timeout(50)
    return urls.POSTED


def test_what_a_test_waits_for_is_asked_again_under_our_content_policy(bench):
    bench.evaluate("setTimeout(() => { document.body.dataset.late = 'yes' }, 300)")
    until(bench, "document.body.dataset.late === 'yes'")


def test_dialog_takes_the_focus_and_gives_it_back(bench):
    bench.get_by_role("button", name="Open", exact=True).click()
    expect(bench.get_by_role("dialog")).to_be_visible()
    expect(bench.get_by_label("Reason", exact=True)).to_be_focused()
    bench.keyboard.press("Escape")
    expect(bench.get_by_role("dialog")).to_be_hidden()
    expect(bench.get_by_role("button", name="Open", exact=True)).to_be_focused()


def test_dialog_that_asks_nothing_starts_on_the_safe_choice(bench):
    answered(bench, "<button>Merge</button><button data-close>Keep</button>")
    expect(bench.get_by_role("button", name="Keep")).to_be_focused()


def test_dialog_that_comes_back_starts_where_something_is_wrong_and_still_knows_the_way_back(bench):
    bench.get_by_role("button", name="More", exact=True).first.click()
    bench.get_by_role("menuitem", name="Merge").focus()
    answered(bench, '<input aria-label="Reason why"><select aria-label="Kind"><option>a<option>b</select>')
    bench.get_by_label("Kind").select_option("b")
    answered(bench, '<input aria-label="Reason why"><input aria-label="Amount" aria-invalid="true">')
    expect(bench.get_by_label("Amount")).to_be_focused()
    bench.mouse.click(5, 5)
    expect(bench.get_by_role("dialog")).to_be_visible()  # something was chosen before
    bench.keyboard.press("Escape")
    expect(bench.get_by_role("button", name="More", exact=True).first).to_be_focused()


def answered(bench, inside):
    """A dialog arrives in the host, as htmx puts it there."""
    bench.evaluate(
        """inside => { document.querySelector('#dialog-host').innerHTML =
        `<kith-dialog open><dialog class="dialog" aria-label="Why">${inside}</dialog></kith-dialog>`; }""",
        inside,
    )


def test_click_beside_a_dialog_keeps_what_was_typed(bench):
    bench.get_by_role("button", name="Open", exact=True).click()
    bench.get_by_label("Reason", exact=True).fill("because")
    bench.mouse.click(5, 5)
    expect(bench.get_by_role("dialog")).to_be_visible()
    bench.get_by_label("Reason", exact=True).fill("")
    bench.mouse.click(5, 5)
    expect(bench.get_by_role("dialog")).to_be_hidden()


def test_menu_walks_by_arrows_and_letters_and_closes_on_choice(bench):
    button = bench.get_by_role("button", name="More", exact=True).first
    button.click()
    expect(bench.get_by_role("menuitem", name="Copy link")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    bench.keyboard.press("ArrowDown")
    expect(bench.get_by_role("menuitem", name="Merge")).to_be_focused()
    bench.keyboard.press("c")
    expect(bench.get_by_role("menuitem", name="Copy link")).to_be_focused()
    bench.keyboard.press("Enter")
    expect(bench.locator("#verbs")).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_menu_at_the_edge_of_the_page_hangs_below_its_button(bench):
    button = bench.get_by_role("button", name="More", exact=True).first
    bench.evaluate("""() => Object.assign(document.querySelector('[popovertarget=verbs]').style,
        { position: 'absolute', insetInlineEnd: '8px', insetBlockStart: '60px' })""")
    button.click()
    menu, at = bench.locator("#verbs").bounding_box(), button.bounding_box()
    assert abs(menu["x"] + menu["width"] - at["x"] - at["width"]) < 2, (menu, at)
    assert 0 <= menu["y"] - at["y"] - at["height"] < 8, (menu, at)


def test_toast_offers_undo_and_posts_it_with_the_csrf_token(bench):
    bench.locator("#toaster").click()
    toast = bench.locator(".toast", has_text="Moved")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Undo").click()
    assert [key for key, _data in posted(bench, 2)] == ["toast", "undo"]
    expect(toast).to_have_count(1)  # the undo's own answer; the first is gone


def test_toasts_can_be_reached_while_a_dialog_is_open(bench):
    bench.locator("#toaster").click()
    bench.get_by_role("button", name="Open", exact=True).click()
    bench.get_by_role("button", name="Undo").click()  # came before the dialog; it lies above it and is not inert
    assert [key for key, _data in posted(bench, 2)] == ["toast", "undo"]
    bench.evaluate("document.querySelector('kith-toasts').show({message: 'Not saved', tone: 'late'})")
    expect(bench.get_by_role("dialog").get_by_role("alert")).to_contain_text("Not saved")
    bench.keyboard.press("Escape")
    expect(bench.get_by_role("dialog")).to_be_hidden()
    bench.get_by_role("button", name="Close").click()
    expect(bench.get_by_role("alert")).to_have_count(0)


def test_toasts_stay_when_the_dialog_they_stand_in_is_swapped_away(bench):
    bench.evaluate("""() => { const host = document.querySelector('#dialog-host');
        host.innerHTML = '<kith-dialog open><dialog class="dialog" aria-label="Why"><button data-close>Keep</button></dialog></kith-dialog>'; }""")
    expect(bench.get_by_role("dialog")).to_be_visible()
    bench.evaluate("document.querySelector('kith-toasts').show({message: 'Half done', tone: 'late'})")
    bench.evaluate("document.querySelector('#dialog-host').innerHTML = ''")
    expect(bench.get_by_role("alert")).to_contain_text("Half done")
    bench.get_by_role("button", name="Close").click()
    expect(bench.get_by_role("alert")).to_have_count(0)


def test_toast_leaves_after_eight_seconds_unless_it_is_hovered(chromium, live_server, settings):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    with opened(chromium, "about:blank") as page:
        page.clock.install()
        page.goto(f"{live_server.url}/workbench/")
        page.evaluate("document.querySelector('kith-toasts').show({message: 'Logged'})")
        page.locator(".toast").hover()
        page.clock.run_for(20_000)
        expect(page.locator(".toast")).to_be_visible()
        page.mouse.move(0, 0)
        page.clock.run_for(9_000)
        expect(page.locator(".toast")).to_have_count(0)
        page.evaluate("document.querySelector('kith-toasts').show({message: 'It came back', tone: 'late'})")
        page.clock.run_for(60_000)
        expect(page.locator(".toast")).to_be_visible()
        page.get_by_role("button", name="Close").click()
        expect(page.locator(".toast")).to_have_count(0)


def test_failed_request_is_told_and_swaps_nothing(bench):
    bench.locator("#breaker").click()
    expect(bench.get_by_role("alert")).to_contain_text("Nothing was lost")
    expect(bench.get_by_text("Broken", exact=True)).to_have_count(1)


def test_lost_connection_is_told(bench):
    bench.context.set_offline(True)
    bench.locator("#toaster").click()
    expect(bench.get_by_role("alert")).to_contain_text("No connection")


def test_combobox_searches_takes_and_sends_the_value(bench):
    field = bench.get_by_role("combobox", name="Company")
    field.fill("zagreb")
    expect(bench.get_by_role("option", name="Univerzitet Zagreb")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("Univerzitet Zagreb")
    bench.locator("#send").click()
    bench.wait_for_url("**/echo/picked/")
    assert posted(bench)[0][1]["company"] == "2"


def test_an_answer_that_comes_after_something_was_taken_does_not_open_the_list_again(bench):
    field = bench.get_by_role("combobox", name="Company")
    field.fill("zagreb")
    expect(bench.get_by_role("option", name="Univerzitet Zagreb")).to_be_visible()
    field.press_sequentially(" ")  # asks once more, a moment later
    field.press("Enter")
    expect(field).to_have_value("Univerzitet Zagreb")
    bench.wait_for_timeout(600)
    expect(bench.get_by_role("option", name="Univerzitet Zagreb")).to_be_hidden()


def test_a_form_read_by_htmx_has_the_values_of_a_combobox_once(bench):
    bench.evaluate("""() => { const div = document.createElement('div');
        div.innerHTML = '<button type="button" id="asker" hx-post="/echo/asked/" hx-include="closest form" hx-swap="none">Ask</button>';
        const form = document.querySelector('kith-combobox').closest('form');
        form.append(div); htmx.process(div); }""")
    bench.evaluate("""document.querySelector('#asker').closest('div').addEventListener('htmx:config:request',
        ({detail}) => { window.sent = [...(detail.ctx.request.body ?? [])].filter(([k]) => k === 'company'); })""")
    bench.locator("#asker").click()
    assert posted(bench)[0][1]["company"] == "1"
    assert bench.evaluate("window.sent") == [["company", "1"]]


def test_combobox_gives_back_its_value_when_nothing_was_taken(bench):
    field = bench.get_by_role("combobox", name="Company")
    field.fill("nowhere")
    bench.get_by_role("heading", name="Workbench").click()
    expect(field).to_have_value("Hotel Bellevue Group")
    field.fill("")
    bench.get_by_role("heading", name="Workbench").click()
    assert bench.locator("input[type=hidden][name=company]").input_value() == ""


def test_combobox_offers_something_new_as_a_field_of_its_own(bench):
    field = bench.get_by_role("combobox", name="Company")
    field.fill("Neue Firma")
    bench.get_by_role("option", name="Add company “Neue Firma”").click()
    bench.locator("#send").click()
    bench.wait_for_url("**/echo/picked/")
    sent = posted(bench)[0][1]
    assert sent["company_new"] == "Neue Firma" and "company" not in sent


def test_combobox_with_several_values_adds_and_takes_out(bench):
    field = bench.get_by_role("combobox", name="Tags")
    field.fill("bostad")
    expect(bench.get_by_role("option", name="Bostad Väst")).to_be_visible()
    field.press("Enter")
    bench.locator(".choice", has_text="Univerzitet Zagreb").click()
    assert bench.evaluate("new FormData(document.getElementById('picking')).getAll('tags')") == ["3"]


def test_value_rows_are_added_and_taken_out(bench):
    rows = bench.locator("[data-row]")
    expect(rows).to_have_count(2)
    bench.get_by_role("button", name="Add another").click()
    expect(rows).to_have_count(3)
    expect(rows.nth(2).locator("input").first).to_be_focused()
    rows.nth(2).locator("input").first.fill("c@example.org")
    rows.nth(0).get_by_role("button", name="Take out").click()
    names = bench.evaluate(
        "[...new FormData(document.getElementById('picking'))].filter(([n]) => n.startsWith('emails')).map(e => e.join('='))"
    )
    assert names == ["emails-1-value=", "emails-primary=1", "emails-2-value=c@example.org"]


def test_rows_are_picked_by_key_range_and_put_down(bench):
    bench.locator("body").press("j")
    bench.keyboard.press("x")
    bench.keyboard.press("j")
    bench.keyboard.press("j")
    bench.keyboard.press("Shift+X")
    expect(bench.get_by_text("3 picked")).to_be_visible()
    expect(bench.locator("tr[aria-selected=true]")).to_have_count(3)
    bench.get_by_role("button", name="Put down").click()
    expect(bench.locator(".bulkbar")).to_be_hidden()


def test_shift_click_picks_a_range_and_the_bar_sends_it(bench):
    boxes = bench.locator("tbody .pick input")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(bench.get_by_text("3 picked")).to_be_visible()
    bench.get_by_text("Pick all 1,204").click()
    expect(bench.get_by_text("1,204 picked")).to_be_visible()
    assert bench.evaluate("new FormData(document.getElementById('picks')).getAll('pick')") == ["1", "2", "3", "4", "5"]
    bench.get_by_role("button", name="Owner").click()
    bench.wait_for_url("**/echo/bulk/")
    assert posted(bench)[0][1]["all"] == "1"


def test_the_box_in_the_head_picks_the_page_and_puts_it_down(bench):
    head = bench.get_by_label("Pick all on this page")
    head.click()
    expect(bench.get_by_text("5 picked")).to_be_visible()
    expect(head).to_be_checked()
    head.click()
    expect(bench.locator(".bulkbar")).to_be_hidden()
    bench.locator("tbody .pick input").first.check()
    expect(head).to_have_js_property("indeterminate", True)


def test_enter_opens_the_row_under_the_cursor(bench):
    bench.locator("body").press("j")
    bench.keyboard.press("j")
    bench.keyboard.press("Enter")
    bench.wait_for_url("**/workbench/?person=2")


def test_cell_is_edited_by_double_click_and_saved_by_enter(bench):
    cell = bench.locator(".city").first
    cell.dblclick()
    expect(cell.get_by_label("Value")).to_be_focused()
    bench.keyboard.type("Ulm")
    bench.keyboard.press("Enter")
    expect(cell).to_have_text("Ulm")
    assert posted(bench)[0] == ("city-1", {"value": "Ulm"})


def test_tab_saves_and_goes_on_and_escape_leaves_as_it_was(bench):
    bench.locator(".city").first.dblclick()
    expect(bench.locator(".city").first.get_by_label("Value")).to_be_focused()
    bench.keyboard.type("Ulm")
    bench.keyboard.press("Tab")
    expect(bench.locator(".phone").first.get_by_label("Value")).to_be_focused()
    expect(bench.locator(".city").first).to_have_text("Ulm")
    bench.keyboard.type("nonsense")
    bench.keyboard.press("Escape")
    expect(bench.locator(".phone").first).to_have_text("old")
    assert len(posted(bench)) == 1


def test_refused_value_stays_in_the_cell_with_its_reason(bench):
    cell = bench.locator(".city").first
    cell.dblclick()
    expect(cell.get_by_label("Value")).to_be_focused()
    bench.keyboard.type("wrong")
    bench.keyboard.press("Enter")
    expect(cell.get_by_text("That cannot be.")).to_be_visible()
    expect(cell.get_by_label("Value")).to_have_value("wrong")


def test_leaving_a_cell_saves_what_was_changed(bench):
    cell = bench.locator(".city").nth(1)
    cell.dblclick()
    expect(cell.get_by_label("Value")).to_be_focused()
    bench.keyboard.type("Lund")
    bench.get_by_label("Note").click()
    expect(cell).to_have_text("Lund")


def test_letters_typed_into_a_field_are_not_shortcuts(bench):
    bench.get_by_label("Note").click()
    bench.keyboard.type("o j x ?")
    expect(bench.get_by_role("dialog")).to_have_count(0)
    expect(bench.get_by_label("Note")).to_have_value("o j x ?")


def test_single_keys_press_and_slash_goes_to_the_search_box(bench):
    bench.locator("body").press("/")
    expect(bench.get_by_label("Find in this list")).to_be_focused()
    bench.get_by_role("heading", name="Workbench").click()
    bench.keyboard.press("o")
    expect(bench.locator("#ask")).to_be_visible()


def test_question_mark_lists_the_keys(bench):
    bench.locator("body").press("?")
    expect(bench.locator(".keys-dialog")).to_contain_text("Find or do")
    expect(bench.locator(".keys-dialog dt", has_text="O")).to_have_count(1)


def test_single_keys_can_be_switched_off_and_stay_off(bench):
    bench.get_by_label("Off").check()
    bench.get_by_role("heading", name="Workbench").click()
    bench.keyboard.press("o")
    bench.wait_for_timeout(100)
    expect(bench.locator("#ask")).to_be_hidden()
    bench.wait_for_timeout(200)
    bench.reload()
    expect(bench.locator("kith-hotkeys[off]")).to_have_count(1)


def test_theme_changes_at_once_and_is_remembered(bench):
    with bench.expect_response("**/ui/look/"):
        bench.get_by_label("Dark").check()
    assert bench.evaluate("document.documentElement.dataset.theme") == "dark"
    bench.reload()
    assert bench.evaluate("document.documentElement.dataset.theme") == "dark"


def test_palette_opens_by_ctrl_k_and_goes_to_what_is_chosen(bench):
    bench.keyboard.press("Control+k")
    expect(bench.locator("dialog.palette")).to_be_visible()
    bench.keyboard.type("ma")
    expect(bench.get_by_role("option", name="Marta ma")).to_have_attribute("aria-selected", "true")
    bench.keyboard.press("ArrowDown")
    bench.keyboard.press("Enter")
    bench.wait_for_url("**/workbench/?found=2")


def test_typing_on_while_the_palettes_answer_still_arrives_is_no_error(bench):
    problems = []
    bench.on("pageerror", lambda error: problems.append(str(error)))
    bench.evaluate(
        "() => { window.fetch = async (url, { signal }) => ({ ok: true, text: () => new Promise((_, stop) => "
        "signal.addEventListener('abort', () => stop(signal.reason))) }); }"
    )
    bench.keyboard.press("Control+k")
    bench.keyboard.type("mar")
    bench.wait_for_timeout(500)
    assert problems == []


def test_card_is_moved_by_keyboard(bench):
    bench.locator("#deal-1").focus()
    bench.keyboard.press("m")
    expect(bench.get_by_role("menuitem", name="Survey")).to_be_focused()
    bench.keyboard.press("Enter")
    expect(bench.locator("#lane-2 #deal-1")).to_have_count(1)
    assert posted(bench)[0] == ("move", {"stage": "2", "before": "deal-3"})


def test_card_is_dragged_to_another_lane(bench):
    bench.locator("#deal-1").scroll_into_view_if_needed()
    start, end = bench.locator("#deal-1").bounding_box(), bench.locator("#deal-3").bounding_box()
    bench.mouse.move(start["x"] + 60, start["y"] + 20)
    until(bench, "Boolean(window.Sortable?.get(document.querySelector('.lane-cards')))")  # comes with the pointer
    bench.mouse.down()
    bench.mouse.move(start["x"] + 80, start["y"] + 24, steps=4)
    bench.mouse.move(end["x"] + 60, end["y"] + end["height"] - 4, steps=12)
    bench.wait_for_timeout(250)
    bench.mouse.up()
    expect(bench.locator("#lane-2 #deal-1")).to_have_count(1)
    assert posted(bench)[0][1]["stage"] == "2"


def test_refused_move_goes_back_and_its_question_opens(bench):
    bench.locator("#deal-1").focus()
    bench.keyboard.press("m")
    bench.get_by_role("menuitem", name="Won needs a reason").click()
    expect(bench.get_by_role("heading", name="Why?")).to_be_visible()
    expect(bench.locator("#lane-1 #deal-1")).to_have_count(1)


def test_unsent_words_survive_a_reload_and_go_once_sent(bench):
    bench.get_by_label("Note").fill("Call her on Monday")
    bench.wait_for_timeout(500)
    bench.reload()
    expect(bench.get_by_label("Note")).to_have_value("Call her on Monday")
    bench.get_by_label("Note").press("Control+Enter")
    assert posted(bench)[0] == ("sent", {"body": "Call her on Monday"})
    bench.wait_for_timeout(100)
    bench.reload()
    expect(bench.get_by_label("Note")).to_have_value("")


def test_changed_part_refetches_itself_but_not_under_the_hand(bench):
    words = bench.get_by_label("Words")
    words.fill("half a thought")
    bench.evaluate("document.dispatchEvent(new CustomEvent('record-changed', {detail: {types: ['deal']}}))")
    bench.wait_for_timeout(600)
    expect(bench.locator("#part")).to_contain_text("stale")
    expect(words).to_have_value("half a thought")
    words.fill("")
    bench.get_by_role("heading", name="Workbench").click()
    expect(bench.locator("#part")).to_contain_text("fresh")


def test_time_ago_grows_while_the_page_stays_open(chromium, live_server, settings):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    with opened(chromium, "about:blank") as page:
        page.clock.install()
        page.goto(f"{live_server.url}/workbench/")
        expect(page.locator("time[data-ago]")).to_have_text("now")
        page.clock.run_for(5 * 60_000)
        expect(page.locator("time[data-ago]")).to_have_text("5 min")


def ordered(page):
    return [text.split("::")[1].split()[0] for text in page.locator("#ordered li").all_inner_texts()]


def test_a_list_is_put_in_order_by_dragging_a_grip(bench):
    grips = bench.locator("#ordered .grip")
    grips.nth(0).scroll_into_view_if_needed()
    first, third = grips.nth(0).bounding_box(), grips.nth(2).bounding_box()
    bench.mouse.move(first["x"] + 2, first["y"] + 4)
    bench.mouse.down()
    bench.mouse.move(third["x"] + 2, third["y"] + third["height"], steps=12)
    bench.mouse.up()
    assert ordered(bench) == ["Two", "Three", "One", "Four"]
    bench.mouse.move(first["x"], first["y"], steps=4)  # let go: it stays
    assert ordered(bench) == ["Two", "Three", "One", "Four"]


def test_a_list_is_put_in_order_by_keys_and_the_focus_goes_along(bench):
    bench.get_by_role("button", name="Two up").focus()
    bench.keyboard.press("Enter")
    assert ordered(bench) == ["Two", "One", "Three", "Four"]
    expect(bench.get_by_role("button", name="Two down")).to_be_focused()  # it is the first now, and cannot go up
    bench.keyboard.press("Enter")
    bench.keyboard.press("Enter")
    assert ordered(bench) == ["One", "Three", "Two", "Four"]
