"""`kith mail` as a mail server calls it: kept is 0, tried again later is 75, and nothing else is lost."""

import os
import subprocess
import sys

import pytest

from tests.mailcast import letter, smtp_server


@pytest.fixture
def piped(own_database, surroundings):
    def run(raw, *arguments, **environment):
        return subprocess.run(
            [sys.executable, "-m", "kith", "mail", "receive", *arguments], input=raw, capture_output=True, timeout=120,
            env={**surroundings, "DATABASE_URL": own_database, **environment},
        )  # fmt: skip

    return run


def test_a_message_is_taken_in_once_however_often_it_is_delivered(piped):
    raw = letter().as_bytes()
    first, again = piped(raw), piped(raw)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert first.stdout == again.stdout and first.stdout.strip().isdigit()


def test_a_database_that_cannot_be_reached_has_it_tried_again(piped):
    said = piped(letter().as_bytes(), DATABASE_URL="postgresql://kith@127.0.0.1:9/kith")
    assert said.returncode == 75 and b"try again later" in said.stderr
    assert piped(letter().as_bytes(), KITH_SECRET_KEY="short").returncode == 75


def test_nothing_on_standard_input_and_a_mailbox_that_is_not_there(piped):
    assert piped(b"\n").returncode == 66
    assert piped(letter().as_bytes(), "--mailbox", "Nowhere").returncode == 75


def test_a_full_disk_has_it_tried_again(piped, data):
    (data / "files").write_text("where a folder should be")
    assert piped(letter().as_bytes()).returncode == 75


def test_health_says_that_there_is_no_mailbox(kith_here):
    said = kith_here("mail", "health")
    assert (said.code, said.out.strip()) == (0, "There is no mailbox yet; make one under Settings, Mailboxes.")
    assert kith_here("mail", "health", "--json").out.strip() == "[]"
    assert kith_here("mail", "check", "Sales").err.strip() == "There is no mailbox called “Sales”."


def test_a_test_mail_shows_that_mail_leaves(kith_here, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "KITH_EMAIL_URL" in kith_here("mail", "send-test", "anna@example.org").err
    with smtp_server(settings) as postbox:
        said = kith_here("mail", "send-test", "anna@example.org")
        assert said.code == 0, said.err
        assert postbox.kept[0]["To"] == "anna@example.org"
    assert kith_here("mail", "send-test", "anna@example.org").code == 69
    assert os.environ["KITH_DATA"]
