"""Acting on many rows from the list: what is asked first, what happens, what refuses, and one undo for all of it."""

import re

import pytest

from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups import bulk as bulk_changes
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor, policy, text, user

pytestmark = pytest.mark.django_db
people, deals = registry["person"], registry["deal"]


def add(by, record=people, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


def many(by, n, **more):
    rows = [people.model(given_name=f"P{i:04}", owner_id=by.user_id, **more) for i in range(n)]
    for row in rows:
        row.derive()
    return people.model._default_manager.bulk_create(rows)


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def hidden(response):
    """What the form carries, as a browser would send it back."""
    out = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', response.content.decode()):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] not in ("csrfmiddlewaretoken", "next"):
            out.setdefault(name[1], []).append(value[1].replace("&amp;", "&").replace("&#34;", '"') if value else "")
    return out


def test_picked_rows_are_shown_before_they_are_changed(client, ines):
    marta, yusuf = add(ines, given_name="Marta"), add(ines, given_name="Yusuf")
    asked = client.post("/people/bulk/owner", {"pick": [marta.pk, yusuf.pk]})
    assert "2 people" in text(asked)
    assert "Marta" in text(asked)
    priya = user("priya")
    client.post("/people/bulk/owner", {**hidden(asked), "owner": priya.pk, "go": "1"})
    assert set(people.model._default_manager.values_list("owner_id", flat=True)) == {priya.pk}


def test_one_undo_takes_a_bulk_change_back(client, ines):
    rows = many(ines, 30, job_title="Old")
    asked = client.post("/people/bulk/set", {"pick": [r.pk for r in rows], "column": "job_title"})
    client.post(
        "/people/bulk/set", {**hidden(asked), "column": "job_title", "job_title": "New", "go": "1", "again": "1"}
    )
    titles = people.model._default_manager.values_list("job_title", flat=True)
    assert set(titles) == {"New"}
    op = Operation.objects.get(kind="bulk")
    assert op.count == 30
    assert "job title" in op.label.lower()
    undo(op, by=ines)
    assert set(titles.all()) == {"Old"}


def test_all_that_match_means_the_filter_as_it_stood_with_its_exact_number(client, ines):
    many(ines, 60, job_title="Oslo")
    many(ines, 7, job_title="Rome")
    asked = client.post("/people/bulk/tags", {"all": "1", "state": "filter=job_title.is:Oslo"})
    form = hidden(asked)
    assert form["count"] == ["60"]
    assert form["frozen"] == ["job_title.is:Oslo"]
    client.post("/people/bulk/tags", {**form, "add_new": ["north"], "go": "1"})
    rows = people.model._default_manager
    assert set(rows.filter(tags=["north"]).values_list("job_title", flat=True)) == {"Oslo"}
    assert rows.filter(tags=["north"]).count() == 60


def test_words_in_the_list_limit_all_that_match_and_are_not_capped(client, ines, monkeypatch):
    monkeypatch.setattr("kith.kernel.lookups.finding.CANDIDATES", 5)
    monkeypatch.setattr("kith.kernel.lookups.finding.matching.__defaults__", (5,))
    many(ines, 12, job_title="Plumber")
    asked = client.post("/people/bulk/archive", {"all": "1", "state": "q=plumber"})
    assert hidden(asked)["count"] == ["12"]


def test_above_a_hundred_rows_the_number_is_typed(client, ines):
    many(ines, 101)
    form = hidden(client.post("/people/bulk/archive", {"all": "1", "state": ""}))
    refused = client.post("/people/bulk/archive", {**form, "go": "1"})
    assert refused.status_code == 422
    assert "Type 101" in text(refused)
    assert not people.rows(ines, archived=True).exists()
    client.post("/people/bulk/archive", {**form, "go": "1", "typed": "101"})
    assert people.rows(ines, archived=True).count() == 101


def test_when_more_rows_match_meanwhile_nothing_happens_until_somebody_looked(client, ines):
    many(ines, 3)
    form = hidden(client.post("/people/bulk/archive", {"all": "1", "state": ""}))
    add(ines, given_name="Late comer")
    refused = client.post("/people/bulk/archive", {**form, "go": "1"})
    assert refused.status_code == 409
    assert "Meanwhile this means 4 rows" in text(refused)
    assert not people.rows(ines, archived=True).exists()


@pytest.mark.parametrize("filter", ["shoe_size.is:42", "((", "city.is:Oslo,created_at.before:never"])
def test_a_filter_that_means_nothing_is_never_acted_on(client, ines, filter):
    many(ines, 3)
    response = client.post("/people/bulk/archive", {"all": "1", "state": f"filter={filter}"})
    assert response.status_code == 422
    forged = {"all": "1", "frozen": filter, "count": "3", "go": "1", "again": "1"}
    assert client.post("/people/bulk/archive", forged).status_code == 422
    assert not people.rows(ines, archived=True).exists()


@pytest.mark.parametrize("picks", [[], ["x"], ["-1"], ["9" * 30], ["²"]])
def test_picking_nothing_or_nonsense_is_refused_in_words(client, ines, picks):
    response = client.post("/people/bulk/archive", {"pick": picks})
    assert response.status_code == 422
    assert "pick" in text(response).lower()


def test_rows_out_of_scope_cannot_be_changed_by_knowing_their_ids(client, ines):
    marta = add(ines, given_name="Marta")
    policy("member", "person", see="own", edit="own", archive="own")
    client.force_login(user("jonas"))
    response = client.post("/people/bulk/archive", {"pick": [marta.pk]})
    assert response.status_code == 422
    assert "Marta" not in text(response)


def test_rows_that_may_be_seen_but_not_changed_are_left_and_named(client, ines):
    mine, yours = add(ines, given_name="Mine"), add(actor("jonas"), given_name="Yours")
    policy("member", "person", see="all", edit="own")
    asked = client.post("/people/bulk/set", {"pick": [mine.pk, yours.pk], "column": "job_title"})
    client.post("/people/bulk/set", {**hidden(asked), "column": "job_title", "job_title": "New", "go": "1"})
    rows = people.model._default_manager
    assert rows.get(pk=mine.pk).job_title == "New"
    assert rows.get(pk=yours.pk).job_title == ""


def test_a_row_that_would_leave_the_scope_is_refused_alone_with_the_reason(client, ines):
    mine = add(ines, given_name="Mine")
    policy("member", "person", see="own", edit="own")
    jonas = user("jonas")
    asked = client.post("/people/bulk/owner", {"pick": [mine.pk]})
    told = client.post("/people/bulk/owner", {**hidden(asked), "owner": jonas.pk, "go": "1"})
    assert "would move the person out of what you may change" in text(told)
    assert people.model._default_manager.get(pk=mine.pk).owner_id == ines.user_id


def test_a_value_that_cannot_be_read_comes_back_with_its_sentence(client, ines):
    row = add(ines, given_name="Marta")
    asked = client.post("/people/bulk/set", {"pick": [row.pk], "column": "birthday"})
    response = client.post(
        "/people/bulk/set", {**hidden(asked), "column": "birthday", "birthday": "31 February", "go": "1"}
    )
    assert response.status_code == 422
    assert "31 February" in response.content.decode()


def test_names_and_columns_beyond_reach_cannot_be_set(client, ines):
    row = add(ines, given_name="Marta")
    policy("member", "person", read_only=["job_title"])
    for column in ("job_title", "name", "id", "created_at", "nonsense"):
        client.post(
            "/people/bulk/set", {"pick": [row.pk], "column": column, column: "x", "go": "1", "again": "1", "count": "1"}
        )
    assert people.model._default_manager.get(pk=row.pk).job_title == ""


def test_who_may_not_do_bulk_work_is_refused(client, ines):
    row = add(ines, given_name="Marta")
    client.force_login(user("rolf"))
    assert client.post("/people/bulk/archive", {"pick": [row.pk]}).status_code == 403


def test_many_rows_go_on_in_the_background_and_say_how_far_they_are(client, ines, monkeypatch):
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 20)
    monkeypatch.setattr(bulk_changes, "BATCH", 10)
    many(ines, 45)
    form = hidden(client.post("/people/bulk/set", {"all": "1", "state": "", "column": "job_title"}))
    answer = client.post("/people/bulk/set", {**form, "column": "job_title", "job_title": "New", "go": "1"})
    op = Operation.objects.get(kind="bulk")
    assert answer["Location"] == f"/people/bulk/{op.pk}/"
    assert "0 of 45 rows" in text(client.get(answer["Location"]))
    assert not people.model._default_manager.filter(job_title="New").exists()
    run_waiting_jobs()
    assert "45 people changed" in text(client.get(answer["Location"]))
    assert people.model._default_manager.filter(job_title="New").count() == 45
    op.refresh_from_db()
    assert op.count == 45
    undo(op, by=ines)
    assert not people.model._default_manager.filter(job_title="New").exists()


