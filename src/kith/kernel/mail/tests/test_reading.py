"""Reading mail: what is new in it, who wrote, what came along; and that nothing that comes can break it."""

import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kith.kernel.mail.parsed import Parsed
from kith.kernel.mail.reading import read

REAL = Path(__file__).parents[5].parent / "shared" / "data" / "mime_python"
SAMPLES = sorted(REAL.glob("msg_*.txt"))


def mail(text="Good morning", **headers):
    made = EmailMessage()
    given_ = {"From": "Marta Kowalska <Marta@Bellevue.example>", "To": "hello@tidewell.example", "Subject": "Pumps"}
    for name, value in {**given_, **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
        made[name] = value
    made.set_content(text)
    return made


@pytest.mark.skipif(not SAMPLES, reason="the shared messages are not on this machine")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_every_real_message_is_read(path):
    found = read(path.read_bytes())
    assert isinstance(found, Parsed)
    assert found.sender.address or found.problem
    assert found.problem in ("", "It does not say who sent it.")


@pytest.mark.skipif(not SAMPLES, reason="the shared messages are not on this machine")
def test_real_messages_are_read_as_they_are_meant():
    nested = read((REAL / "msg_02.txt").read_bytes())
    assert (nested.sender.address, nested.subject) == ("ppp-request@zzz.org", "Ppp digest, Vol 1 #2 - 5 msgs")
    assert len(nested.attachments) == 5 and {a.content_type for a in nested.attachments} == {"message/rfc822"}
    delivery = read((REAL / "msg_16.txt").read_bytes())
    assert delivery.report.kind == "bounce"
    assert delivery.report.failures[0].recipient == "jangel1@cougar.noc.ucla.edu"
    assert (delivery.report.failures[0].action, delivery.report.failures[0].hard) == ("failed", True)


def test_who_wrote_what_to_whom():
    raw = mail(Message_ID="<a1@bellevue.example>", In_Reply_To="<k@tidewell.example>", References="<j@x.example> <k@tidewell.example>",
               Cc="Ines <ines@tidewell.example>, broken@@x", Date="Mon, 2 Mar 2026 09:15:00 +0100")  # fmt: skip
    found = read(raw.as_bytes())
    assert (found.sender.address, found.sender.name) == ("marta@bellevue.example", "Marta Kowalska")
    assert [a.address for a in found.receivers] == ["hello@tidewell.example", "ines@tidewell.example"]
    assert found.date.isoformat() == "2026-03-02T08:15:00+00:00"
    assert found.answers == ("<k@tidewell.example>", "<j@x.example>")
    assert (found.text.strip(), found.subject, found.problem) == ("Good morning", "Pumps", "")


@pytest.mark.parametrize(
    "intro",
    [
        "On Mon, 2 Mar 2026 at 09:15, Ines Okafor <ines@tidewell.example> wrote:", "Am 02.03.2026 um 09:15 schrieb Ines Okafor:",
        "Le 2 mars 2026 à 09:15, Ines Okafor a écrit :", "El 2/3/2026 a las 9:15, Ines Okafor escribió:",
        "Dnia 2 marca 2026 09:15 Ines Okafor napisał(a):", "Il giorno 2 mar 2026 alle 09:15 Ines Okafor ha scritto:",
        "Op 2 mrt. 2026 om 09:15 schreef Ines Okafor:", "Den 2 mars 2026 09:15 skrev Ines Okafor:", "2026年3月2日 9:15 Ines:",
    ],
)  # fmt: skip
def test_an_answer_is_parted_from_what_it_answers_in_many_languages(intro):
    found = read(mail(f"Tuesday suits us.\n\nMarta\n\n{intro}\n> Would Tuesday do?\n> Ines\n> Tidewell").as_bytes())
    assert found.fresh == "Tuesday suits us.\n\nMarta"
    assert "Would Tuesday do?" in found.quoted


def test_outlooks_block_of_headers_begins_what_is_quoted():
    text = "Yes please.\n\n________________________________\nFrom: Ines Okafor\nSent: Monday\nTo: Marta\nSubject: Pumps\n\nShall we?"
    assert read(mail(text).as_bytes()).fresh == "Yes please."
    german = (
        "Ja bitte.\n\nVon: Ines Okafor\nGesendet: Montag, 2. März 2026 09:15\nAn: Marta\nBetreff: Pumpen\n\nSollen wir?"
    )
    assert read(mail(german).as_bytes()).fresh == "Ja bitte."


def test_the_signature_is_apart():
    found = read(mail("See you.\n-- \nMarta Kowalska\nHotel Bellevue").as_bytes())
    assert (found.fresh, found.signature) == ("See you.", "Marta Kowalska\nHotel Bellevue")
    assert read(mail("See you.\n\nSent from my iPhone").as_bytes()).fresh == "See you."


def test_an_answer_below_the_quotation_is_found_and_a_mail_of_nothing_else_is_whole():
    below = "On Mon, 2 Mar 2026, Ines wrote:\n> Would Tuesday do?\n> Or Friday?\n> Ines\n\nFriday is better."
    assert read(mail(below).as_bytes()).fresh == "Friday is better."
    assert read(mail("> only\n> this\n> here").as_bytes()).fresh == "> only\n> this\n> here"


def test_html_is_made_safe_and_read_as_words():
    raw = mail()
    raw.set_content(
        '<style>p{x}</style><p onclick="x()">Tuesday <b>suits</b> us</p><script>alert(1)</script><img src="http://spy.example/1.gif">'
        '<a href="javascript:x()">no</a> <a href="https://ok.example">yes</a><ul><li>one<li>two</ul>'
        "<blockquote>Would Tuesday do?</blockquote>", subtype="html",
    )  # fmt: skip
    found = read(raw.as_bytes())
    assert not any(bad in found.html for bad in ("script", "onclick", "img", "style", "javascript"))
    assert 'href="https://ok.example"' in found.html
    assert found.text.startswith("Tuesday suits us") and "- one\n- two" in found.text
    assert "> Would Tuesday do?" in found.text


def test_files_come_along_and_pictures_of_a_signature_are_told_apart():
    raw = mail()
    raw.add_attachment(b"%PDF-1.4 offer", maintype="application", subtype="pdf", filename="../../Offer.pdf")
    raw.add_attachment(
        b"\x89PNG", maintype="image", subtype="png", filename="logo.png", disposition="inline", cid="<logo>"
    )
    found = read(raw.as_bytes())
    assert [(a.name, a.content, a.inline) for a in found.attachments] == [
        ("Offer.pdf", b"%PDF-1.4 offer", False), ("logo.png", b"\x89PNG", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto-Submitted": "auto-replied (vacation)"}, "auto-replied"), ({"Auto-Submitted": "auto-generated"}, "auto-generated"),
        ({"Auto-Submitted": "no"}, ""), ({"Precedence": "bulk"}, "bulk"), ({"Precedence": "auto_reply"}, "auto-replied"),
        ({"X-Autoreply": "yes"}, "auto-replied"), ({"X-Auto-Response-Suppress": "All"}, "auto-generated"),
        ({"List-Id": "<news.example>"}, "bulk"), ({"Return-Path": "<>"}, "auto-generated"), ({}, ""),
    ],
)  # fmt: skip
def test_what_a_machine_wrote_is_known_by_its_headers(headers, kind):
    raw = mail()
    for name, value in headers.items():
        raw[name] = value
    assert read(raw.as_bytes()).automatic == kind


def test_an_absence_notice_is_known_by_its_subject_where_nothing_else_says_so():
    raw = mail()
    raw.replace_header("Subject", "Automatische Antwort: Pumpen")
    assert read(raw.as_bytes()).automatic == "auto-replied"


BOUNCE = b"""From: MAILER-DAEMON@mx.bellevue.example
To: hello@tidewell.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bellevue.example

Final-Recipient: rfc822; Marta@bellevue.example
Action: failed
Status: %s
Diagnostic-Code: smtp; 550 No such user here

--b
Content-Type: text/rfc822-headers

Message-ID: <kith.1@tidewell.example>
To: marta@bellevue.example
--b--
"""


def test_a_bounce_says_whom_it_did_not_reach_and_why():
    found = read(BOUNCE % b"5.1.1").report
    assert (found.kind, found.original) == ("bounce", "<kith.1@tidewell.example>")
    failure = found.failures[0]
    assert (failure.recipient, failure.status, failure.why, failure.hard) == (
        "marta@bellevue.example", "5.1.1", "550 No such user here", True,
    )  # fmt: skip


@pytest.mark.parametrize("status", [b"4.2.2", b"5.2.2", b"5.7.1", b"5.3.4"])
def test_a_full_mailbox_or_a_filter_says_nothing_about_the_address(status):
    assert not read(BOUNCE % status).report.failures[0].hard


def test_a_complaint_says_about_which_mail():
    raw = (BOUNCE % b"5.1.1").replace(b"report-type=delivery-status", b"report-type=feedback-report").replace(
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.bellevue.example\n\n",
        b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <marta@bellevue.example>\n",
    )  # fmt: skip
    found = read(raw).report
    assert (found.kind, found.original, found.failures[0].recipient) == (
        "complaint", "<kith.1@tidewell.example>", "marta@bellevue.example",
    )  # fmt: skip


def test_letters_survive_every_encoding_and_none():
    raw = b"From: =?utf-8?B?xYF1a2Fzeg==?= <l@x.example>\nSubject: Gr\xfc\xdfe\nContent-Type: text/plain; charset=nonsense\n\nGr\xfc\xdfe aus Gda\xc5\x84sk"
    found = read(raw)
    assert (found.sender.name, found.subject) == ("Łukasz", "Grüße")
    assert found.text.startswith("Gr")
    assert read(b"From: a@b.example\n\nna\xc3\xafve \x00 \x80").text.startswith("na")


def test_a_name_with_a_comma_in_an_encoded_word_is_one_address():
    raw = b"From: =?utf-8?q?Kowalska=2C_Marta?= <marta@bellevue.example>\n\nhello"
    assert (read(raw).sender.address, read(raw).sender.name) == ("marta@bellevue.example", "Kowalska, Marta")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"\x00" * 100, b"\xff\xfe" * 50, b"From:", b"not a mail at all", b"From: a@b.example\nContent-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n--a\n--a", b"Content-Type: text/plain; charset*0*=x'y%ZZ\n\nx",
        b"Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\n!!!!", b"Subject: =?bogus?X?zzz?=\n\nx",
        b"Date: Thu, 99 Foo 20260 99:99:99 +9999\nFrom: <<<>>>\nTo: ,,,;;\n\nx", b"Message-ID: <a b c>\nReferences: " + b"<x" * 5000 + b"\n\nx",
    ],
)  # fmt: skip
def test_broken_mail_comes_back_with_what_could_be_read(raw):
    found = read(raw)
    assert isinstance(found, Parsed)
    assert found.date is None


