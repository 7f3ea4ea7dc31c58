"""A file is what its content shows, and only harmless kinds are taken."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kith.kernel.errors import Invalid
from kith.kernel.files.sniffing import ALLOWED, check, content_type


def packed(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return content.getvalue()


def workbook():
    content = io.BytesIO()
    openpyxl.Workbook().save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.png", "image/png"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "lies.csv", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a.jpg", "image/jpeg"),
        (b"%PDF-1.7\n", "a.pdf", "application/pdf"),
        (b"{\\rtf1 hello}", "a.rtf", "application/rtf"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "a.doc", "application/msword"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "a.msg", "application/vnd.ms-outlook"),
        (b"name,city\nAda,London\n", "a.csv", "text/csv"),
        (b"\xef\xbb\xbfplain words", "a.txt", "text/plain"),
        ("wide wörds".encode("utf-16"), "a.txt", "text/plain"),
        ("Žluťoučký kůň".encode("cp1250"), "a.txt", "text/plain"),
        (b"ID3 notes of Monday", "a.txt", "text/plain"),
        (b"BEGIN:VCARD\r\nVERSION:3.0", "a.vcf", "text/vcard"),
        (b"BEGIN:VCALENDAR\r\n", "a.ics", "text/calendar"),
        (b"From: ines@tidewell.example\r\n\r\nHello", "a.eml", "message/rfc822"),
        (b'{"a": 1}', "a.json", "application/json"),
        (packed(**{"notes.txt": "x"}), "a.zip", "application/zip"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a.mp4", "video/mp4"),
    ],
)
def test_harmless_kinds_are_recognised_by_content_and_taken(head, name, kind):
    assert check(head, name) == kind
    assert kind in ALLOWED


def test_a_workbook_is_more_than_an_archive():
    assert check(workbook(), "a.xlsx") == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<!DOCTYPE html><p>hi", "text/html"),
        (b"\xef\xbb\xbf \n<ScRiPt>alert(1)</script>", "text/html"),
        ("<html>".encode("utf-16"), "text/html"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">', "text/html"),
        (b"<svg onload=alert(1)>", "text/html"),
        (b'<?xml version="1.0"?><note/>', "application/xml"),
        (b"<?php echo 1;", "text/html"),
        (b"#!/bin/sh\nrm -rf /", "text/x-script"),
        (b"MZ\x90\0\x03" + b"\0" * 100, "application/x-msdownload"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 50, "application/x-executable"),
        (bytes(range(256)), "application/octet-stream"),
    ],
)
def test_what_a_browser_or_desktop_would_run_is_refused_under_any_name(head, kind):
    assert content_type(head, "offer.txt") == kind
    with pytest.raises(Invalid, match=kind.replace("/", "/").replace("+", r"\+")):
        check(head, "offer.txt")


@pytest.mark.parametrize("name", ["run.bat", "page.HTML", "drawing.svg", "shortcut.lnk", "macro.xlsm", "code.js"])
def test_endings_that_are_run_are_refused_whatever_the_content(name):
    with pytest.raises(Invalid, match="a computer may run"):
        check(b"harmless words", name)


@given(st.binary(max_size=600), st.text(max_size=20))
def test_any_content_has_a_type_or_a_sentence(head, name):
    try:
        assert check(head, name) in ALLOWED
    except Invalid as refused:
        assert refused.message.endswith(".")