def test_a_worker_that_was_killed_goes_on_where_it_stopped_and_nothing_happens_twice(client, ines, monkeypatch):
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 20)
    monkeypatch.setattr(bulk_changes, "BATCH", 10)
    many(ines, 35)
    form = hidden(client.post("/people/bulk/tags", {"all": "1", "state": ""}))
    client.post("/people/bulk/tags", {**form, "add_new": ["x"], "go": "1"})
    op = Operation.objects.get(kind="bulk")
    assert bulk_changes._one_batch(op.pk, ines)
    assert people.model._default_manager.filter(tags=["x"]).count() == 10
    bulk_changes.go_on(op.pk, ines)
    bulk_changes.go_on(op.pk, ines)
    assert people.model._default_manager.filter(tags=["x"]).count() == 35
    assert Event.objects.filter(operation=op.pk, verb="person.changed").count() == 35


def test_only_who_started_it_and_managers_see_how_it_goes(client, ines, monkeypatch):
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 1)
    many(ines, 3)
    form = hidden(client.post("/people/bulk/archive", {"all": "1", "state": ""}))
    address = client.post("/people/bulk/archive", {**form, "go": "1"})["Location"]
    for who, status in (("ines", 200), ("helena", 200), ("jonas", 404)):
        client.force_login(user(who))
        assert client.get(address).status_code == status


