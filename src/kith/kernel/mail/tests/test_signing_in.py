"""Signing in as providers ask for it: TLS from the first byte, STARTTLS, certificates, OAuth; against real servers."""

import datetime as dt
import ipaddress
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.mail import asking, fetching
from kith.kernel.mail.actions import give_password, give_token
from kith.kernel.mail.connecting import Trouble
from kith.kernel.mail.models import Arrived, Credential
from kith.kernel.mail.secrets import unseal
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor
from tests.mailcast import free_port, imap_server, letter

pytestmark = pytest.mark.django_db
NOW = dt.datetime.now(dt.UTC)


def certificate(folder, name, signer=None, authority=False):
    """(certificate, key) of 127.0.0.1, written into the folder; signed by itself, or by such a pair."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer, signing = (signer[0].subject, signer[1]) if signer else (subject, key)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=400)).not_valid_after(NOW + dt.timedelta(days=400))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(signing, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return made, key


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A folder with an authority, a server's certificate that it signed, and one that signed itself."""
    folder = tmp_path_factory.mktemp("papers")
    authority = certificate(folder, "authority", authority=True)
    certificate(folder, "server", authority)
    certificate(folder, "alone")
    return folder


def of(papers, name):
    return {"IMAPD_CERT": str(papers / f"{name}.pem"), "IMAPD_KEY": str(papers / f"{name}.key")}


def mailbox(port, **values):
    given = {"name": "Hello", "address": "hello@tidewell.example", "host": "127.0.0.1", "port": port, "login": "hello",
             "since": timezone.localdate() - dt.timedelta(5)}  # fmt: skip
    row = actions.create(registry["mailbox"], {**given, **values}, by=actor("astrid"))
    give_password(row, password="a very long app password", by=actor("astrid"))
    return row


def check(box):
    return asking.check(box, by=actor("astrid")).offered


# --- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("security", "given"), [("tls", "authority"), ("starttls", "authority"), ("tls", "server")])
def test_a_server_whose_authority_or_certificate_is_given_is_read_over_tls(papers, security, given):
    kind = "implicit" if security == "tls" else "starttls"
    with imap_server(IMAPD_TLS=kind, **of(papers, "server")) as server:
        box = mailbox(server.port, security=security, authority=(papers / f"{given}.pem").read_text())
        assert "INBOX" in check(box)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_signed_itself_is_refused_in_words_that_help_unless_it_is_given(papers, security):
    kind = "implicit" if security == "tls" else "starttls"
    with imap_server(IMAPD_TLS=kind, **of(papers, "alone")) as server:
        box = mailbox(server.port, security=security)
        with pytest.raises(Trouble, match="cannot be trusted: self-signed certificate.*Trusted certificate") as refused:
            check(box)
        assert "_ssl.c" not in refused.value.message
        box.refresh_from_db()
        box = actions.edit(
            registry["mailbox"], box, {"authority": (papers / "alone.pem").read_text()}, by=actor("astrid")
        )
        assert "INBOX" in check(box)


def test_the_certificate_of_another_authority_is_refused(papers):
    with imap_server(IMAPD_TLS="implicit", **of(papers, "server")) as server:
        box = mailbox(server.port, authority=(papers / "alone.pem").read_text())
        with pytest.raises(Trouble, match="cannot be trusted"):
            check(box)


def test_a_certificate_for_another_name_is_refused(papers):
    with imap_server(IMAPD_TLS="implicit", **of(papers, "alone")) as server:
        box = mailbox(server.port, host="localhost", authority=(papers / "alone.pem").read_text())
        with pytest.raises(Trouble, match="cannot be trusted.*localhost"):
            check(box)


def test_no_password_leaves_where_the_server_offers_no_starttls(papers):
    with imap_server() as server, pytest.raises(Trouble, match="offers no STARTTLS at port"):
        check(mailbox(server.port, security="starttls"))


def test_tls_at_a_port_that_does_not_speak_it_says_what_to_try():
    with imap_server() as server, pytest.raises(Trouble, match="does not speak TLS at port .*; try STARTTLS"):
        check(mailbox(server.port))


