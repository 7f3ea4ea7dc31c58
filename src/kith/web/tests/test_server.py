"""Requests through the real server: bodies, uploads, streams, limits, and its end under load."""

import hashlib
import json
import os
import threading
import time

import pytest

pytestmark = pytest.mark.xdist_group("server")  # they time themselves, so one after the other


def test_body_query_path_and_headers_arrive_as_they_were_sent(server):
    headers = [("X-One", "1"), ("Cookie", "a=1"), ("Content-Type", "text/plain"), ("X_Forwarded_For", "6.6.6.6")]
    status, body = server.post("/said/Zo%C3%AB%20K?q=%C3%A9&r=1", "grüße".encode(), headers)
    said = json.loads(body)
    assert status == 200
    assert said["name"] == "Zoë K"
    assert said["query"] == "q=%C3%A9&r=1"
    assert said["body"] == "grüße"
    assert (said["HTTP_X_ONE"], said["HTTP_COOKIE"], said["CONTENT_TYPE"]) == ("1", "a=1", "text/plain")
    assert said["REMOTE_ADDR"] == "127.0.0.1"
    assert said["HTTP_X_FORWARDED_FOR"] is None, "an underscore must not pass for a hyphen"


def test_repeated_headers_are_joined_and_cookies_by_semicolon(server):
    with server.socket() as raw:
        raw.sendall(
            b"GET /said/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-One: 1\r\nX-One: 2\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n"
        )
        said = json.loads(read_all(raw).split(b"\r\n\r\n", 1)[1])
    assert (said["HTTP_X_ONE"], said["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")


def test_body_without_a_length_is_read_to_its_end(server):
    connection = server.connection()
    connection.request(
        "POST", "/said/", iter([b"one ", b"two ", b"three"]), {"Content-Type": "text/plain"}, encode_chunked=True
    )
    assert json.loads(connection.getresponse().read())["body"] == "one two three"
    connection.close()


def test_head_has_no_body(server):
    assert server.request("HEAD", "/numbers/?n=1000") == (200, b"")
    assert server.request("HEAD", "/said/") == (200, b"")


def test_upload_of_many_megabytes_arrives_whole(server):
    content = os.urandom(40 * 2**20)
    status, digest = server.post("/upload/", *multipart(content))
    assert (status, digest.decode()) == (200, hashlib.sha256(content).hexdigest())


def test_rows_stream_from_the_database_while_other_requests_are_served(server):
    status, body = server.get("/numbers/?n=200000")
    assert status == 200
    assert body.count(b"\n") == 200_000
    assert body.splitlines()[-1] == b"199999"


def test_file_arrives_whole(server):
    status, body = server.get("/picture/")
    assert status == 200
    assert hashlib.sha256(body).digest() == hashlib.sha256(bytes(range(256)) * 4096).digest()


def test_broken_off_streams_are_noticed_and_leave_the_server_healthy(server):
    before = int(server.get("/closed/")[1])
    for _ in range(12):
        raw = server.socket()
        raw.sendall(b"GET /numbers/?n=10000000&pause=0.05 HTTP/1.1\r\nHost: x\r\n\r\n")
        raw.recv(2000)
        raw.close()
    until = time.monotonic() + 15
    while int(server.get("/closed/")[1]) < before + 12 and time.monotonic() < until:
        time.sleep(0.1)
    assert int(server.get("/closed/")[1]) == before + 12
    assert server.get("/numbers/?n=1000")[0] == 200


def test_client_that_leaves_in_the_middle_of_its_upload_is_forgotten(server):
    for _ in range(8):
        raw = server.socket()
        raw.sendall(b"POST /said/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nonly this")
        raw.close()
    assert server.get("/said/")[0] == 200


def test_body_over_the_limit_is_refused_with_the_limit_named(start_server):
    server = start_server(KITH_UPLOAD_LIMIT="1M")
    body, headers = multipart(b"x" * (3 * 2**20))
    status, text = server.post("/upload/", body, headers)
    assert status == 413
    assert text.decode().startswith("This upload is too large: the limit is 1 MB.")
    status, text = server.post("/api/said/", b"x" * (2 * 2**20))
    assert status == 413
    assert json.loads(text)["status"] == 413
    connection = server.connection()
    connection.request("POST", "/said/", iter([b"x" * 2**19] * 6), {"Content-Type": "text/plain"}, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()
    assert server.post("/upload/", *multipart(b"small"))[0] == 200


def test_what_strangers_send_to_a_form_is_not_read_beyond_ten_megabytes(server):
    with server.socket() as raw:
        raw.sendall(b"POST /f/checklist HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n")
        answer = read_all(raw)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"the limit is 10 MB" in answer


def test_what_is_too_large_is_told_to_strangers_as_their_browser_reads(server):
    for language, words in (
        (b"de-AT,de;q=0.9", "höchstens 10 MB"),
        (b"sv", "gränsen är 10 MB"),
        (b"\xff;;q=x", "the limit is 10 MB"),
    ):
        with server.socket() as raw:
            raw.sendall(
                b"POST /f/checklist HTTP/1.1\r\nHost: x\r\nAccept-Language: "
                + language
                + b"\r\nContent-Length: 20000000\r\n\r\n"
            )
            assert words in read_all(raw).decode()


def test_a_page_elsewhere_may_read_why_its_form_was_too_large(server):
    with server.socket() as raw:
        raw.sendall(
            b"POST /f/checklist HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nOrigin: https://tidewell.example\r\n"
            b"Content-Length: 20000000\r\n\r\n"
        )
        head, _break, body = read_all(raw).partition(b"\r\n\r\n")
    assert b"access-control-allow-origin: *" in head.lower() and b"application/json" in head
    assert "the limit is 10 MB" in json.loads(body)["problem"]
    with server.socket() as raw:
        raw.sendall(b"POST /upload/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483649\r\n\r\n")
        assert b"access-control" not in read_all(raw).lower()


def test_two_gigabytes_are_refused_before_they_are_sent(server):
    with server.socket() as raw:
        raw.sendall(b"POST /upload/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483649\r\n\r\n")
        answer = read_all(raw)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"the limit is 512 MB" in answer


def test_sigterm_under_load_ends_the_server_soon_and_finishes_what_it_began(start_server):
    server = start_server()
    answers, stop = [], threading.Event()

    def client():
        while not stop.is_set():
            try:
                answers.append(server.get("/slow/?s=0.02"))
            except OSError:
                return

    slow = []
    last = threading.Thread(target=lambda: slow.append(server.get("/slow/?s=1")))
    clients = [threading.Thread(target=client) for _ in range(32)]
    for thread in (*clients, last):
        thread.start()
    time.sleep(0.7)
    took = server.stop(within=15)
    stop.set()
    for thread in (*clients, last):
        thread.join(15)
    assert took < 8
    assert len(answers) > 20
    assert {status for status, _ in answers} == {200}
    assert server.process.returncode == 0


def multipart(content):
    line = b"--a-line-that-is-in-no-file"
    head = line + b'\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return head + content + b"\r\n" + line + b"--\r\n", {
        "Content-Type": f"multipart/form-data; boundary={line[2:].decode()}"
    }


def read_all(raw):
    parts = []
    while part := raw.recv(65536):
        parts.append(part)
    return b"".join(parts)
