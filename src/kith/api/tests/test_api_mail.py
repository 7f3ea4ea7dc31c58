"""What programs read of mail: no more than the colleague whose token they have."""

import pytest

from kith.activities.models import Message
from kith.api.tests.programs import Program, new
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
OURS = "ines.o@tidewell.example"


@pytest.fixture
def marta(ines):
    """Somebody who wrote to the mailbox of Ines alone, with a file."""
    pk = new(ines, given_name="Marta", emails=[{"value": "marta@bellevue.example", "label": ""}])
    given = {"name": "Own", "address": OURS, "host": "imap.example.com", "holder": user("ines")}
    box = actions.create(registry["mailbox"], given, by=actor("astrid"))
    message = letter("I would rather not say.", To=OURS, Subject="About my salary")
    message.add_attachment(b"%PDF-1.4 plan", maintype="application", subtype="pdf", filename="Plan.pdf")
    take_in(message.as_bytes(), mailbox=box)
    run_waiting_jobs(names=["mail.work"])
    return pk


def told(who, marta):
    found = Program(who)("get", f"people/{marta}/events").data["data"]
    return next(one for one in found if one["verb"] == "mail.received")


def test_a_story_tells_a_program_no_more_than_its_colleague(marta):
    his = told("jonas", marta)
    assert his["payload"]["shows"] == "private" and "subject" not in his["payload"]
    assert "salary" not in str(his) and "Marta" not in str(his["actor"])
    assert told("ines", marta)["payload"]["subject"] == "About my salary"


def test_files_of_a_private_mail_are_not_listed_for_others(marta, ines):
    (kept,) = ines("get", f"people/{marta}/files").data["data"]
    jonas = Program("jonas")
    assert jonas("get", f"people/{marta}/files").data["data"] == []
    assert jonas("get", f"files/{kept['id']}").status_code == jonas("delete", f"files/{kept['id']}").status_code == 404


def test_a_conversation_is_shared_by_a_program_of_who_takes_part(marta, ines):
    given = {"message": Message.objects.get().pk, "shows": "subject"}
    assert Program("jonas")("post", f"people/{marta}/actions/share_mail", given).status_code == 403
    shared = ines("post", f"people/{marta}/actions/share_mail", given)
    assert shared.status_code == 200, shared.data
    assert told("jonas", marta)["payload"]["subject"] == "About my salary"
    ines("post", f"operations/{shared.data['operation']}/undo")
    assert "subject" not in told("jonas", marta)["payload"]
