"""The import wizard without a script: choose, map, check, run, look, take back."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kith.kernel.customfields.models import CustomField
from kith.kernel.intake.models import ImportRun, SavedMapping
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people = registry["person"]
PEOPLE = "First name,Last name,E-mail,Seen on,Shoe size\nMarta,Kowalczyk,marta@x.example,03/04/2024,38\nOliver,Brandt,not one,05/06/2024,44\n"


def upload(browser, text=PEOPLE, slug="people", name="people.csv", **more):
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return browser.post(f"/{slug}/import/", {"file": file, **more})


def form_of(page):
    """What the mapping form would send as it stands."""
    html = page.content.decode()
    data = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "checkbox" in tag and "checked" not in tag:
            continue
        if name and name[1] not in ("file", "map", "csrfmiddlewaretoken"):
            data.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        data.setdefault(name, []).append(chosen[1] if chosen else "")
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        data.setdefault(name, []).append(body.strip())
    return data


def test_a_file_goes_all_the_way_in_and_back_out_without_a_script(browser):
    ines = browser("ines")
    assert "Choose a file" in ines.get("/people/import/").content.decode()
    answer = upload(ines)
    run = ImportRun.objects.get()
    assert answer.status_code == 303 and answer["Location"] == f"/people/import/{run.pk}/columns"
    page = ines.get(answer["Location"])
    html = page.content.decode()
    assert "marta@x.example" in html and "known by its name" in html
    answer = ines.post(answer["Location"], {**form_of(page), "do": "check"})
    assert answer["Location"] == f"/people/import/{run.pk}"
    html = ines.get(answer["Location"]).content.decode()
    assert "Checking the file" in html and 'http-equiv="refresh"' in html
    run_waiting_jobs()
    html = ines.get(answer["Location"]).content.decode()
    assert "Nothing is written yet" in html and "“not one” is not an e-mail address" in html
    assert "Kowalczyk" in ines.get(f"{answer['Location']}?tab=create").content.decode()
    assert not people.model.objects.exists()
    ines.post(f"{answer['Location']}/run")
    run_waiting_jobs()
    html = ines.get(answer["Location"]).content.decode()
    assert "The file is in." in html and people.model.objects.get().name == "Marta Kowalczyk"
    csv = b"".join(ines.get(f"{answer['Location']}/rejects.csv").streaming_content).decode()
    assert "not one" in csv and "Why it was rejected" in csv.splitlines()[0]
    assert "38" in ines.get(f"{answer['Location']}/row/2").content.decode()
    ines.post(f"{answer['Location']}/undo")
    assert people.rows(actor("ines"), archived=False).count() == 0
    assert "taken back" in ines.get(answer["Location"]).content.decode()
    assert run.file_name in ines.get("/import/").content.decode()


def test_what_is_open_is_asked_and_not_decided(browser):
    ines = browser("ines")
    text = "First name,Birthday\nMarta,03/04/1980\nOliver,05/06/1981\n"
    page = ines.get(upload(ines, text)["Location"])
    assert "No value shows whether the day or the month comes first" in page.content.decode()
    data = form_of(page)
    data["order-1"] = ["DMY"]
    ines.post(f"/people/import/{ImportRun.objects.get().pk}/columns", {**data, "do": "run"})
    run_waiting_jobs()
    assert {p.birthday.isoformat() for p in people.model.objects.all()} == {"1980-04-03", "1981-06-05"}


def test_a_field_of_ones_own_is_made_on_request(browser):
    astrid = browser("astrid")
    page = astrid.get(upload(astrid)["Location"])
    data = form_of(page)
    data["to-4"] = ["new:number"]
    run = ImportRun.objects.get()
    astrid.post(f"/people/import/{run.pk}/columns", {**data, "do": "check"})
    run_waiting_jobs()
    assert not CustomField.objects.exists() and ImportRun.objects.get().counts["create"] == 1
    astrid.post(f"/people/import/{run.pk}/run")
    run_waiting_jobs()
    assert CustomField.objects.get().label == "Shoe size" and people.model.objects.get().custom == {"shoe_size": 38}


def test_proposals_for_odd_words_are_taken_into_the_mapping(browser):
    astrid = browser("astrid")
    text = "Name,Industry,Country\nBellevue,technolgy,Philipines\nHafen,retail,Poland\n"
    page = astrid.get(upload(astrid, text, slug="companies")["Location"])
    run = ImportRun.objects.get()
    astrid.post(f"/companies/import/{run.pk}/columns", {**form_of(page), "do": "check"})
    run_waiting_jobs()
    html = astrid.get(f"/companies/import/{run.pk}?tab=words").content.decode()
    assert "technolgy" in html and "looks misspelt" in html
    words = {u.value: u.pk for u in run.unresolved.all()}
    astrid.post(
        f"/companies/import/{run.pk}/words",
        {f"word-{words['technolgy']}": "technology", f"other-{words['Philipines']}": "Philippines"},
    )
    run_waiting_jobs()
    run.refresh_from_db()
    assert run.counts["create"] == 2 and not run.unresolved.exists()
    assert run.mapping["columns"]["Industry"]["values"] == {"technolgy": "technology"}


def test_a_mapping_is_kept_downloaded_uploaded_and_used_again(browser):
    ines = browser("ines")
    location = upload(ines)["Location"]
    run = ImportRun.objects.get()
    data = form_of(ines.get(location)) | {"to-4": ["source"], "save_as": ["Shoe shop"]}
    ines.post(location, {**data, "do": "save"})
    assert SavedMapping.objects.get().document["columns"]["Shoe size"]["to"] == "source"
    document = json.loads(ines.get(f"/people/import/{run.pk}/mapping.json").content)
    assert document["kith_mapping"] == 1
    upload(ines, mapping=f"saved:{SavedMapping.objects.get().pk}")
    upload(ines, map=SimpleUploadedFile("m.json", json.dumps(document).encode()))
    assert [r.mapping["columns"]["Shoe size"]["to"] for r in ImportRun.objects.order_by("pk")] == ["source"] * 3
    refused = upload(ines, map=SimpleUploadedFile("m.json", b"{"))
    assert refused.status_code == 422 and "is no JSON" in refused.content.decode()


def test_a_file_over_the_limit_is_refused_with_the_limit(browser, settings):
    settings.UPLOAD_LIMIT = 50
    answer = upload(browser("ines"))
    assert answer.status_code == 422 and "the limit is 50 bytes" in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_picture_called_csv_and_no_file_at_all_are_refused_in_words(browser):
    ines = browser("ines")
    answer = upload(ines, b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert answer.status_code == 422 and "is a picture" in answer.content.decode()
    assert "Choose a file first" in ines.post("/people/import/", {}).content.decode()


def test_two_columns_into_one_are_refused_on_the_page_with_both_names(browser):
    ines = browser("ines")
    location = upload(ines)["Location"]
    data = form_of(ines.get(location)) | {"to-1": ["given_name"]}
    answer = ines.post(location, {**data, "do": "check"})
    assert answer.status_code == 422
    assert "“First name” and “Last name” both go to “First name”" in answer.content.decode()


def test_changing_where_a_column_goes_asks_its_questions_at_once(browser):
    ines = browser("ines")
    location = upload(ines)["Location"]
    data = form_of(ines.get(location)) | {"to-3": ["birthday"]}
    answer = ines.post(f"{location}?line=3", {**data, "do": "line"}, headers={"HX-Request": "true"})
    assert "Dates are written" in answer.content.decode() and "<html" not in answer.content.decode()


def test_a_column_may_go_to_two_places(browser):
    ines = browser("ines")
    location = upload(ines)["Location"]
    data = form_of(ines.get(location))
    html = ines.post(location, {**data, "do": "also:First name"}).content.decode()
    assert "and also" in html


def test_imports_of_others_and_types_without_the_right_are_closed(browser):
    upload(browser("ines"))
    run = ImportRun.objects.get()
    jonas = browser("jonas")
    assert jonas.get(f"/people/import/{run.pk}").status_code == 404
    policy("member", "person", rights=["create"])
    assert jonas.get("/people/import/").status_code == 403
    assert jonas.get("/pipelines/import/").status_code in (200, 403)
    assert browser("rolf").get("/people/import/").status_code == 403
    assert browser("astrid").get(f"/people/import/{run.pk}/columns").status_code == 200


def test_markup_in_a_file_stays_text_on_every_page(browser):
    ines = browser("ines")
    text = "First name,<script>alert(1)</script>\n<b>Marta</b>,<img src=x onerror=alert(2)>\n"
    location = upload(ines, text, name="<i>people</i>.csv")["Location"]
    run = ImportRun.objects.get()
    page = ines.get(location)
    assert "<script>alert(1)" not in page.content.decode() and "<b>Marta" not in page.content.decode()
    ines.post(location, {**form_of(page), "do": "run", "to-0": ["given_name"], "header-0": ["First name"]})
    run_waiting_jobs()
    for rest in ("", "?tab=create", "/row/2"):
        html = ines.get(f"/people/import/{run.pk}{rest}").content.decode()
        assert "<img src=x" not in html and "<i>people" not in html and "<b>Marta" not in html


def test_a_running_import_is_stopped_and_continued(browser, monkeypatch):
    ines = browser("ines")
    location = upload(ines, "First name\n" + "".join(f"P{i}\n" for i in range(30)))["Location"]
    run = ImportRun.objects.get()
    ines.post(location, {**form_of(ines.get(location)), "do": "run"})
    ines.post(f"/people/import/{run.pk}/stop")
    run_waiting_jobs()
    run.refresh_from_db()
    assert run.state == "failed" and not people.model.objects.exists()
    assert "stopped" in ines.get(f"/people/import/{run.pk}").content.decode()


def test_an_update_shows_before_and_after(browser):
    actions.create(
        people, {"given_name": "Marta", "emails": [{"value": "marta@x.example", "label": ""}]}, by=actor("ines")
    )
    ines = browser("ines")
    location = upload(ines)["Location"]
    ines.post(location, {**form_of(ines.get(location)), "do": "check", "existing": ["overwrite"]})
    run_waiting_jobs()
    html = ines.get(f"/people/import/{ImportRun.objects.get().pk}?tab=update").content.decode()
    assert "<ins>Kowalczyk</ins>" in html


def test_a_kept_mapping_is_found_renamed_and_removed_where_imports_stand(browser):
    ines = browser("ines")
    location = upload(ines)["Location"]
    ines.post(location, {**form_of(ines.get(location)), "to-4": ["source"], "save_as": ["Shoe shop"], "do": "save"})
    saved = SavedMapping.objects.get()
    html = ines.get("/import/").content.decode()
    assert "Shoe shop" in html and "not yet" in html and f"/import/mappings/{saved.pk}" in html
    upload(ines, mapping=f"saved:{saved.pk}")
    html = ines.get(f"/import/mappings/{saved.pk}").content.decode()
    assert "Shoe size" in html and "Found us through" in html and "Kept by Ines Okafor" in html and "Last used" in html
    assert ines.post(f"/import/mappings/{saved.pk}", {"name": ""}).status_code == 422
    ines.post(f"/import/mappings/{saved.pk}", {"name": "Shoes"})
    html = ines.get("/import/").content.decode()
    assert "It is called “Shoes” now." in html and "/undo" in html and "Shoe shop" not in html
    assert json.loads(ines.get(f"/import/mappings/{saved.pk}.json").content)["name"] == "Shoes"
    ines.post(f"/import/mappings/{saved.pk}/remove")
    html = ines.get("/import/").content.decode()
    undo = re.search(r"/operations/\d+/undo", html)
    assert "The mapping “Shoes” is removed." in html and undo and not SavedMapping.objects.exists()
    ines.post(undo[0])
    assert SavedMapping.objects.get().name == "Shoes"


def test_a_colleagues_mapping_is_read_and_used_but_not_changed(browser):
    ines = browser("ines")
    location = upload(ines)["Location"]
    ines.post(location, {**form_of(ines.get(location)), "save_as": ["Shoe shop"], "do": "save"})
    jonas = browser("jonas")
    address = f"/import/mappings/{SavedMapping.objects.get().pk}"
    html = jonas.get(address).content.decode()
    assert "Kept by Ines Okafor" in html and "Rename" not in html and "/remove" not in html
    assert jonas.post(address, {"name": "Mine"}).status_code == 403
    jonas.post(f"{address}/remove")
    assert SavedMapping.objects.get().name == "Shoe shop"
    assert browser("rolf").get(address).status_code in (403, 404)


def test_a_mapping_that_fits_the_file_is_offered_with_its_columns(browser):
    ines = browser("ines")
    location = upload(ines)["Location"]
    ines.post(location, {**form_of(ines.get(location)), "to-4": ["source"], "save_as": ["Shoe shop"], "do": "save"})
    location = upload(ines)["Location"]
    page = ines.get(location)
    assert "“Shoe shop” fits this file" in page.content.decode()
    use = f"saved:{SavedMapping.objects.get().pk}"
    ines.post(location, {**form_of(page), "do": "use", "use": use})
    page = ines.get(location)
    assert "fits this file" not in page.content.decode() and form_of(page)["to-4"] == ["source"]


def test_mappings_that_come_with_kith_are_explained(browser):
    astrid = browser("astrid")
    assert "/import/mappings/maven/accounts" in astrid.get("/import/").content.decode()
    html = astrid.get("/import/mappings/maven/accounts").content.decode()
    assert "technolgy → technology" in html and "It comes with Kith." in html and "Rename" not in html
    assert json.loads(astrid.get("/import/mappings/maven/accounts.json").content)["kith_mapping"] == 1
    assert astrid.get("/import/mappings/maven/nothing").status_code == 404


def test_a_file_with_names_of_columns_and_no_rows_is_refused(browser):
    answer = upload(browser("ines"), "First name,E-mail\n")
    assert answer.status_code == 422 and "no rows under them" in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_an_import_of_which_nothing_would_come_in_cannot_be_run(browser):
    ines = browser("ines")
    location = upload(ines, "First name,E-mail\nMarta,not one\n")["Location"]
    ines.post(location, {**form_of(ines.get(location)), "do": "check"})
    run_waiting_jobs()
    html = ines.get(location.removesuffix("/columns")).content.decode()
    assert "Nothing is written yet, and nothing would be." in html
    assert "Import now" not in html and "Change the columns" in html
    assert (
        "First name" in (row := ines.get(location.replace("columns", "row/2")).content.decode())
        and "given_name" not in row
    )


def test_many_rejected_rows_are_summed_up_by_their_reasons(browser):
    ines = browser("ines")
    lines = [f"Visitor{n},not an address {n}" for n in range(7)]
    location = upload(ines, "\n".join(["First name,E-mail", *lines, "Marta,m@x.example"]))["Location"]
    ines.post(location, {**form_of(ines.get(location)), "do": "check"})
    run_waiting_jobs()
    page = ines.get(location.removesuffix("/columns") + "?tab=reject")
    assert page.status_code == 200
    assert re.search(r"<b>7</b><span>E-mail: “…” is not an e-mail address", page.content.decode())
