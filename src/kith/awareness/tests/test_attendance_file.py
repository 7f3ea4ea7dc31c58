"""Who came to an event, from a file: everybody known becomes a member in their state, the rest is refused by name."""

import json

import pytest

from kith.awareness.models import Member, MemberStep
from kith.kernel.intake import undoing
from kith.kernel.intake.targets import allowed, find_target
from kith.kernel.intake.tests.conftest import Bring, reasons
from kith.kernel.records.actions import create, parse_values
from kith.kernel.records.registry import registry
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
FILE = """Campaign,E-mail,Name,State
Winter fair,marta@bellevue.example,,Attended
winter-fair,,Oliver Grant,Did not come
Winter fair,stranger@nowhere.example,Some Stranger,Attended
Summer fair,marta@bellevue.example,,Attended
Winter fair,marta@bellevue.example,,Attended
"""


@pytest.fixture
def bring(tmp_path):
    return Bring(tmp_path)


@pytest.fixture
def fair():
    ines = actor("ines")
    made = create(registry["campaign"], {"name": "Winter fair", "channel": "fair"}, by=ines)
    people = registry["person"]
    for raw in (
        {"given_name": "Marta", "emails": "marta@bellevue.example"},
        {"given_name": "Oliver", "family_name": "Grant"},
    ):
        create(people, parse_values(people, raw, by=ines), by=ines)
    return made


def states():
    return dict(Member.objects.order_by("pk").values_list("person__given_name", "state"))


def test_everybody_known_belongs_to_the_campaign_in_their_state_and_the_rest_is_refused_by_name(bring, fair):
    run = bring("campaign_member", FILE)
    assert states() == {"Marta": "attended", "Oliver": "no_show"}
    stranger, summer, again = (sentences[0] for _number, sentences in sorted(reasons(run).items()))
    assert stranger == "Nobody is known by “stranger@nowhere.example”; import them as people first."
    assert summer == "There is no campaign “Summer fair” that you may change."
    assert "same" in again


def test_a_dry_run_writes_nothing(bring, fair):
    run = bring("campaign-members", FILE, write=False)
    assert run.counts["create"] == 2
    assert not Member.objects.exists() and not MemberStep.objects.exists()


def test_the_campaign_may_be_said_once_for_the_whole_file(bring, fair):
    bring("campaign_member", "E-mail\nmarta@bellevue.example\n", constants={"campaign": "Winter fair"})
    assert states() == {"Marta": "attended"}


def test_whoever_answered_already_is_not_made_less_unless_the_file_is_to_win(bring, fair):
    bring("campaign_member", FILE)
    again = "Campaign,E-mail,State\nWinter fair,marta@bellevue.example,Invited\n"
    assert bring("campaign_member", again).counts["unchanged"] == 1
    assert states()["Marta"] == "attended"
    bring("campaign_member", again, existing="overwrite")
    assert states()["Marta"] == "invited"


def test_an_import_is_taken_back(bring, fair):
    run = bring("campaign_member", FILE)
    undoing.take_back(run, by=actor("ines"))
    assert states() == {}
    run.refresh_from_db()
    assert run.state == "undone"


def test_campaigns_and_people_beyond_reach_stay_so(bring, fair):
    policy("member", "campaign", see="own", edit="own")
    run = bring("campaign_member", FILE, by="jonas")
    assert states() == {} and "There is no campaign" in json.dumps(reasons(run), ensure_ascii=False)
    assert not allowed(find_target("campaign_member"), actor("rolf"))


def test_the_pages_of_an_import_show_it(client, bring, fair):
    client.force_login(user("ines"))
    assert client.get("/campaign-members/import/").status_code == 200
    run = bring("campaign_member", FILE)
    shown = client.get(f"/campaign-members/import/{run.pk}?tab=create").content.decode()
    assert "Oliver Grant" in shown and 'href="/campaigns/"' in shown
    assert "/campaign-members/import/" in client.get(f"/campaigns/{fair.pk}").content.decode()
