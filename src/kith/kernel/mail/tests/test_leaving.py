"""Mail leaves at one place: gates are asked there, headers are checked there, and nobody else sends."""

import ast
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

import kith
from kith.kernel.accounts import mail as accounts_mail
from kith.kernel.errors import Invalid
from kith.kernel.mail.actions import lift, suppress
from kith.kernel.mail.addresses import loop_mark, mail_domain, new_message_id, token_of
from kith.kernel.mail.answering import refusal
from kith.kernel.mail.leaving import INTERNAL, Receiver, leave, withheld
from kith.kernel.mail.models import Mailbox, Reason, Suppressed
from kith.kernel.mail.reading import read
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
SOURCE = Path(kith.__file__).parent
SENDERS = {"send_mail", "send_mass_mail", "mail_admins", "mail_managers", "send_messages"}


def note(**values):
    return EmailMessage(**{"subject": "Pumps", "body": "Hello", "from_email": "hello@tidewell.example",
                           "to": ["marta@bellevue.example"], **values})  # fmt: skip


def calls_that_send(path):
    """Lines at which a module sends mail by itself."""
    tree = ast.parse(path.read_text())
    imported = {
        a.name
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and n.module == "django.core.mail"
        for a in n.names
    }
    for node in ast.walk(tree):
        name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        if name in SENDERS or (name == "send" and imported and isinstance(node.func, ast.Attribute)):
            yield node.lineno


def test_nobody_else_sends():
    modules = [p for p in SOURCE.rglob("*.py") if "tests" not in p.parts and p.name != "leaving.py"]
    found = [f"{p.relative_to(SOURCE)}:{line}" for p in modules for line in calls_that_send(p)]
    allowed = {"activities/jobs.py"}  # calls `mail.send`, which hands over to `leave`
    wrong = [one for one in found if one.partition(":")[0] not in allowed]
    assert not wrong, f"Send through kith.kernel.mail.leaving.leave, which asks who may be written to: {wrong}"


def test_the_rule_above_finds_senders(tmp_path):
    (tmp_path / "a.py").write_text("from django.core.mail import EmailMessage\nEmailMessage('a').send()\n")
    (tmp_path / "b.py").write_text("from django.core import mail\nmail.send_mail('a', 'b', 'c', ['d'])\n")
    assert [list(calls_that_send(tmp_path / name)) for name in ("a.py", "b.py")] == [[2], [2]]


@pytest.mark.parametrize(
    "values",
    [{"subject": "Pumps\nBcc: everybody@else.example"}, {"to": ["marta@bellevue.example\r\nBcc: x@else.example"]},
     {"from_email": "a@b.example\nX: y"}, {"cc": ["a@b.example\n"]}, {"reply_to": ["a@b.example\r"]},
     {"headers": {"X-Note": "a\nBcc: x@else.example"}}, {"headers": {"X\nBcc": "x@else.example"}}, {"subject": "a\0b"}],
)  # fmt: skip
def test_a_line_break_in_a_header_is_refused_with_a_sentence(postbox, values):
    with pytest.raises(Invalid, match="holds a line break"):
        leave(note(**values))
    assert postbox.kept == []


def test_what_leaves_carries_an_id_of_our_domain_and_the_mark_of_the_loop(postbox):
    leave(note(), automatic=True)
    sent = postbox.kept[0]
    assert sent["Message-ID"].endswith("@tidewell.example>") and token_of(sent["Message-ID"])
    assert (sent["X-Loop"], sent["Auto-Submitted"]) == (loop_mark(), "auto-generated")
    assert read(sent.as_bytes()).loops == (loop_mark(),)


def test_without_an_address_to_send_from_the_id_is_of_a_mailboxs_domain(settings):
    settings.DEFAULT_FROM_EMAIL = "webmaster@localhost"
    assert mail_domain() == "kith.invalid"
    Mailbox.objects.create(name="Hello", address="hello@pumps.example", host="imap.example")
    assert new_message_id().endswith("@pumps.example>")


def test_a_suppressed_receiver_is_left_out_and_the_others_get_it(postbox):
    suppress("Marta@Bellevue.example", Reason.BY_HAND, "She asked", by=actor("astrid"))
    left_out = leave(note(to=["Marta <MARTA@bellevue.example>", "jan@other.example"]))
    assert list(left_out) == ["marta@bellevue.example"] and postbox.kept[0]["To"] == "jan@other.example"
    with pytest.raises(Invalid, match="a colleague said so"):
        leave(note())


@pytest.mark.parametrize(
    ("reason", "personal", "news"),
    [(Reason.BOUNCED, True, True), (Reason.COMPLAINED, True, True), (Reason.BY_HAND, True, True), (Reason.UNSUBSCRIBED, False, True)],
)  # fmt: skip
def test_which_reason_stops_which_mail(postbox, reason, personal, news):
    suppress("marta@bellevue.example", reason, "", by=actor("astrid"))
    asked = [Receiver("marta@bellevue.example")]
    assert (bool(withheld(asked)), bool(withheld(asked, "newsletter"))) == (personal, news)
    leave(note(), purpose=INTERNAL)
    assert len(postbox.kept) == 1


def test_a_colleague_who_is_suppressed_still_gets_the_link_for_a_new_password(postbox):
    ines = user("ines")
    suppress(ines.email, Reason.BOUNCED, "", by=actor("astrid"))
    accounts_mail.send(accounts_mail.invitation(ines, "https://crm.example/x", by=user("astrid")))
    assert postbox.kept[0]["To"] == ines.email


def test_lifting_says_why_and_the_address_is_written_to_again(postbox):
    astrid = actor("astrid")
    row = suppress("marta@bellevue.example", Reason.BOUNCED, "", by=astrid)
    assert suppress("marta@bellevue.example", Reason.BOUNCED, "", by=astrid) is None
    lift(row, why="A new server", by=astrid)
    leave(note())
    assert len(postbox.kept) == 1 and Suppressed.objects.get().lifted_because == "A new server"
    assert suppress("marta@bellevue.example", Reason.BOUNCED, "again", by=astrid) is not None


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "list"}, {"X_Loop": "somebody"}, {"From": "no-reply@shop.example"},
     {"Return_Path": "<>"}, {"From": "sales@tidewell.example"}],
)  # fmt: skip
def test_a_machine_is_never_answered_by_a_machine(headers):
    Mailbox.objects.create(name="Sales", address="sales@tidewell.example", host="imap.example")
    assert refusal(read(letter(**headers).as_bytes()))
    assert refusal(read(letter().as_bytes())) == ""
