"""Forms on the command line: listed, taken out as a file, brought in, and what came in through them."""

import json

import pytest

from kith.capture.models import Form, Submission
from kith.capture.tests.forms import checklist, send
from kith.cli import commands, parser
from kith.cli.form import run
from kith.kernel.errors import KithError
from kith.kernel.jobs.inline import run_waiting_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def kith(capsys):
    """Run a verb on the tests' own database; what it printed."""

    def said(*words):
        assert run(parser(commands()).parse_args(["form", *words])) == 0
        return capsys.readouterr().out

    return said


def test_forms_are_listed_with_what_came_in(kith):
    assert "There is no form yet." in kith("list")
    checklist()
    send()
    assert "version 1, open): 1 came in, 0 wait" in kith("list")
    (told,) = json.loads(kith("list", "--json"))
    assert told["address"].endswith("/f/leak-risk-checklist") and told["submissions"] == 1


def test_a_form_goes_out_to_a_file_and_comes_in_changed(kith, tmp_path):
    form, file = checklist(), tmp_path / "form.json"
    kith("export", "leak-risk-checklist", str(file))
    document = json.loads(file.read_text())
    document["draft"]["title"]["en"] = "The list"
    file.write_text(json.dumps(document))
    assert "draft changed" in kith("import", str(file))
    form.refresh_from_db()
    assert (form.draft["title"]["en"], form.number) == ("The list", 1)
    document["key"], document["name"] = "another", "Another"
    file.write_text(json.dumps(document))
    assert "made, published" in kith("import", str(file), "--publish")
    assert Form.objects.get(key="another").open
    assert json.loads(kith("export", "another"))["draft"] == document["draft"]


def test_a_form_says_what_it_asks_and_what_is_wrong_with_it(kith):
    form = checklist()
    assert "Work e-mail (person.email, needed)" in kith("show", "Leak-risk checklist")
    Form.objects.filter(pk=form.pk).update(draft={"title": {"en": "Only a title"}})
    assert "! Ask for an e-mail address" in kith("show", str(form.pk))


def test_submissions_are_told_with_their_answers(kith):
    checklist()
    assert "Nothing came in." in kith("submissions", "leak-risk-checklist")
    send(homepage="spam")
    run_waiting_jobs()
    assert "review" in kith("submissions", "leak-risk-checklist", "--state", "review")
    (told,) = json.loads(kith("submissions", "leak-risk-checklist", "--json"))
    assert told["answers"]["email"] == "elin@fjordheim.example" and told["id"] == Submission.objects.get().pk
    assert json.loads(kith("submissions", "leak-risk-checklist", "--state", "done", "--json")) == []


@pytest.mark.parametrize(
    "words", [("show", "gone"), ("import", "/nowhere.json"), ("submissions", "leak-risk-checklist", "--state", "odd")]
)
def test_what_is_not_there_is_said_in_a_sentence(kith, words):
    checklist()
    with pytest.raises(KithError, match="There is no|could not be read"):
        kith(*words)


@pytest.mark.parametrize(
    "text", ["not JSON", "[1]", '{"draft": {}}', '{"name": "X", "draft": {"fields": [{"key": "1"}]}}']
)
def test_a_file_that_is_no_form_changes_nothing(kith, tmp_path, text):
    file = tmp_path / "form.json"
    file.write_text(text)
    with pytest.raises(KithError):
        kith("import", str(file))
    assert not Form.objects.exists()
