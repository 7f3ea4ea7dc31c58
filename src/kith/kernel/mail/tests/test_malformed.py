"""Mail that is broken in every way that bytes can be: each is kept whole, comes back as far as it can be read, and never stops
the next one.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.kernel.mail.arriving import bytes_of, take_in
from kith.kernel.mail.models import Arrived, ArrivedState
from kith.kernel.mail.parsed import Parsed
from kith.kernel.mail.reading import read
from kith.kernel.mail.working import work

WHOLE = (
    b"From: =?utf-8?q?Marta_Kowalczyk?= <marta@bellevue.example>\r\nTo: hello@tidewell.example\r\nSubject: =?utf-8?b?UmlzZXJz?=\r\n"
    b'Message-ID: <one@bellevue.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="out"\r\n\r\n--out\r\n'
    b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\nContent-Type: text/plain; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nEleven =C5=81=\r\n risers.\r\n--in\r\nContent-Type: text/html\r\n\r\n"
    b"<p>Eleven <b>risers</b></p>\r\n--in--\r\n--out\r\nContent-Type: application/pdf; name*=utf-8''pl%C3%A4n.pdf\r\n"
    b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjcK\r\n--out--\r\n"
)
KINDS = {
    "cut in the middle of a part": WHOLE[: len(WHOLE) // 2],
    "a boundary that never comes": WHOLE.replace(b"--in", b"--no"),
    "a boundary in itself": WHOLE.replace(b'boundary="in"', b'boundary="out"'),
    "an unknown encoding": WHOLE.replace(b"quoted-printable", b"uu-rot13"),
    "an unknown character set": WHOLE.replace(b"charset=utf-8", b"charset=klingon"),
    "base64 with a hole": WHOLE.replace(b"JVBERi0xLjcK", b"JVBE*i0x$$cK="),
    "headers without a body": WHOLE.split(b"\r\n\r\n", maxsplit=1)[0],
    "a body without headers": b"\r\n\r\nEleven risers.\r\n",
    "bare line feeds": WHOLE.replace(b"\r\n", b"\n"),
    "bare carriage returns": WHOLE.replace(b"\r\n", b"\r"),
    "nothing where a type should be": WHOLE.replace(b"multipart/mixed", b"/"),
    "a message in a message in a message": b"Content-Type: message/rfc822\r\n\r\n" * 200 + WHOLE,
    "ten thousand headers": b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + WHOLE,
    "a header of a megabyte": b"Subject: " + b"a" * (1 << 20) + b"\r\n" + WHOLE,
    "a thousand parts": WHOLE.replace(
        b"--out--", b"--out\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 1000 + b"--out--"
    ),
    "nulls everywhere": WHOLE.replace(b"e", b"\x00"),
    "two senders and no address": WHOLE.replace(b"<marta@bellevue.example>", b"<<>,,@;"),
    "a date of no calendar": b"Date: Mon, 31 Feb 99999 25:61:61 +9999\r\n" + WHOLE,
    "a file called like a path": WHOLE.replace(b"pl%C3%A4n.pdf", b"..%2F..%2Fetc%2Fpasswd"),
    "an encoded word that never ends": b"Subject: =?utf-8?q?" + b"=41" * 50_000 + b"\r\n" + WHOLE,
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_kept_whole_and_settled_and_the_next_one_is_read(kind):
    row = take_in(KINDS[kind])
    work(row.pk)
    row = Arrived.objects.get(pk=row.pk)
    assert row.state != ArrivedState.WAITING
    assert row.state != ArrivedState.FAILED or row.problem == "It does not say who sent it."
    assert bytes_of(row) == KINDS[kind]
    after = take_in(WHOLE)
    work(after.pk)
    assert Arrived.objects.get(pk=after.pk).state != ArrivedState.WAITING


def test_a_file_never_keeps_a_path_as_its_name():
    names = [file.name for file in read(KINDS["a file called like a path"]).attachments]
    assert names and not any("/" in name or "\\" in name for name in names)


pieces = st.sampled_from([b"", b"\r\n", b"--out", b"--in--", b"\x00", b"\xff\xfe", b"=?utf-8?q?", b"Content-Type: multipart/mixed; boundary=out\r\n\r\n", b"=\r\n", b"<"])  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40), pieces), max_size=8))
def test_whatever_is_cut_out_and_put_in_comes_back_as_a_message(changes):
    raw = WHOLE
    for at, length, piece in changes:
        raw = raw[:at] + piece + raw[at + length :]
    found = read(raw)
    assert isinstance(found, Parsed)
    assert all(
        "\n" not in text and "\r" not in text for text in (found.subject, found.sender.address, found.sender.name)
    )