def test_parts_nested_beyond_reason_leave_the_headers():
    deep = 3000
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(deep))
    found = read(b"From: marta@bellevue.example\nSubject: Deep\n" + opened + b"Content-Type: text/plain\n\nend")
    assert (found.sender.address, found.subject) == ("marta@bellevue.example", "Deep")
    assert found.problem


@pytest.mark.parametrize(
    "text",
    ["On " * 30_000, "Am schrieb " * 10_000, "> " * 40_000, ":" * 100_000, "On a\n" * 40_000, "From: a\n" * 30_000,
     "<" * 100_000, "Am 1 schrieb a" * 9_000 + ":", "-- \n" * 40_000, " " * 200_000, "Sent from " * 20_000],
)  # fmt: skip
def test_no_text_takes_long(text):
    began = time.monotonic()
    read(b"From: a@b.example\n\n" + text.encode())
    read(b"From: a@b.example\nContent-Type: text/html\n\n" + text.encode())
    assert time.monotonic() - began < 4


BASE = (mail("Tuesday suits us.\n\nOn Mon wrote:\n> x").as_bytes(), BOUNCE % b"5.1.1")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(BASE),
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 5), st.binary(max_size=12)), max_size=8),
)
def test_mangled_bytes_are_always_read(raw, edits):
    for at, gone, put in edits:
        raw = raw[:at] + put + raw[at + gone :]
    found = read(raw)
    assert isinstance(found, Parsed)
    assert "\x00" not in found.text + found.subject + found.html
    (found.text + found.subject + found.sender.address).encode()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw):
    assert isinstance(read(raw), Parsed)
