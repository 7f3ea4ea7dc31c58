"""Sign-in limits hold for all processes together: several serve the same people, and each would else give fresh tries."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from kith.kernel.accounts.models import User

from .conftest import PASSWORD

TRIES = """
import django; django.setup()
from django.test import Client
for _try in range({tries}):
    answer = Client().post("/accounts/login/", {{"login": "jonas@tidewell.example", "password": "guess"}})
    print("Too many tries" in answer.content.decode())
"""


def tries(address, count):
    """What another process is told: for each of `count` wrong passwords whether it was stopped."""
    env = os.environ | {"DATABASE_URL": address, "PYTHONPATH": os.pathsep.join(sys.path)}
    script = TRIES.format(tries=count)
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [line == "True" for line in done.stdout.split()]


@pytest.mark.django_db(transaction=True)
def test_tries_in_one_process_count_in_the_others(client, database_url):
    User.objects.create_user("jonas@tidewell.example", PASSWORD, name="Jonas")
    assert tries(database_url, 3) == [False, False, False]
    assert tries(database_url, 3) == [False, False, True]
    answer = client.post("/accounts/login/", {"login": "jonas@tidewell.example", "password": PASSWORD})
    assert "Too many tries" in answer.content.decode()


def test_the_store_of_the_limits_is_the_database():
    assert settings.CACHES["default"]["BACKEND"].endswith("db.DatabaseCache")
