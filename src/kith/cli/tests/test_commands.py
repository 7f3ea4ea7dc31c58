"""Every command explains itself, and a wrong word or variable is answered with one sentence."""

import argparse
import io
import json

import pytest

from kith import __version__
from kith.cli import commands, parser
from kith.cli.progress import Progress, duration
from kith.cli.serve import address, port_number


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_with_an_example(name, capsys):
    with pytest.raises(SystemExit) as end:
        parser(commands()).parse_args([name, "--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert f"example:\n  kith {name}" in said
    assert "--data" in said


def test_version_is_said(kith):
    assert kith("--version").out.strip() == f"kith {__version__}"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "mysql://localhost/kith", "DATABASE_URL must begin with postgresql://"),
        ("KITH_SECRET_KEY", "short", "KITH_SECRET_KEY must have at least 32 characters, it has 5."),
        ("KITH_HOSTS", "not a host", "KITH_HOSTS: “not a host” is not a host name"),
        ("KITH_EMAIL_URL", "imap://x", "KITH_EMAIL_URL must look like smtp://"),
        ("KITH_UPLOAD_LIMIT", "lots", "KITH_UPLOAD_LIMIT: “lots” is not a size"),
    ],
)
def test_wrong_variable_stops_the_start_with_one_sentence_that_names_it(kith, name, value, sentence):
    said = kith("migrate", **{name: value})
    assert said.code == 2
    assert said.err.startswith(sentence)
    assert len(said.err.strip().splitlines()) == 1


def test_database_that_does_not_answer_is_named(kith):
    said = kith("migrate", DATABASE_URL="postgresql://kith:verysecret@127.0.0.1:9/kith")
    assert said.code == 1
    assert said.err.startswith("The database of DATABASE_URL cannot be reached:")
    assert "verysecret" not in said.err


@pytest.mark.parametrize(
    "command", [("import", "person", "people.csv"), ("export", "people"), ("token", "a@b.example")]
)
def test_a_database_that_was_never_prepared_is_said_in_one_sentence(kith_here, command, data, django_db_blocker):
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.close()
    (data / "people.csv").write_text("First name\nMarta\n")
    said = kith_here(*(str(data / word) if word.endswith(".csv") else word for word in command))
    assert said.code == 1 and said.out == ""
    assert said.err == "The database is not prepared for this version of Kith: run `kith migrate`, then this again.\n"


def test_check_says_four_lines_and_fails_while_the_database_is_behind(kith):
    said = kith("check")
    lines = said.out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["configuration", "ok"],
        ["database", "bad"],
        ["queue", "bad"],
        ["disk", "ok"],
    ]
    assert "run `kith migrate`" in lines[1]
    assert said.code == 1


def test_check_is_content_with_a_migrated_database(kith_here, own_database):
    said = kith_here("check", "--json")
    assert said.code == 0
    lines = {line["what"]: line for line in json.loads(said.out)}
    assert lines["database"]["state"] == "ok"
    assert lines["queue"]["state"] == "look"
    assert "0 waiting, 0 running, 0 failed, 0 workers" in lines["queue"]["text"]


def test_check_of_a_wrong_configuration_says_only_that(kith):
    said = kith("check", KITH_HOSTS="not a host")
    assert said.code == 2
    assert said.out.startswith("configuration  bad   KITH_HOSTS")


def test_worker_stops_when_nothing_waits(kith, own_database):
    assert kith("worker", "--until-empty", DATABASE_URL=own_database).code == 0


def test_migrate_says_when_there_is_nothing_to_do(kith_here, own_database):
    said = kith_here("migrate")
    assert (said.code, said.out.strip()) == (0, "The database is up to date.")
    assert kith_here("migrate", "--check").code == 0


def test_migrate_writes_a_backup_and_then_says_what_it_does(kith_here, own_database, data):
    import psycopg

    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("DROP TABLE jobs_effect, jobs_failure, jobs_progress, jobs_schedule")
        connection.execute("DELETE FROM django_migrations WHERE app = 'jobs'")
    assert kith_here("migrate", "--check").code == 1
    said = kith_here("migrate")
    assert said.code == 0, said.err
    assert said.out.startswith("The database as it was: ")
    assert "Applying jobs.0001_initial" in said.out
    assert len(list((data / "backups").glob("before-migrate-*.dump"))) == 1
    assert kith_here("check").code == 0


def test_ports_and_addresses():
    assert port_number("8080") == 8080
    for wrong in ("0", "65536", "http", "-1"):
        with pytest.raises(argparse.ArgumentTypeError):
            port_number(wrong)
    assert address("0.0.0.0", 80) == "http://127.0.0.1:80/"
    assert address("::", 80) == "http://[::1]:80/"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_draws_a_bar_on_a_terminal_and_lines_elsewhere():
    screen, log = Terminal(), io.StringIO()
    for out in (screen, log):
        bar = Progress("Importing", 400, "rows", out)
        bar.advance(100)
        bar.set(200, note="person Zoë")
        bar.close()
    assert screen.getvalue().startswith("\rImporting  [")
    assert log.getvalue().strip() == "Importing   50%  200 of 400 rows  person Zoë"


def test_progress_without_a_total_counts():
    log = io.StringIO()
    bar = Progress("Reading", out=log)
    bar.advance(1234)
    bar.close()
    assert log.getvalue().strip() == "Reading  1,234"


def test_durations_read_like_a_clock():
    assert [duration(seconds) for seconds in (7, 67, 3723)] == ["0:07", "1:07", "1:02:03"]


def test_a_kept_mapping_is_listed_and_used_by_its_name(kith_here, data, django_db_blocker):
    from kith.kernel.intake.models import SavedMapping

    (data / "fair.csv").write_text("Who,Where\nMarta,Leipzig\n")
    listed = json.loads(kith_here("import", "person", "--mappings", "--json").out)
    assert [m["name"] for m in listed] == ["salesforce/contacts", "xeducation/leads"]
    refused = kith_here("import", "person", data / "fair.csv", "--map", "Fair list")
    assert refused.code == 1 and "There is no mapping Fair list; there are: maven/accounts" in refused.err
    document = {"kith_mapping": 1, "type": "person", "columns": {"Who": "given_name", "Where": "source"}}
    with django_db_blocker.unblock():
        SavedMapping.objects.create(target="person", name="Fair list", document=document)
    done = kith_here("import", "person", data / "fair.csv", "--map", "Fair list", "--json")
    assert done.code == 0 and json.loads(done.out)["created"] == 1, done.err
    said = kith_here("import", "--mappings").out
    assert "Fair list (person): kept by Kith, last used 2" in said
    assert "maven/accounts (company): comes with Kith" in said


def test_a_log_is_mined_without_a_database(kith, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("case,activity,time\nA,ask,2026-03-12T09:00Z\nA,pay,2026-03-12T11:00Z\n")
    said = kith("process", "mine", log, "--json", DATABASE_URL="postgresql://kith@127.0.0.1:9/kith")
    assert said.code == 0, said.err
    (pair,) = json.loads(said.out)["directly_follows"]
    assert (pair["from"], pair["to"], pair["median_seconds"]) == ("ask", "pay", 7200)
    assert "ask" in kith("process", "mine", log).out
    refused = kith("process", "mine", log, "--case", "who")
    assert refused.code == 1
    assert refused.err.splitlines()[-1].startswith("“log.csv” has no column “who”")
