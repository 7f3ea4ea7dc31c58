"""`kith sandbox`: a second Kith with this configuration, that nothing leaves."""

import pytest

from kith.cli import commands, parser, sandbox
from kith.config import load
from kith.configuration.exporting import files_of
from kith.configuration.files import read_folder
from kith.configuration.sandbox import pack
from kith.kernel import outgoing
from kith.kernel.access.actor import system
from kith.kernel.accounts.actions import generate_password
from kith.kernel.customfields.actions import define
from kith.kernel.errors import Invalid
from kith.kernel.mail.connecting import Trouble, connected
from kith.kernel.organisation.actions import describe
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.publishing import bring
from kith.process.starters import starter
from kith.web.shell import _brand
from tests.cast import actor, user

OUTSIDE = {
    "DATABASE_URL": "postgresql://crm.example.org/kith", "KITH_EMAIL_URL": "smtp://mail.example.org",
    "KITH_SECRET_KEY": "k" * 50,
}  # fmt: skip


@pytest.fixture
def house():
    """A field, two processes of which the second is where customers begin, a team."""
    astrid = actor("astrid")
    user("ines")
    describe(name="Bellevue", currency="EUR", country="PL", time_zone="Europe/Warsaw", by=astrid)
    define(record="deal", label="Renewal month", kind="text", by=astrid)
    perform(ACTIONS["process.publish"], bring(starter("start-small"), by=astrid), {}, by=astrid)
    perform(ACTIONS["process.publish"], bring(starter("cycle"), by=astrid), {"default": "1"}, by=astrid)
    return astrid


@pytest.mark.django_db
def test_a_sandbox_has_the_configuration_teams_and_colleagues_of_this_kith(house, data, kith, tmp_path, capfd):
    assert sandbox.run(parser(commands()).parse_args(["sandbox", str(data), "--empty"])) == 0
    said = capfd.readouterr().out
    assert "Sign in as astrid@tidewell.example with the password " in said and f"kith serve --data {data}" in said
    assert kith("config", "export", str(tmp_path / "there")).code == 0
    assert read_folder(tmp_path / "there") == files_of(by=house)
    people = kith("user", "list").out
    assert "ines@tidewell.example  Ines Okafor  member  South" in people
    listed = kith("process", "list").out.splitlines()
    assert [line.split()[0] for line in listed if line.endswith("default")] == ["cycle"]


@pytest.mark.django_db
def test_what_comes_along_holds_no_password_and_no_customer(house, tmp_path):
    generate_password(user("astrid"), by=system("cli"))
    actions.create(registry["company"], {"name": "Windfall Museums"}, by=house)
    pack(tmp_path / "trial", by=house)
    brought = "".join(path.read_text() for path in (tmp_path / "trial").rglob("*") if path.is_file())
    assert "ines@tidewell.example" in brought and "Windfall" not in brought
    assert user("astrid").password and user("astrid").password not in brought
    assert (tmp_path / "trial").stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_a_folder_with_something_in_it_is_left_alone(house, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(Invalid, match="has something in it"):
        pack(tmp_path, by=house)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_sandbox_has_its_own_database_and_no_way_out_whatever_the_variables_say(tmp_path):
    plain = load({**OUTSIDE, "KITH_DATA": str(tmp_path)})
    assert (plain.sandbox, plain.embedded) == (False, False) and "smtp" in plain.email_backend
    (tmp_path / "sandbox").write_text("")
    found = load({**OUTSIDE, "KITH_DATA": str(tmp_path)})
    assert (found.sandbox, found.embedded) == (True, True)
    assert "dummy" in found.email_backend and found.secret_key != OUTSIDE["KITH_SECRET_KEY"]


@pytest.mark.django_db
def test_no_call_leaves_a_sandbox_no_mailbox_is_read_and_every_page_says_what_it_is(settings, rf):
    settings.SANDBOX = True
    with pytest.raises(Invalid, match="This is a sandbox: nothing leaves it, so example.com was not called"):
        outgoing.post("https://example.com/hook", b"", {})
    with pytest.raises(Trouble, match="This is a sandbox"), connected(None):
        pass
    assert _brand(rf.get("/")).endswith("(sandbox)")
