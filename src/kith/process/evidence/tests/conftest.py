"""A process of two versions, and signing in, for the tests of evidence."""

import pytest


@pytest.fixture
def process(db):
    from kith.process.definition.document import write
    from kith.process.evidence.tests.lives import SECOND_VERSION
    from kith.process.evidence.tests.stories import KEYS, definition
    from kith.process.models import Process, Version

    row = Process.objects.create(key="tidewell", name="Tidewell's way", in_force=2)
    for number, keys in ((1, KEYS), (2, SECOND_VERSION)):
        document = write(definition(keys, only={"deal": ("", "retail")}))
        Version.objects.create(process=row, number=number, document=document)
    return row


@pytest.fixture
def sign_in(client):
    from tests.cast import actor, user

    def do(who):
        client.force_login(user(who))
        actor(who)
        return client

    return do
