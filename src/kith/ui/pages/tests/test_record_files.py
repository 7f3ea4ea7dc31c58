"""Files of a row: kept after a look at what they are, fetched through the door of the row, taken out with an undo."""

import io
import json

import pytest

from kith.kernel.files.models import StoredFile
from kith.kernel.files.storage import LIMIT
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.ui.pages.tests.helpers import HTMX, add, text_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people = registry["person"]
PDF = b"%PDF-1.7\n" + b"1 0 obj << >> endobj\n" * 20


@pytest.fixture(autouse=True)
def _own_disk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def marta():
    return add(people, actor("ines"), given_name="Marta", family_name="Kowalczyk")


def upload(client, marta, *files, **options):
    return client.post(f"/people/{marta.pk}/files", {"file": list(files)}, **options)


def named(name, content=PDF):
    file = io.BytesIO(content)
    file.name = name
    return file


def test_a_file_is_kept_and_comes_back_as_a_download(browser, marta):
    client = browser("ines")
    assert upload(client, marta, named("Offer.pdf")).status_code == 303
    stored = StoredFile.objects.get()
    page = client.get(f"/people/{marta.pk}")
    assert "Offer.pdf" in text_of(page)
    assert "Ines Okafor added the file Offer.pdf" in text_of(page)
    response = client.get(f"/files/{stored.pk}")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_file_that_lies_about_its_type_is_refused_in_words_and_the_others_stay(browser, marta):
    client = browser("ines")
    response = upload(
        client, marta, named("Offer.pdf"), named("virus.pdf", b"MZ\x90\x00" + b"\x00" * 200), headers=HTMX
    )
    assert response.status_code == 422
    assert "virus.pdf" in text_of(response)
    assert [f.name for f in StoredFile.objects.all()] == ["Offer.pdf"]


def test_a_page_with_scripts_is_not_taken_under_any_name(browser, marta):
    client = browser("ines")
    for name in ("page.html", "drawing.svg", "note.txt"):
        assert (
            upload(client, marta, named(name, b"<html><script>alert(1)</script></html>"), headers=HTMX).status_code
            == 422
        )
    assert StoredFile.objects.count() == 0


def test_too_large_and_empty_files_are_refused_with_the_limit(browser, marta, monkeypatch):
    client = browser("ines")
    assert "is empty" in text_of(upload(client, marta, named("empty.pdf", b""), headers=HTMX))
    assert "Choose a file first." in text_of(client.post(f"/people/{marta.pk}/files", headers=HTMX))
    large = named("large.pdf", PDF + b"\x00" * LIMIT)
    assert "the limit for one file is 25.0" in text_of(upload(client, marta, large, headers=HTMX))


def test_a_file_is_taken_out_and_brought_back(browser, marta):
    client = browser("ines")
    upload(client, marta, named("Offer.pdf"))
    stored = StoredFile.objects.get()
    said = json.loads(client.post(f"/files/{stored.pk}/remove", headers=HTMX)["HX-Trigger"])
    assert client.get(f"/files/{stored.pk}").status_code == 404
    assert "removed the file Offer.pdf" in text_of(client.get(f"/people/{marta.pk}"))
    client.post(said["kith:toast"]["undo"], headers=HTMX)
    assert client.get(f"/files/{stored.pk}").status_code == 200


def test_undoing_an_upload_takes_the_file_out(browser, marta):
    client = browser("ines")
    said = json.loads(upload(client, marta, named("Offer.pdf"), headers=HTMX)["HX-Trigger"])
    client.post(said["kith:toast"]["undo"], headers=HTMX)
    assert client.get(f"/files/{StoredFile.objects.get().pk}").status_code == 404


def test_files_of_rows_out_of_reach_are_not_there(browser, marta):
    upload(browser("ines"), marta, named("Offer.pdf"))
    stored = StoredFile.objects.get()
    policy("member", "person", see="own", edit="own")
    client = browser("jonas")
    assert client.get(f"/files/{stored.pk}").status_code == client.get(f"/files/{stored.pk + 100}").status_code == 404
    assert client.post(f"/files/{stored.pk}/remove").status_code == 404
    assert upload(client, marta, named("x.pdf")).status_code == 404
    assert StoredFile.objects.filter(archived_at__isnull=True).count() == 1


def test_who_may_only_read_fetches_but_neither_adds_nor_takes_out(browser, marta):
    upload(browser("ines"), marta, named("Offer.pdf"))
    stored = StoredFile.objects.get()
    client = browser("rolf")
    assert client.get(f"/files/{stored.pk}").status_code == 200
    assert upload(client, marta, named("x.pdf")).status_code == 403
    assert client.post(f"/files/{stored.pk}/remove").status_code in (403, 404)
    assert "Drop files" not in client.get(f"/people/{marta.pk}").content.decode()


def test_a_name_with_markup_or_a_path_in_it_is_only_a_name(browser, marta):
    client = browser("ines")
    upload(client, marta, named("../../<b>Offer</b>.pdf"))
    assert "<b>Offer</b>" not in client.get(f"/people/{marta.pk}").content.decode()
    assert "/" not in StoredFile.objects.get().name


def test_files_of_one_upload_are_taken_out_by_one_undo(browser, marta):
    client = browser("ines")
    lying = named("virus.pdf", b"MZ\x90\x00" + b"\x00" * 200)
    answer = upload(client, marta, named("Offer.pdf"), lying, named("Plan.pdf"), headers=HTMX)
    said = json.loads(answer["HX-Trigger"])["kith:toast"]
    assert said["message"] == "Added Offer.pdf, Plan.pdf."
    assert Operation.objects.get(kind="file.add").label == "Added 2 files to Marta Kowalczyk"
    client.post(said["undo"], headers=HTMX)
    assert {client.get(f"/files/{f.pk}").status_code for f in StoredFile.objects.all()} == {404}


def test_an_upload_of_which_nothing_is_kept_offers_no_undo(browser, marta):
    lying = named("virus.pdf", b"MZ\x90\x00" + b"\x00" * 200)
    answer = upload(browser("ines"), marta, lying, headers=HTMX)
    assert answer.status_code == 422 and "HX-Trigger" not in answer
    assert not Operation.objects.filter(kind="file.add").exists()


def test_more_files_than_are_taken_at_once_are_refused_and_none_is_left_out_unsaid(browser, marta):
    many = [named(f"Offer {n}.pdf") for n in range(11)]
    answer = upload(browser("ines"), marta, *many, headers=HTMX)
    assert answer.status_code == 422
    assert "11 files are too many at once; choose at most 10." in text_of(answer)
    assert not StoredFile.objects.exists()
