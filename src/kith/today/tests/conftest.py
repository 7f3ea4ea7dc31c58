import pytest
import time_machine


@pytest.fixture
def morning(db):
    """Kith is set up, and the clock stands."""
    from django.utils import timezone

    from kith.kernel.organisation.models import Organisation, bump, refresh
    from kith.today.tests.cast import MORNING

    with time_machine.travel(MORNING, tick=False) as clock:
        refresh()  # makes the organisation where there is none yet
        Organisation.objects.update(set_up_at=timezone.now())
        bump()
        yield clock


@pytest.fixture
def ines(morning):
    from tests.cast import actor

    return actor("ines")


@pytest.fixture
def page(morning):
    """`page("ines", "/?of=team")`: what a colleague gets, as HTML; with a script asking for the part: part=True."""
    from django.test import Client

    from tests.cast import actor, user

    def get(who="ines", path="/", *, part=False):
        actor(who)
        client = Client()
        client.force_login(user(who))
        answer = client.get(path, headers={"HX-Request": "true"} if part else {})
        assert answer.status_code == 200
        return answer.content.decode()

    return get
