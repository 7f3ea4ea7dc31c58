"""Files are kept whole or not at all, once for equal content, and never under a name that can do harm."""

import hashlib
import io
import os
import resource
import stat
import subprocess
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.files import storage
from kith.kernel.files.models import StoredFile
from kith.kernel.files.storage import erase, open_file, store
from tests.cast import actor

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def upload(content=PDF, name="offer.pdf"):
    return SimpleUploadedFile(name, content, content_type="text/html")


def keep(content=PDF, name="offer.pdf", by=None, **options):
    return store(upload(content, name), record_type="deal", record_id=7, by=by or system(), **options)


def on_disk(settings):
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_file_is_kept_under_its_hash_with_what_it_is_and_who_added_it(settings):
    ines = actor("ines")
    stored = StoredFile.objects.get(pk=keep(by=ines).pk)
    digest = hashlib.sha256(PDF).hexdigest()
    assert (stored.record_type, stored.record_id, stored.name) == ("deal", 7, "offer.pdf")
    assert (stored.size, stored.content_type, stored.sha256) == (len(PDF), "application/pdf", digest)
    assert stored.uploaded_by_id == ines.user_id
    assert on_disk(settings) == [Path(settings.MEDIA_ROOT) / digest[:2] / digest[2:4] / digest]
    with open_file(stored) as content:
        assert content.read() == PDF


def test_nobody_else_on_the_machine_can_read_it(settings):
    path = Path(settings.MEDIA_ROOT) / keep().path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_equal_content_is_kept_once_and_stays_until_the_last_row_goes(settings, django_capture_on_commit_callbacks):
    first, second = keep(), keep(name="copy.pdf")
    assert len(on_disk(settings)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        erase(first)
    with open_file(second) as content:
        assert content.read() == PDF
    with django_capture_on_commit_callbacks(execute=True):
        erase(second)
    assert on_disk(settings) == []


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_is_taken_back_keeps_the_bytes(settings):
    stored = keep()
    with pytest.raises(RuntimeError), transaction.atomic():
        erase(StoredFile.objects.get(pk=stored.pk))
        raise RuntimeError("something later failed")
    with open_file(StoredFile.objects.get(pk=stored.pk)) as content:
        assert content.read() == PDF


def test_missing_content_is_said_plainly(settings):
    stored = keep()
    (Path(settings.MEDIA_ROOT) / stored.path).unlink()
    with pytest.raises(NotFound, match="The content of “offer.pdf” is missing on the server"):
        open_file(stored)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "empty.txt", "“empty.txt” is empty."),
        (PDF + b"x" * 3000, "large.pdf", "“large.pdf” has 3.0\xa0KB; the limit for one file is 1000\xa0bytes."),
        (b"<html><script>alert(1)</script>", "offer.pdf", "its content is of the type text/html"),
        (b"MZ" + b"\0" * 200, "photo.jpg", "its content is of the type application/x-msdownload"),
        (PDF, "offer.exe", "a computer may run .exe files"),
    ],
)
def test_what_is_not_taken_is_refused_in_words_and_leaves_nothing(settings, content, name, sentence):
    with pytest.raises(Invalid) as refused:
        keep(content, name, limit=1000)
    assert sentence in refused.value.message
    assert refused.value.field == "file"
    assert on_disk(settings) == []
    assert StoredFile.objects.count() == 0


def test_a_stream_that_hides_its_size_is_stopped_at_the_limit(settings):
    endless = io.BytesIO(PDF + b"x" * (2 << 20))
    endless.name = "endless.pdf"
    with pytest.raises(Invalid, match=r"has 1.2\sMB; the limit for one file is 1.0\sMB"):
        store(endless, record_type="deal", record_id=7, by=system(), limit=1 << 20)
    assert on_disk(settings) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/offer.pdf", "offer.pdf"),
        ("C:\\Users\\Ines\\offer.pdf", "offer.pdf"),
        ("\u202efdp.offer\x00\n.pdf", "fdp.offer.pdf"),
        ("  .. ", "file"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("Angebot – Žižkov.pdf", "Angebot – Žižkov.pdf"),
    ],
)
def test_names_lose_paths_and_tricks_but_not_letters(given, kept):
    sent = io.BytesIO(PDF)
    sent.name = given
    assert store(sent, record_type="deal", record_id=7, by=system()).name == kept


def test_a_file_larger_than_the_server_may_write_leaves_nothing(settings):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(Invalid, match="no room left on the server's disk, so “offer.pdf” was not kept"):
            keep(PDF + b"x" * (2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert on_disk(settings) == []
    assert StoredFile.objects.count() == 0


@pytest.mark.faults
def test_a_full_disk_is_said_plainly_and_leaves_nothing(settings):
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not let the tests make a small disk")
    try:
        small = keep()
        with pytest.raises(Invalid, match="no room left on the server's disk"):
            keep(PDF + os.urandom(2 << 20), name="large.pdf")
        assert len(on_disk(settings)) == 1
        with open_file(small) as content:
            assert content.read() == PDF
        assert keep(name="again.pdf").size == len(PDF)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_cannot_be_written_is_told_to_an_administrator(settings, tmp_path):
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(Invalid, match="could not write “offer.pdf” to its disk"):
        keep()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_cannot_be_written_leaves_no_half_file(settings):
    with pytest.raises(Exception, match="record_type"):
        store(upload(), record_type=None, record_id=7, by=system())
    assert not [path for path in on_disk(settings) if "incoming" in path.parts]
    assert StoredFile.objects.count() == 0


def test_the_limit_is_twenty_five_megabytes():
    assert storage.LIMIT == 25 * 1024 * 1024
