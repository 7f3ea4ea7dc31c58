"""What every test stands on: a data folder of its own and a database cloned from a migrated template.

The throw-away server (fsync off) is shared by all sessions and workers on the machine and stops with the last one, so
that starting pytest costs a tenth of a second. With DATABASE_URL set, the same is done on that server instead.
"""

import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent
DATA = Path(tempfile.mkdtemp(prefix="kith-test-data-"))
os.environ["KITH_DATA"] = str(DATA)
SHARED = None if "KITH_TESTS_SHARE" in os.environ else Path(tempfile.mkdtemp(prefix="kith-tests-share-"))
if SHARED is not None:  # the process above the workers of a run; they find its folder in their environment
    SHARED.chmod(0o711)  # a database server of another user has its folder in there
    os.environ["KITH_TESTS_SHARE"] = str(SHARED)
os.environ["KITH_SECRET_KEY"] = "a key that is only ever used by the tests of Kith"
os.environ["KITH_HOSTS"] = "testserver"
os.environ.pop("KITH_EMAIL_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kith.settings")


# A check says the same of the same code: examples are drawn the same way each time. `--hypothesis-profile explore` draws
# others, for whoever looks for more. How long one takes is no finding: machines differ.
hypothesis.settings.register_profile("same", derandomize=True, database=None, deadline=None)
hypothesis.settings.register_profile("explore", derandomize=False, deadline=None)
hypothesis.settings.load_profile("same")


def pytest_configure(config):
    import django

    django.setup()  # only now: pytest-django would do it before the lines above were read
    if getattr(config.option, "numprocesses", None):
        # Or its workers would find it, and read the settings with the data folder of this process before their own.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_addoption(parser):
    parser.addoption(
        "--share",
        choices=("newest", "oldest"),
        help="run only what `make test` runs on the embedded server, or on PostgreSQL 15",
    )
    parser.addoption("--update-snapshots", action="store_true", help="write the snapshots anew; the diff is the review")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    # Tests with a browser come last: its event loop stays in the process, and a worker of the queue cannot run beside it.
    items.sort(key=lambda item: "chromium" in getattr(item, "fixturenames", ()))
    share = config.getoption("--share")
    if share is None:
        return
    kept = [item for item in items if share in _servers(item)]
    config.hook.pytest_deselected(items=[item for item in items if share not in _servers(item)])
    items[:] = kept


# What asks the kernel for rows, and nothing of the server itself: it is run on the oldest server we support, and not again on
# the newest. The kernel, where the SQL is written, is run on both; pages, programs and all that a browser does, on the newest.
ON_THE_OLDEST = ("src/kith/", "tests/conformance/")
ON_THE_NEWEST = (
    "src/kith/ui/",
    "src/kith/web/",
    "src/kith/api/",
    "src/kith/cli/",
    "src/kith/kernel/kinds/",
    "src/kith/kernel/accounts/",
)
ON_BOTH = ("src/kith/kernel/",)


def _servers(item):
    """On which servers a test is run: "newest", "oldest"."""
    place = item.path.relative_to(ROOT).as_posix()
    if not _uses_database(item) or item.get_closest_marker("browser") or place.startswith(ON_THE_NEWEST):
        return {"newest"}
    if place.startswith(ON_BOTH):
        return {"newest", "oldest"}
    return {"oldest"} if place.startswith(ON_THE_OLDEST) else {"newest"}


def _uses_database(item):
    names = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or names & {"db", "transactional_db", "own_database"})


def pytest_unconfigure(config):
    shutil.rmtree(DATA, ignore_errors=True)
    if SHARED is not None:
        shutil.rmtree(SHARED, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords():
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """Point Django's connection at a fresh clone of the migrated template, for this session and worker only."""
    from django.test import TransactionTestCase

    from kith.kernel.database.testing import cloned_database, renew_database

    # A test that commits ends with a new clone instead of empty tables.
    TransactionTestCase._fixture_teardown = lambda case: renew_database()
    with django_db_blocker.unblock(), cloned_database():
        yield


@pytest.fixture(autouse=True)
def _nothing_kept():
    """What a process keeps of the organisation is of the rows it read; a test's rows are gone when it ends."""
    yield
    from kith.kernel.organisation import models

    models.forget()


@pytest.fixture
def still():
    """The clock stands: what is counted by stretches of time falls into one."""
    import time_machine
    from django.utils import timezone

    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for the session, whoever asks first."""
    from kith.ui.tests.browser import launched

    with launched() as started:
        yield started


@pytest.fixture
def database_url(transactional_db):
    """The address of the test's database, for processes that a test starts. Rows must be committed to be seen there."""
    from kith.kernel.database.testing import database_address

    return database_address()


@pytest.fixture
def postbox(settings):
    """A mail server that takes what is sent, and keeps it."""
    from tests.mailcast import smtp_server

    with smtp_server(settings) as box:
        yield box