def test_picked_rows_lead_to_merging(client, ines):
    rows = [add(ines, given_name="Marta"), add(ines, given_name="Martha")]
    answer = client.post("/people/bulk/merge", {"pick": [r.pk for r in rows]})
    assert answer["Location"] == f"/people/merge?ids={rows[0].pk},{rows[1].pk}"


def test_with_a_script_the_list_stays_and_a_toast_offers_undo(client, ines):
    row = add(ines, given_name="Marta")
    htmx = {"HX-Request": "true"}
    asked = client.post("/people/bulk/archive", {"pick": [row.pk]}, headers=htmx)
    assert "<dialog" in asked.content.decode()
    answer = client.post("/people/bulk/archive", {**hidden(asked), "go": "1"}, headers=htmx)
    assert '"undo": "/operations/' in answer["HX-Trigger"]
    assert '"record-changed": {"types": ["person"]}' in answer["HX-Trigger"]


@pytest.fixture
def small_undo(monkeypatch):
    """Three rows are many."""
    from kith.kernel.timeline import operations, takeback

    monkeypatch.setattr(operations, "AT_ONCE", 3)
    monkeypatch.setattr(takeback, "BATCH", 4)


def given_to_priya(client, ines, n=10):
    many(ines, n)
    asked = client.post("/people/bulk/set", {"column": "source", "all": "1"})
    client.post("/people/bulk/set", {**hidden(asked), "column": "source", "source": "Fair", "go": "1"})
    assert people.model._default_manager.filter(source="Fair").count() == n
    return Operation.objects.get(kind="bulk")


def test_the_undo_of_many_rows_goes_on_in_the_background_and_says_how_far_it_is(client, ines, small_undo):
    op = given_to_priya(client, ines)
    answer = client.post(f"/operations/{op.pk}/undo", headers={"HX-Request": "true"})
    assert "being taken back by Ines Okafor" in text(answer)
    assert f'hx-get="/operations/{op.pk}"' in answer.content.decode() and "Undo" not in text(answer)
    assert people.model._default_manager.filter(source="Fair").count() == 10
    assert run_waiting_jobs(names=["timeline.undo"]) == 1
    line = client.get(f"/operations/{op.pk}", headers={"HX-Request": "true"})
    assert "taken back by Ines Okafor" in text(line) and "hx-get" not in line.content.decode()
    assert not people.model._default_manager.filter(source="Fair").exists()
    assert not people.model._default_manager.exclude(archived_at=None).exists()


def test_a_large_undo_leaves_alone_what_was_edited_since_and_what_one_may_not_change(client, ines, small_undo):
    op = given_to_priya(client, ines)
    edited, lost, *_rest = people.model._default_manager.order_by("pk")
    actions.edit(people, edited, {"source": "Letter"}, by=ines)
    people.model._default_manager.filter(pk=lost.pk).update(owner=user("jonas"), team=None)
    policy("member", "person", see="all", edit="own")
    undo(op, by=actor("ines"))
    run_waiting_jobs(names=["timeline.undo"])
    op.refresh_from_db()
    assert dict(people.model._default_manager.filter(pk__in=[edited.pk, lost.pk]).values_list("given_name", "source")) == {
        edited.given_name: "Letter", lost.given_name: "Fair"}  # fmt: skip
    assert sorted(op.conflicts) == [
        f"{edited.name}: found us through was changed since and was left as it is.",
        f"{lost.name} may not be changed by you, and stays.",
    ]


def test_a_large_undo_that_was_killed_half_way_is_finished_by_the_next_worker_without_doing_anything_twice(
    client, ines, small_undo, monkeypatch
):
    from kith.kernel.timeline import jobs, takeback

    op = given_to_priya(client, ines)
    undo(op, by=ines)
    whole, calls = takeback._batch, []

    def dies(batch, by):
        if calls:
            raise RuntimeError("killed")
        calls.append(batch)
        return whole(batch, by)

    monkeypatch.setattr(takeback, "_batch", dies)
    with pytest.raises(RuntimeError):
        jobs.undo(operation=op.pk, user=ines.user_id)
    assert people.model._default_manager.filter(source="Fair").count() == 6
    monkeypatch.setattr(takeback, "_batch", whole)
    jobs.undo(operation=op.pk, user=ines.user_id)
    jobs.undo(operation=op.pk, user=ines.user_id)
    assert not people.model._default_manager.filter(source="Fair").exists()
    assert Event.objects.filter(record="person", verb="person.changed").count() == 20
    op.refresh_from_db()
    assert op.conflicts == []


def test_a_large_undo_puts_away_what_was_made_and_brings_back_what_was_put_away(client, ines, small_undo):
    rows = many(ines, 5)
    asked = client.post("/people/bulk/archive", {"all": "1"})
    client.post("/people/bulk/archive", {**hidden(asked), "go": "1"})
    op = Operation.objects.get(kind="bulk")
    undo(op, by=ines)
    run_waiting_jobs(names=["timeline.undo"])
    assert people.model._default_manager.filter(archived_at=None).count() == len(rows)
