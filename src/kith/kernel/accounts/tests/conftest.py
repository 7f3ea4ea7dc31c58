"""The people these tests are about: Marta runs the place, Jonas sells, Amira helps out.

Models are imported inside: pytest reads this file before Django is set up.
"""

import pytest

PASSWORD = "a quiet harbour"


def person(first, last, role):
    from kith.kernel.accounts.models import User

    return User.objects.create_user(f"{first.lower()}@tidewell.example", PASSWORD, name=f"{first} {last}", role=role)


@pytest.fixture
def marta(db):
    return person("Marta", "Lind", "administrator")


@pytest.fixture
def jonas(db):
    return person("Jonas", "Weber", "member")


@pytest.fixture
def amira(db):
    return person("Amira", "Haddad", "read_only")


@pytest.fixture
def as_marta(marta):
    from kith.kernel.access.actor import actor_for

    return actor_for(marta)
