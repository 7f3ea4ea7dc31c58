"""What a person's story says of their way as a lead: in words, with names, and without what only programs care about."""

import pytest

from kith.activities import writing
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.queries import timeline
from kith.qualification.tests.cast import captured, make, person, rule
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def test_a_verdict_is_named_by_its_person_and_what_follows_is_said_in_words(client):
    rule(user=user("ines"), answer_within="2 business hours")
    marta = captured(person())
    ines = actor("ines")
    writing.log_call(marta, body="They lost a cellar", by=ines)
    reason = make("fit_reason", name="No budget")
    perform(ACTIONS["person.not_a_fit"], marta, {"reason": str(reason.pk)}, by=ines)
    captured(marta)
    entries, _cursor = timeline(ines, "person", marta.pk)
    told = "\n".join(str(one) for one in entries)
    client.force_login(user("ines"))
    page = client.get(f"/people/{marta.pk}").content.decode()
    assert f">{marta.pk}</a>" not in page and told
    assert "the clock stopped: answered by Ines Okafor" in page
    assert "credited the return to Ines Okafor" in page
    assert "changed answered" not in page and "changed came back" not in page
