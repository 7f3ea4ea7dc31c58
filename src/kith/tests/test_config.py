"""What an installation is told from outside, and how it is told that it was told wrong."""

import subprocess
import sys

import pytest

from kith.config import ConfigError, load


@pytest.fixture
def env(tmp_path):
    return {"KITH_DATA": str(tmp_path / "data"), "DATABASE_URL": "postgresql://kith@db/kith"}


def test_nothing_given_means_this_machine_the_embedded_server_and_the_outbox(tmp_path):
    config = load({"KITH_DATA": str(tmp_path / "data")})
    assert config.hosts == ["127.0.0.1", "localhost", "[::1]"]
    assert not config.https
    assert config.embedded
    assert config.database["HOST"].endswith("s") or "kith-" in config.database["HOST"]
    assert config.database["CONN_MAX_AGE"] == 600
    assert config.database["CONN_HEALTH_CHECKS"]
    assert config.email_backend.endswith("dummy.EmailBackend")
    assert config.upload_limit == 512 * 2**20


def test_secret_is_made_once_and_readable_by_its_owner_only(env, tmp_path):
    first = load(env).secret_key
    assert len(first) >= 50
    assert load(env).secret_key == first
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir() if "secret" in path.name] == ["secret_key"]


def test_starters_that_race_for_the_secret_agree_on_one(tmp_path):
    code = f"from kith.config import load; print(load({{'KITH_DATA': {str(tmp_path)!r}}}).secret_key)"
    src = str(__import__("pathlib").Path(__file__).parents[2])
    racers = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env={"PYTHONPATH": src})
        for _ in range(4)
    ]
    assert len({racer.communicate(timeout=60)[0] for racer in racers}) == 1


def test_hosts_are_named_with_or_without_the_address_people_type(env):
    config = load({**env, "KITH_HOSTS": "crm.example.org, https://kith.example.org:8443/"})
    assert config.hosts[:2] == ["crm.example.org", "kith.example.org"]
    assert "127.0.0.1" in config.hosts
    assert config.https
    assert config.origins == ["https://kith.example.org:8443"]


@pytest.mark.parametrize("given", ["two words", "http://", "ftp://x", "a/b", "-x"])
def test_host_that_is_none_is_named(env, given):
    with pytest.raises(ConfigError, match="^KITH_HOSTS: “"):
        load({**env, "KITH_HOSTS": given})


def test_database_address_is_read_with_everything_after_the_question_mark(env):
    url = "postgresql://an%20na:p%40ss@db.example.org:6432/kith?sslmode=require&connect_timeout=5"
    database = load({**env, "DATABASE_URL": url}).database
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", "6432", "kith")
    assert (database["USER"], database["PASSWORD"]) == ("an na", "p@ss")
    assert database["OPTIONS"] == {"sslmode": "require", "connect_timeout": "5"}


def test_database_on_a_socket_can_be_named(env):
    database = load({**env, "DATABASE_URL": "postgresql://kith@/kith?host=/run/postgresql"}).database
    assert (database["HOST"], database["NAME"]) == ("/run/postgresql", "kith")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://x/y", "must begin with postgresql://"),
        ("postgresql://kith:secret@db", "names no database"),
        ("postgresql://kith:secret@db/kith?nonsense=1", "cannot be read as"),
    ],
)
def test_database_address_that_is_wrong_is_refused_without_its_password(env, url, sentence):
    with pytest.raises(ConfigError, match="^DATABASE_URL") as refused:
        load({**env, "DATABASE_URL": url})
    assert sentence in str(refused.value)
    assert "secret" not in str(refused.value)


def test_mail_address_gives_server_account_and_encryption(env):
    config = load({**env, "KITH_EMAIL_URL": "smtp://an%40na:p%3Aw@mail.example.org?tls=1&from=kith@example.org"})
    settings = config.email_settings
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("an@na", "p:w")
    assert settings["EMAIL_USE_TLS"]
    assert not settings["EMAIL_USE_SSL"]
    assert settings["DEFAULT_FROM_EMAIL"] == "kith@example.org"
    assert load({**env, "KITH_EMAIL_URL": "smtps://mail.example.org"}).email_settings["EMAIL_PORT"] == 465


@pytest.mark.parametrize(
    "url", ["mail.example.org", "imap://x", "smtp://", "smtp://x:port", "smtp://x?tls=yes", "smtp://x?tsl=1"]
)
def test_mail_address_that_is_wrong_is_refused_with_an_example(env, url):
    with pytest.raises(ConfigError, match="^KITH_EMAIL_URL must look like smtp://"):
        load({**env, "KITH_EMAIL_URL": url})


def test_upload_limit_takes_units_and_ends_at_two_gigabytes(env):
    assert load({**env, "KITH_UPLOAD_LIMIT": "2G"}).upload_limit == 2 * 2**30
    assert load({**env, "KITH_UPLOAD_LIMIT": "64 mb"}).upload_limit == 64 * 2**20
    for wrong in ("3G", "0", "lots", "-1", "1T"):
        with pytest.raises(ConfigError, match="^KITH_UPLOAD_LIMIT"):
            load({**env, "KITH_UPLOAD_LIMIT": wrong})


def test_how_long_things_are_kept_is_said_in_days(env):
    assert load(env).keep == {"RUNS": 180, "READ_NOTICES": 90, "NOTICES": 365, "RAW_MAIL": 0}
    assert load({**env, "KITH_KEEP_RUNS": "0"}).keep["RUNS"] == 0
    for wrong in ("-1", "half a year", "36501", "1.5"):
        with pytest.raises(ConfigError, match="^KITH_KEEP_NOTICES is a number of days"):
            load({**env, "KITH_KEEP_NOTICES": wrong})


def test_short_secret_is_refused(env):
    with pytest.raises(ConfigError, match="^KITH_SECRET_KEY must have at least 32 characters, it has 3"):
        load({**env, "KITH_SECRET_KEY": "abc"})


def test_data_folder_that_cannot_be_made_is_named(env, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="^KITH_DATA: the folder .*/file/data cannot be made"):
        load({**env, "KITH_DATA": str(tmp_path / "file" / "data")})
