"""People and tokens from the command line."""

import re

import pytest

from kith.cli import commands, parser
from kith.kernel.accounts.models import TokenScope, User
from kith.kernel.accounts.tokens import check
from kith.kernel.errors import KithError

pytestmark = pytest.mark.django_db


@pytest.fixture
def kith(capsys):
    """Run a command as the shell would; what it printed."""

    def run(*words):
        args = parser(commands()).parse_args(list(words))
        assert args.module.run(args) == 0
        return capsys.readouterr().out

    return run


def test_the_first_administrator_gets_a_link_that_works(kith, client):
    printed = kith("user", "add", "Anna.Berg@Tidewell.example", "--role", "administrator")
    anna = User.objects.get()
    assert (anna.email, anna.name, anna.role) == ("anna.berg@tidewell.example", "Anna Berg", "administrator")
    assert not anna.has_usable_password()
    path = re.search(r"http://127\.0\.0\.1:8000(/\S+)", printed)[1]
    assert client.get(path).status_code == 302


def test_a_password_is_printed_only_when_asked_for(kith):
    printed = kith("user", "add", "anna@tidewell.example", "--role", "read-only", "--name", "Anna Berg", "--password")
    password = re.search(r"shown only now: (\S+)", printed)[1]
    anna = User.objects.get()
    assert anna.check_password(password) and anna.role == "read_only"


def test_a_role_that_does_not_exist_is_refused_before_anything_happens(kith, capsys):
    with pytest.raises(SystemExit) as stopped:
        kith("user", "add", "anna@tidewell.example", "--role", "emperor")
    assert stopped.value.code == 2 and "administrator" in capsys.readouterr().err
    assert not User.objects.exists()


def test_the_same_address_twice_is_refused_in_words(kith):
    kith("user", "add", "anna@tidewell.example", "--role", "member")
    with pytest.raises(KithError, match="already belongs to a colleague"):
        kith("user", "add", "ANNA@tidewell.example", "--role", "member")


def test_everybody_is_listed_with_state(kith):
    kith("user", "add", "anna@tidewell.example", "--role", "administrator")
    kith("user", "add", "bo@tidewell.example", "--role", "member")
    kith("user", "deactivate", "bo@tidewell.example")
    lines = kith("user", "list").splitlines()
    assert lines == ["anna@tidewell.example  Anna  administrator", "bo@tidewell.example  Bo  member  (deactivated)"]


def test_a_lost_way_in_is_found_with_a_new_link(kith, client):
    kith("user", "add", "anna@tidewell.example", "--role", "administrator", "--password")
    assert client.get(re.search(r"8000(/\S+)", kith("user", "link", "anna@tidewell.example"))[1]).status_code == 302


@pytest.mark.parametrize("words", [("user", "deactivate"), ("user", "link"), ("token",)])
def test_an_unknown_address_names_itself(kith, words):
    with pytest.raises(KithError, match=r"nobody@tidewell\.example"):
        kith(*words, "nobody@tidewell.example")


def test_a_token_is_printed_alone_on_its_line_and_works(kith):
    kith("user", "add", "anna@tidewell.example", "--role", "member")
    plain = kith("token", "anna@tidewell.example", "--name", "Night export").strip()
    assert (check(plain).name, check(plain).scope) == ("Night export", TokenScope.FULL)
    assert check(kith("token", "anna@tidewell.example", "--read-only").strip()).scope == TokenScope.READ


def test_a_deactivated_person_gets_no_token(kith):
    kith("user", "add", "anna@tidewell.example", "--role", "administrator")
    kith("user", "add", "bo@tidewell.example", "--role", "member")
    kith("user", "deactivate", "bo@tidewell.example")
    with pytest.raises(KithError, match="deactivated"):
        kith("token", "bo@tidewell.example")
