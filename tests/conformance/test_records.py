"""Every record type on the record face: page, forms, edits in place, conflicts, archive, history, undo, and one door."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.access.actor import system
from kith.kernel.access.scopes import configuration
from kith.kernel.kinds import Bool, Email, Link, Many, Tags, Text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.ui.pages.form import creatable
from kith.ui.pages.tests.helpers import HTMX, form_of, text_of
from tests.cast import actor, policy, user
from tests.conformance.samples import every, row_of, sample

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
types = pytest.mark.parametrize("record", every(), ids=lambda r: r.name)
by_hand = pytest.mark.parametrize("record", [r for r in every() if not r.by_itself], ids=lambda r: r.name)


@pytest.fixture
def by(client):
    """An administrator at a browser: the one role that may make rows of every type."""
    from kith.deals.actions import install_defaults

    install_defaults(by=system("cli"))
    astrid = actor("astrid")
    client.force_login(user("astrid"))
    return astrid


def sent(column, value):
    """A sample value as the column's field sends it."""
    key, kind = column.key, column.kind
    if isinstance(kind, Tags):
        return {f"{key}_new": value}
    if isinstance(kind, Many):
        return {f"{key}-0-value": value, f"{key}-primary": "0"}
    if isinstance(kind, Bool):
        return {key: "1"}
    return {key: str(value)}


def with_script(form, changed):
    """The form as a browser with a script sends it: comboboxes without their words."""
    out = {k: v for k, v in form.items() if not (k.endswith("_text") and k.removesuffix("_text") in form)}
    return out | changed


def other_than(value, column):
    """Another name of the same shape."""
    if not isinstance(value, str):
        return value
    return f"another.{value}" if isinstance(column.kind, Email) else f"Another {value}"


def same(column, row, value, by):
    """Whether the row holds the value; a row may fold words (a web domain is small letters)."""
    kept, typed = column.get(row), column.kind.parse(value, actor=by)
    return column.kind.same(kept, typed) or (isinstance(kept, str) and kept.casefold() == str(typed).casefold())


@types
def test_the_page_opens_within_its_budget_and_so_do_its_parts(client, by, record):
    row = row_of(record, by)
    url = record.url(row.pk)
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    assert record.name_of(row) in text_of(response)
    assert len(captured) <= MOST_QUERIES, "\n".join(q["sql"][:160] for q in captured)
    for part in (
        "?part=head",
        "?part=facts",
        "/timeline",
        "/timeline?part=now",
        "/panel/related",
        "/panel/files",
        "/history",
    ):
        assert client.get(url + part, headers=HTMX).status_code == 200, part


@by_hand
def test_a_new_row_through_the_form_holds_what_was_typed(client, by, record):
    row_of(record, by)  # what it links to is there now
    columns = creatable(record, by)
    if record.title in columns and not isinstance(columns[record.title].kind, Text):
        pytest.skip("called after other rows, of which there may be one")
    form = form_of(client.get(f"/{record.slug}/new"), f"/{record.slug}/new")
    required = {
        k: v for k, c in columns.items() if (v := sample(c, by)) is not None and (c.required or k == record.title)
    }
    named = {k: other_than(v, columns[k]) if k == record.title else v for k, v in required.items()}
    values = with_script(form, {k: v for key, value in named.items() for k, v in sent(columns[key], value).items()})
    if not required and record.quick:
        values |= sent(columns[record.quick[0]], sample(columns[record.quick[0]], by))
    before = set(record.model._default_manager.values_list("pk", flat=True))
    response = client.post(f"/{record.slug}/new", values)
    if response.status_code == 422:  # looks like one that is there already: said once, saved the second time
        response = client.post(f"/{record.slug}/new", with_script(form_of(response, f"/{record.slug}/new"), {}))
    assert response.status_code == 303, text_of(response)[:600]
    made = record.model._default_manager.exclude(pk__in=before).get()
    assert all(same(columns[k], made, v, by) for k, v in named.items() if not isinstance(columns[k].kind, Link))


@types
def test_a_form_sent_back_untouched_is_no_event(client, by, record):
    row = row_of(record, by)
    url = f"{record.url(row.pk)}/edit"
    events = Event.objects.count()
    assert client.post(url, form_of(client.get(url), "/edit")).status_code == 303
    assert client.post(url, with_script(form_of(client.get(url), "/edit"), {})).status_code == 303
    assert Event.objects.count() == events


