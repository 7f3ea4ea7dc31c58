"""The process in the browser: a stage is edited as a draft, published with a preview, and earlier versions stay at hand."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.models import Process
from kith.process.publishing import bring, current_of, save_draft
from kith.process.tests.cast import SMALL, company, in_force, journey_of
from kith.process.versions import draft_of, standard
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
BASE = "/settings/process/small/"


@pytest.fixture
def astrid(client):
    client.force_login(user("astrid"))
    return actor("astrid")


@pytest.fixture
def small(astrid):
    return in_force(by=astrid)


def text(answer):
    words = re.sub(r"<(script|style|noscript)\b.*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(words).split())


def fields(answer):
    """What the form of a page would send as it stands."""
    form = re.search(r'<form class="settings-form".*?</form>', answer.content.decode(), re.DOTALL)[0]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, kind = re.search(r'name="([^"]*)"', tag), re.search(r'type="(\w+)"', tag)[1]
        value = re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrfmiddlewaretoken" and (kind != "checkbox" or " checked" in tag):
            sent.setdefault(name[1], []).append(html.unescape(value[1]) if value else "on")
    for name, inner in re.findall(r'<select [^>]*?name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        sent.setdefault(name, []).append(html.unescape(chosen[1]) if chosen else "")
    for name, inner in re.findall(r'<textarea [^>]*?name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        sent.setdefault(name, []).append(html.unescape(inner))
    return sent


def save(client, stage, do="save", **changed):
    """Send the form of a stage with some fields changed."""
    sent = fields(client.get(f"{BASE}{stage}/"))
    return client.post(f"{BASE}{stage}/", {**sent, **changed, "do": do})


def drafted(process):
    return current_of(process)


def test_a_starter_is_brought_in_as_a_draft_with_one_press(client, astrid):
    page = text(client.get("/settings/process/"))
    assert "No process yet" in page and "Start small" in page and "Lead" in page
    answer = client.post("/settings/process/-/begin/start-small/", follow=True)
    process = Process.objects.get(key="start-small")
    assert answer.status_code == 200 and process.in_force is None and draft_of(process) is not None
    assert "You have this one." in text(client.get("/settings/process/"))


def test_a_form_sent_as_it_stands_changes_nothing(client, small):
    for stage in ("capture", "qualify", "deal", "service"):
        assert save(client, stage).status_code == 303
    assert draft_of(small) is None and drafted(small) == from_yaml(SMALL)


def test_saving_a_stage_changes_the_draft_only_says_what_changed_and_is_taken_back(client, small, astrid):
    answer = save(client, "capture", within="90 minutes", playbook="Answer first.\n> Who asked?\n1. Call.\n2. Write.")
    assert answer.status_code == 303
    assert standard().definition == from_yaml(SMALL)
    stage = drafted(small).by_key["capture"]
    assert stage.within == "90 min" and stage.playbook.endswith("2. Write.")
    page = client.get(answer.url)
    assert "Capture: the service level is 90 min, it was 2 h and 1 more" in text(page)
    assert "<blockquote>Who asked?</blockquote>" in page.content.decode()
    undo(Operation.objects.get(kind="process.draft"), by=astrid)
    assert draft_of(small) is None and drafted(small) == from_yaml(SMALL)


def test_what_cannot_be_a_span_or_a_name_is_told_at_its_field_and_nothing_typed_is_lost(client, small):
    answer = save(client, "capture", within="soonish", name="", purpose="So that <b>nobody</b> waits")
    body = answer.content.decode()
    assert answer.status_code == 422 and draft_of(small) is None
    assert 'id="f-within-error"' in body and 'id="f-name-error"' in body and 'value="soonish"' in body
    assert "So that &lt;b&gt;nobody&lt;/b&gt; waits" in body


def test_a_warning_needs_a_time_to_warn_of(client, small):
    answer = save(client, "qualify", warn="1 day")
    assert answer.status_code == 422 and 'id="f-warn-error"' in answer.content.decode()


def test_a_step_is_added_behind_another_and_the_way_forward_leads_over_it(client, small):
    asked = client.get(f"{BASE}-/add/?after=qualify", HTTP_HX_REQUEST="true")
    assert "Add a step" in text(asked)
    answer = client.post(f"{BASE}-/add/", {"name": "Trial", "after": "qualify"})
    assert answer.url == f"{BASE}trial/"
    definition = drafted(small)
    assert [s.key for s in definition.stages] == ["capture", "qualify", "trial", "deal", "service"]
    assert definition.by_key["qualify"].forward == ("trial",)
    assert client.get(answer.url).status_code == 200
    assert "needs a name" in text(client.post(f"{BASE}-/add/", {"name": " ", "after": "qualify"}))


def test_steps_and_requirements_are_put_in_the_order_in_which_they_were_dragged(client, small):
    page = client.get(f"{BASE}qualify/").content.decode()
    assert page.count("<kith-order>") == 2 and page.count('class="grip"') == 6
    order = {"stages": ["capture", "deal", "qualify", "service"], "needs": ["fit", "industry"]}
    assert save(client, "qualify", **order).status_code == 303
    assert [s.key for s in drafted(small).stages] == order["stages"]
    assert [n.key for n in drafted(small).by_key["qualify"].needs] == order["needs"]
    assert save(client, "qualify", stages=["service", "nobody"], needs=[]).status_code == 303
    assert {s.key for s in drafted(small).stages} == set(order["stages"])  # nobody is lost by a list that is not whole


def test_who_gets_what_nobody_takes_and_who_passes_a_gate_are_said_on_the_page(client, small):
    user("priya")
    said = {"fallback": "priya@tidewell.example", "fallback_after": "4 h", "lead_only": "on"}
    page = text(client.get(save(client, "qualify", **said).url))
    assert "Qualify: who gets what nobody takes is priya@tidewell.example" in page
    stage = drafted(small).by_key["qualify"]
    assert (stage.fallback, stage.fallback_after, stage.lead_only) == ("priya@tidewell.example", "4 h", True)
    answer = save(client, "qualify", fallback="", fallback_after="4 h")
    assert answer.status_code == 422 and "Say first who gets what nobody takes." in text(answer)


def test_steps_are_reordered_and_removed_and_no_way_is_left_pointing_nowhere(client, small):
    save(client, "deal", do="earlier")
    definition = drafted(small)
    assert [s.key for s in definition.stages] == ["capture", "deal", "qualify", "service"]
    assert definition.by_key["qualify"].forward == () and definition.by_key["deal"].back == ()
    answer = save(client, "qualify", do="drop")
    assert answer.url == BASE and [s.key for s in drafted(small).stages] == ["capture", "deal", "service"]
    assert "Stage gone: Qualify" in text(client.get(BASE))


def test_a_need_is_added_by_field_event_rule_and_hand_and_put_in_order(client, small):
    new = f"{BASE}deal/need/new/"
    for says, by, more in (
        ("Industry is known", "field", {"column": "company.industry"}),
        ("We talked", "event", {"event": "activity.called"}),
        ("Two people trained", "hand", {}),
        ("It is retail", "rule", {"of": "company", "of-before": "company", "g-r": "all", "c-r-0": "name", "o-r-0": "has", "v-r-0": "Hotel"}),
    ):  # fmt: skip
        answer = client.post(new, {"says": says, "by": by, "do": "apply", **more})
        assert answer.status_code == 303, text(answer)
    needs = drafted(small).by_key["deal"].needs
    assert [n.by for n in needs] == ["field", "event", "hand", "rule"]
    assert needs[3].rule.where == "name.has:Hotel"
    page = text(client.get(f"{BASE}deal/"))
    assert "Company: “Industry” is filled in" in page and "Since the step began, there was a call" in page
    save(client, "deal", do=f"need-up:{needs[2].key}")
    assert [n.says for n in drafted(small).by_key["deal"].needs][1] == "Two people trained"
    save(client, "deal", do=f"need-remove:{needs[0].key}")
    assert len(drafted(small).by_key["deal"].needs) == 3
    assert client.get(f"{BASE}deal/need/{needs[3].key}/edit/").status_code == 200


def test_a_need_that_says_too_little_is_told_where(client, small):
    answer = client.post(
        f"{BASE}deal/need/new/", {"says": "", "by": "field", "column": "company.nothing", "do": "apply"}
    )
    assert answer.status_code == 422 and "Choose the field" in text(answer) and "Say in a few words" in text(answer)
    answer = client.post(f"{BASE}deal/need/new/", {"says": "Won", "by": "rule", "of": "deal", "of-before": "deal", "g-r": "all", "do": "apply"})  # fmt: skip
    assert answer.status_code == 422 and "at least one condition" in text(answer)
    answer = client.post(f"{BASE}deal/need/new/", {"says": "Won", "by": "rule"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200 and "Must hold" in text(answer)  # the fields of another way, nothing told yet


def test_the_entry_rule_is_a_filter_as_lists_have_it(client, small):
    sent = {"of": "deal", "of-before": "deal", "g-r": "all", "c-r-0": "name", "o-r-0": "has", "v-r-0": "Sensor"}
    answer = client.post(f"{BASE}deal/entry/", {**sent, "do": "apply"})
    assert answer.status_code == 303
    rule = drafted(small).by_key["deal"].entry
    assert (rule.of, rule.where) == ("deal", "name.has:Sensor")
    assert "Deal: Name contains" in text(client.get(f"{BASE}deal/"))
    save(client, "deal", do="entry-remove")
    assert drafted(small).by_key["deal"].entry is None


def test_a_button_beside_a_part_keeps_what_was_typed_in_the_form(client, small):
    answer = save(client, "deal", do="go:need/new/", purpose="A fair price")
    assert answer.url == f"{BASE}deal/need/new/"
    assert drafted(small).by_key["deal"].purpose == "A fair price"


def test_no_button_leads_to_another_site(client, small):
    assert save(client, "deal", do="go://evil.example/").url == f"{BASE}deal/"


def test_an_automation_asks_for_what_its_action_needs(client, small):
    new = f"{BASE}deal/automation/new/"
    answer = client.post(new, {"moment": "entry", "do_action": "activity.plan_task", "do": "apply"})
    assert answer.status_code == 422 and "is needed" in text(answer)
    sent = {"moment": "overdue", "do_action": "activity.plan_task", "input-subject": "Ask how it goes", "do": "apply"}
    assert client.post(new, sent).status_code == 303
    [line] = drafted(small).by_key["deal"].automations
    assert (line.moment, line.do, line.inputs) == ("overdue", "activity.plan_task", {"subject": "Ask how it goes"})
    assert "When overdue , Task: Ask how it goes" in text(client.get(f"{BASE}deal/"))
    assert client.get(f"{BASE}deal/automation/0/").status_code == 200
    save(client, "deal", do="line-remove:0")
    assert drafted(small).by_key["deal"].automations == ()


def test_segments_are_edited_and_a_stage_can_be_for_some_of_them_with_a_time_of_their_own(client, small):
    sent = {
        "name": "Hotels",
        "of": "company",
        "of-before": "company",
        "g-r": "all",
        "c-r-0": "name",
        "o-r-0": "has",
        "v-r-0": "Hotel",
    }
    assert client.post(f"{BASE}-/segment/", {**sent, "do": "apply"}).status_code == 303
    assert [s.key for s in drafted(small).segments] == ["retail", "hotels"]
    save(client, "qualify", **{"only": ["hotels"], "within-hotels": "3 days", "team": "South", "team-hotels": "North"})
    stage = drafted(small).by_key["qualify"]
    assert (stage.only, stage.within_for) == (("hotels",), {"hotels": "3 days"})
    assert (stage.owned_by(""), stage.owned_by("retail"), stage.owned_by("hotels")) == ("South", "South", "North")
    page = client.get(f"{BASE}qualify/").content.decode()
    assert "Owned by, for Hotels" in page
    client.post(f"{BASE}-/segments/hotels/", {"do": "drop"})
    stage = drafted(small).by_key["qualify"]
    assert (stage.only, stage.within_for, stage.team_for) == ((), {}, {})


def test_publishing_says_beforehand_what_it_does_and_asks_where_journeys_of_a_gone_stage_go(client, small, astrid):
    bellevue = company(astrid)
    save(client, "capture", do="drop")
    page = text(client.get(f"{BASE}-/publish/"))
    assert "Stage gone: Capture" in page and "1 relationship stands in Capture" in page
    answer = client.post(f"{BASE}-/publish/", {"note": "Straight to the point", "default": "on"})
    assert answer.status_code == 422 and "Say where these go." in text(answer)
    answer = client.post(
        f"{BASE}-/publish/", {"note": "Straight to the point", "default": "on", "move-capture": "qualify"}
    )
    assert answer.status_code == 303
    small.refresh_from_db()
    assert (small.in_force, journey_of(bellevue).stage) == (2, "qualify")
    page = text(client.get(BASE))
    assert "Version 2 of Small is in force" in page and "Straight to the point" in page


def test_a_draft_with_faults_is_not_published_and_says_why(client, small, astrid):
    save_draft(small, from_yaml(SMALL.replace("[deal.won]", "[deal.wonn]")), by=astrid)
    assert "no event of Kith" in text(client.get(BASE))
    answer = client.post(f"{BASE}-/publish/", {"default": "on"})
    assert answer.status_code == 422 and "no event of Kith" in text(answer)
    assert "no event of Kith" in text(client.get(f"{BASE}service/"))


def test_an_earlier_version_is_read_compared_and_used_as_the_draft(client, small):
    save(client, "capture", within="1 h")
    client.post(f"{BASE}-/publish/", {"default": "on"})
    page = text(client.get(f"{BASE}-/versions/1/"))
    assert "Against version 2, in force" in page and "the service level is 2 h, it was 1 h" in page
    client.post(f"{BASE}-/versions/1/use/")
    assert drafted(small) == from_yaml(SMALL)
    assert client.get(f"{BASE}-/versions/7/").status_code == 404


def test_a_process_goes_out_as_a_file_and_comes_in_again(client, small):
    file = client.get(f"{BASE}-/file/").content
    assert file.decode() == to_yaml(from_yaml(SMALL))
    changed = file.decode().replace("within: 2 h", "within: 1 h").encode()
    answer = client.post("/settings/process/-/import/", {"file": SimpleUploadedFile("small.yaml", changed)})
    assert answer.url == BASE and drafted(small).by_key["capture"].within == "1 h"


def test_faults_of_a_file_are_listed_by_stage_and_field(client, astrid):
    wrong = SMALL.replace("within: 2 h", "within: soon").replace("[deal.won]", "[deal.wonn]")
    answer = client.post("/settings/process/-/import/", {"file": SimpleUploadedFile("small.yaml", wrong.encode())})
    assert (
        answer.status_code == 422 and "Stage “Capture”: “within”" in text(answer) and "Stage “Service”" in text(answer)
    )
    answer = client.post("/settings/process/-/import/", {"file": SimpleUploadedFile("small.yaml", b"\xff\xfe\x00")})
    assert answer.status_code == 422 and not Process.objects.exists()


def test_only_those_who_manage_settings_come_to_the_editor(client, small):
    client.force_login(user("ines"))
    for path in ("/settings/process/", BASE, f"{BASE}capture/", f"{BASE}-/publish/", f"{BASE}deal/need/new/"):
        assert client.get(path).status_code == 403, path
    assert client.post(f"{BASE}capture/", {"name": "Mine", "do": "save"}).status_code == 403
    assert draft_of(small) is None


def test_what_is_not_there_is_said(client, small):
    for path in ("/settings/process/none/", f"{BASE}none/", f"{BASE}deal/need/none/edit/", f"{BASE}deal/automation/9/"):
        assert client.get(path).status_code == 404, path


def test_a_new_process_without_version_is_edited_and_published_first(client, astrid):
    bring(from_yaml(SMALL), by=astrid)
    assert "a new process" in text(client.get(BASE))
    client.post(f"{BASE}-/publish/", {"default": "on", "note": ""})
    assert standard().number == 1


def test_a_process_made_by_its_name_alone_begins_with_one_step(client, astrid):
    create(registry["process"], {"name": "Partners"}, by=astrid)
    assert "First step" in text(client.get("/settings/process/"))
    page = text(client.get("/settings/process/partners/"))
    assert "Nothing is said yet." in page and "Version 1, draft" in page
    sent = {"name": "Meet", "step": "2", "soft": "on", "do": "save"}
    assert client.post("/settings/process/partners/first-step/", sent).status_code == 303
    client.post("/settings/process/partners/-/publish/", {"note": ""})
    partners = Process.objects.get(key="partners")
    assert (partners.in_force, partners.is_default) == (1, False)


def test_the_box_of_new_customers_is_ticked_only_where_they_begin_already_or_nowhere_yet(client, astrid):
    def box(key):
        page = client.get(f"/settings/process/{key}/-/publish/").content.decode()
        return "checked" in re.search(r'<input[^>]*name="default"[^>]*>', page)[0], text(
            client.get(f"/settings/process/{key}/-/publish/")
        )

    first = bring(from_yaml(SMALL), by=astrid)
    ticked, page = box("small")
    assert ticked and "New customers begin here." in page
    client.post("/settings/process/small/-/publish/", {"default": "on", "note": ""})
    client.post(f"/processes/{first.pk}/do/copy", {"name": "Retail", "key": "retail", "next": "/settings/process/"})
    ticked, page = box("retail")
    assert not ticked and "New customers go on beginning in Small." in page
    save_draft(first, from_yaml(SMALL.replace("within: 2 h", "within: 1 h")), by=astrid)
    ticked, page = box("small")
    assert ticked and "New customers go on beginning here." in page


def test_a_process_is_copied_and_published_beside_the_one_where_customers_begin(client, small):
    client.post(f"/processes/{small.pk}/do/copy", {"name": "Retail", "key": "retail", "next": "/settings/process/"})
    client.post("/settings/process/retail/-/publish/", {"note": "For shops"})
    assert Process.objects.get(key="retail").in_force == 1 and standard().process == small


def test_a_draft_is_thrown_away(client, small):
    save(client, "capture", within="1 h")
    client.post(f"{BASE}-/discard/")
    assert draft_of(small) is None and "Nothing: this is what is in force." in text(client.get(BASE))