@pytest.mark.parametrize(
    "text",
    ["not a certificate", "ein Zertifikat für uns", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"],
)
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises((Invalid, InvalidMany), match="no certificate"):
        mailbox(993, authority=text)


# --- OAuth -------------------------------------------------------------------------------------------------------------


class Provider:
    """A token endpoint: gives a token for the refresh token that counts, and writes it where the mail server looks."""

    def __init__(self, file):
        self.file, self.asked, self.counts, self.seconds = file, [], "refresh-0", 3600
        self.file.write_text("")
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                status, answer = provider.answer({key: value[0] for key, value in form.items()})
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"

    def answer(self, form):
        self.asked.append(form)
        if form["refresh_token"] != self.counts:
            return 400, {"error": "invalid_grant", "error_description": "Token has been revoked."}
        n = len(self.asked)
        self.counts, token = f"refresh-{n}", f"access-{n}"
        self.file.write_text(token)
        return 200, {"access_token": token, "expires_in": self.seconds, "refresh_token": self.counts}


@pytest.fixture
def provider(tmp_path, settings):
    settings.AUTOMATION_REACHES = ("127.0.0.0/8",)
    made = Provider(tmp_path / "tokens")
    yield made
    made.server.shutdown()
    made.server.server_close()


def with_token(port, provider, **values):
    box = mailbox(port, security="none", **values)
    return give_token(box, token_address=provider.url, client_id="kith", client_secret="quiet", refresh_token="refresh-0",
                      by=actor("astrid"))  # fmt: skip


def test_a_mailbox_is_read_with_a_token_that_is_fetched_once_and_kept(provider):
    with imap_server(IMAPD_TOKENS=str(provider.file)) as server:
        server.put(letter("Tuesday suits us.").as_bytes())
        box = with_token(server.port, provider)
        assert "INBOX" in check(box)
        box.refresh_from_db()
        fetching.fetch(box.pk)
    assert Arrived.objects.count() == 1
    assert provider.asked == [
        {"grant_type": "refresh_token", "refresh_token": "refresh-0", "client_id": "kith", "client_secret": "quiet"}
    ]
    assert unseal(Credential.objects.get().sealed)["refresh"] == "refresh-1"


def test_a_token_that_ran_out_is_renewed(provider):
    with imap_server(IMAPD_TOKENS=str(provider.file)) as server:
        box = with_token(server.port, provider)
        check(box)
        Credential.objects.update(token_until=timezone.now())
        assert "INBOX" in check(box)
    assert [form["refresh_token"] for form in provider.asked] == ["refresh-0", "refresh-1"]


def test_a_token_that_the_server_takes_no_more_before_its_time_is_renewed_once(provider):
    with imap_server(IMAPD_TOKENS=str(provider.file)) as server:
        box = with_token(server.port, provider)
        check(box)
        provider.file.write_text("")  # everybody was signed out
        assert "INBOX" in check(box)
    assert len(provider.asked) == 2


def test_a_server_that_takes_no_token_says_so_and_asks_no_more_than_it_has_to(provider):
    with imap_server(IMAPD_TOKENS=str(provider.file.with_name("none-of-these"))) as server:
        provider.file.with_name("none-of-these").write_text("")
        box = with_token(server.port, provider)
        with pytest.raises(Trouble, match="does not take the access token.*client") as refused:
            check(box)
        assert "app password" not in refused.value.message and len(provider.asked) == 1


def test_a_server_without_oauth_says_so(provider):
    with imap_server() as server, pytest.raises(Trouble, match="does not take the access token"):
        check(with_token(server.port, provider))


def test_a_provider_that_gives_no_token_any_more_is_quoted(provider):
    provider.counts = "another"
    with imap_server(IMAPD_TOKENS=str(provider.file)) as server:
        box = with_token(server.port, provider)
        with pytest.raises(Invalid, match=r"gave no access token: .*Token has been revoked"):
            check(box)
        box.refresh_from_db()
        assert "Token has been revoked" in box.problem


def test_where_tokens_are_given_is_asked_over_tls_outside_ones_own_network():
    box = mailbox(free_port(), security="none")
    with pytest.raises(Invalid, match="https"):
        give_token(
            box, token_address="http://oauth.example.com/token", client_id="kith", refresh_token="r", by=actor("astrid")
        )
