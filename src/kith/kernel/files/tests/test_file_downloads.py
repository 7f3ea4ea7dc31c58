"""A downloaded file is never shown, guessed or run by the browser."""

import io

import pytest

from kith.kernel.access.actor import system
from kith.kernel.files.downloads import download, headers
from kith.kernel.files.storage import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    content = io.BytesIO("poznámka\n".encode())
    content.name = 'Žižkov "draft"; 2.txt'
    return store(content, record_type="person", record_id=1, by=system())


def test_the_answer_is_an_attachment_in_a_sandbox(note):
    answer = download(note)
    assert b"".join(answer.streaming_content) == "poznámka\n".encode()
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Length"] == "10"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_any_name_is_sent_in_a_form_that_cannot_break_the_header(note):
    assert headers(note)["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C5%BDi%C5%BEkov%20%22draft%22%3B%202.txt"
    )
    assert download(note)["Content-Disposition"].startswith("attachment;")
