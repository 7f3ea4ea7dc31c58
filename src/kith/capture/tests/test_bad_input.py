"""What the web sends to a form besides forms: floods, posts of ten megabytes, damaged ones, and mails that go in circles."""

import io

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from kith.capture.ack import MOST_A_DAY, acknowledge
from kith.capture.models import Submission
from kith.capture.processing import process_waiting
from kith.capture.public import LIMIT
from kith.capture.tests.forms import ELIN, checklist, send, stamped
from kith.contacts.models import Person
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.models import Arrived, ArrivedState
from kith.kernel.mail.working import work

pytestmark = pytest.mark.django_db
PATH, JSON = "/f/leak-risk-checklist", {"Accept": "application/json"}


@pytest.fixture
def out(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def body(size, name="why"):
    return f"{name}=" + "a" * (size - len(name) - 1)


@pytest.mark.parametrize("size", [LIMIT + 1, 11 << 20, 40 << 20])
def test_a_post_over_ten_megabytes_is_turned_away_with_a_sentence_and_leaves_nothing(size):
    checklist()
    answer = Client().generic("POST", PATH, body(size), content_type="application/x-www-form-urlencoded", headers=JSON)
    assert answer.status_code == 413 and answer.json()["problem"].startswith("This is too large: at most 10 MB")
    assert not Submission.objects.exists()


def test_a_post_of_nearly_ten_megabytes_of_words_is_refused_by_its_field_and_not_by_a_crash():
    checklist()
    answer = Client().generic(
        "POST", PATH, body(LIMIT - 1), content_type="application/x-www-form-urlencoded", headers=JSON
    )
    assert answer.status_code in (413, 422)
    assert answer.json() and not Submission.objects.exists()


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nElin"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=" + "x" * 500, b"--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"plan\"; filename=\"" + b"p" * 9000 + b"\"\r\n\r\n%PDF-1.7\r\n--x--\r\n"),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(6000))),
        ("application/x-www-form-urlencoded; charset=utf-42", b"name=Elin"),
        ("application/x-www-form-urlencoded", b"%ff%fe=%00&name=%00%01"),
        ("application/json", b"[" * 100_000),
    ],
)  # fmt: skip
def test_a_damaged_post_is_answered_with_a_sentence_and_never_with_a_crash(kind, sent):
    checklist()
    answer = Client().generic("POST", PATH, sent, content_type=kind, headers=JSON)
    assert answer.status_code in (400, 413, 422)
    assert answer.json() and not Submission.objects.exists()


def test_a_flood_of_spam_from_everywhere_is_kept_aside_and_makes_nobody(out):
    checklist()
    with time_machine.travel(timezone.now(), tick=False):  # however slow we are ourselves
        for n in range(120):
            words = " ".join(f"https://pills{k}.example" for k in range(9)) if n % 2 else "Hello"
            sent = {**ELIN, "email": f"bot{n}@rank.example", "why": words, "_t": stamped(seconds=30 if n % 2 else 0.2)}
            answer = Client(REMOTE_ADDR=f"198.51.{n}.7").post(PATH, sent)
            assert answer.status_code == 303, "a machine is not told what gave it away"
    while process_waiting():
        pass
    assert Submission.objects.filter(state="review").count() == 120
    assert not Person.objects.exists() and not out


def test_nobody_can_be_pestered_with_acknowledgements_by_filling_in_their_address(out):
    checklist()
    for n in range(MOST_A_DAY + 4):
        send(why=f"once more {n}")
    while process_waiting():
        pass
    for pk in Submission.objects.values_list("pk", flat=True):
        acknowledge(pk)
    assert len(out) == MOST_A_DAY


def test_two_machines_that_answer_each_other_stop_at_the_first_turn(out):
    """Elin is away: her server answers our acknowledgement, with and without the headers that say so."""
    checklist()
    send()
    process_waiting()
    acknowledge(Submission.objects.get().pk)
    (ours,) = out
    assert ours.message()["Auto-Submitted"] == "auto-replied"
    for n, extra in enumerate(
        (b"Auto-Submitted: auto-replied\r\n", b"X-Autoreply: yes\r\n", b"Precedence: bulk\r\n", b"")
    ):
        raw = b"From: elin@fjordheim.example\r\nTo: hello@tidewell.example\r\nSubject: Out of office: %s\r\nMessage-ID: <%d@f.example>\r\n%s\r\nI am away.\r\n"
        row = take_in(raw % (ours.subject.encode(), n, extra))
        work(row.pk)
        row.refresh_from_db()
        assert row.state in (ArrivedState.FILED, ArrivedState.IGNORED)
    while process_waiting():
        pass
    assert len(out) == 1 and Submission.objects.count() == 1


def test_our_own_acknowledgement_that_comes_back_round_makes_nobody(out):
    checklist()
    send()
    process_waiting()
    acknowledge(Submission.objects.get().pk)
    people = Person.objects.count()
    row = take_in(out[0].message().as_bytes())
    work(row.pk)
    assert Arrived.objects.get(pk=row.pk).state == ArrivedState.IGNORED
    assert Person.objects.count() == people and Submission.objects.count() == 1


def test_a_form_cannot_give_our_mail_another_receiver_or_header(out):
    checklist()
    send(name="Elin\r\nBcc: everybody@list.example", why="x\r\n.\r\nMAIL FROM:<a@b.example>")
    send(email="elin@fjordheim.example\r\nBcc: everybody@list.example", headers=JSON)
    process_waiting()
    for pk in Submission.objects.values_list("pk", flat=True):
        acknowledge(pk)
    assert all(m.recipients() == ["elin@fjordheim.example"] and "Bcc" not in m.message() for m in out)
    assert all("\n" not in str(value) for m in out for value in m.extra_headers.values())


def test_a_file_that_says_it_is_small_and_is_not_is_turned_away():
    checklist()
    big = io.BytesIO(b"%PDF-1.7\n" + b"0" * (11 << 20))
    big.name = "plan.pdf"
    assert Client().post(PATH, {**ELIN, "plan": big}, headers=JSON).status_code == 413
    assert not Submission.objects.exists()