@types
def test_every_value_of_the_form_is_kept_or_refused_in_words_and_shown_again(client, by, record):
    row = row_of(record, by)
    url = f"{record.url(row.pk)}/edit"
    columns = record.writable(by)
    asked = [k for s in record.form for k in s.keys if k in columns]
    refused = []
    for key in asked:
        value = sample(columns[key], by)
        if value is None:
            continue
        response = client.post(url, with_script(form_of(client.get(url), "/edit"), sent(columns[key], value)))
        assert response.status_code in (303, 422), key
        if response.status_code == 422:
            refused.append(key)
            assert 'role="alert"' in response.content.decode(), key
            continue
        fresh = record.rows(by).get(pk=row.pk)
        assert same(columns[key], fresh, value, by), key
        events = Event.objects.count()
        client.post(url, with_script(form_of(client.get(url), "/edit"), {}))
        assert Event.objects.count() == events, f"{key} does not come back as it was given out"
    assert len(refused) <= max(2, len(asked) // 4), refused


@types
def test_each_fact_opens_its_editor_and_each_other_column_refuses(client, by, record):
    row = row_of(record, by)
    writable = record.writable(by)
    for key in record.columns(by):
        status = client.get(f"{record.url(row.pk)}/cell/{key}?at=facts", headers=HTMX).status_code
        assert status == (200 if key in writable else 403), key
    page = client.get(record.url(row.pk)).content.decode()
    for key in (k for s in record.form for k in s.keys):
        assert (f"/cell/{key}?at=facts" in page) == (key in writable), key


@types
def test_two_people_on_one_value_both_see_both(client, by, record):
    row = row_of(record, by)
    columns = record.writable(by)
    key = next(
        (k for s in record.form for k in s.keys if k in columns and columns[k].kind.name in ("text", "long_text")), None
    )
    if key is None:
        pytest.skip("no words to disagree about")
    url = f"{record.url(row.pk)}/edit"
    form = with_script(form_of(client.get(url), "/edit"), {key: "Mine"})
    actions.edit(record, row, {key: "Theirs"}, by=by)
    response = client.post(url, form)
    assert response.status_code == 409
    assert "Theirs" in text_of(response)
    again = form_of(response, "/edit")
    assert again[key] == "Mine"
    assert client.post(url, with_script(again, {"keep": key})).status_code == 303
    assert columns[key].get(record.rows(by).get(pk=row.pk)) == "Mine"


@types
def test_archive_restore_history_and_undo(client, by, record):
    row = row_of(record, by)
    url = record.url(row.pk)
    assert client.post(f"{url}/do/archive").status_code == 303
    assert record.rows(by, archived=False).filter(pk=row.pk).count() == 0
    assert "Archived today." in text_of(client.get(url))
    assert client.post(f"{url}/do/restore").status_code == 303
    assert record.rows(by, archived=False).filter(pk=row.pk).count() == 1
    for words in ("archived this", "brought this back"):
        assert words in text_of(client.get(f"{url}/history"))
    op = Operation.objects.filter(kind=f"{record.name}.archive").latest("pk")
    assert client.post(f"/operations/{op.pk}/undo").status_code == 303
    assert record.rows(by, archived=False).filter(pk=row.pk).count() == 0


@types
def test_somebody_beyond_its_scope_finds_nothing_at_any_address(client, by, record):
    if record.scope is configuration or record.settings:
        pytest.skip("everybody inside sees configuration")
    row = row_of(record, by)
    for name in {record.name, *(r.name for r in registry)}:
        policy("member", name, see="own", edit="own", archive="own")
    client.force_login(user("jonas"))
    url, nowhere = record.url(row.pk), record.url(row.pk + 5000)
    addresses = ["", "/edit", "/history", "/timeline", "/panel/related", "/panel/files", "/panel/why", "/do/archive",
                 "/compose/note", *(f"/do/{a.verb}" for a in record.actions), *(f"/cell/{k}" for k in list(record.columns())[:3])]  # fmt: skip
    for tail in addresses:
        for method in (client.get, client.post):
            there, gone = method(url + tail), method(nowhere + tail)
            assert there.status_code == gone.status_code, tail
            assert there.status_code in (404, 405), tail
            assert record.name_of(row) not in text_of(there) or not record.name_of(row), tail
    assert client.post(f"{url}/files", {}).status_code == 404
    assert f'data-value="{row.pk}"' not in client.get(f"/pick/{record.name.replace('_', '-')}").content.decode()
    assert (
        f'data-value="{row.pk}"' not in client.get(f"/pick/{record.name.replace('_', '-')}?q=bellevue").content.decode()
    )


@pytest.mark.parametrize("record", [r for r in every() if r.by_itself], ids=lambda r: r.name)
def test_rows_that_come_by_themselves_are_made_by_nobody(client, by, record):
    assert client.get(f"/{record.slug}/new").status_code == 403
    assert client.post(f"/{record.slug}/new", {}).status_code == 403
    assert f'href="/{record.slug}/new"' not in client.get(f"/{record.slug}/").content.decode()


@by_hand
def test_quick_add_is_a_dialog(client, by, record):
    response = client.get(f"/{record.slug}/new", headers=HTMX)
    assert response.status_code == 200
    assert 'id="quick-add-' in response.content.decode()
    assert "<html" not in response.content.decode()
    assert set(record.quick) <= set(form_of(response, f"/{record.slug}/new")) | {
        k for k in record.quick if record.columns()[k].kind.multiple
    }
