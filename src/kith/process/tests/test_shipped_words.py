"""What is shipped comes in the organisation's language, whoever brings it in, and is the organisation's own from then on."""

from __future__ import annotations

import pytest
from django.utils import translation

from kith.automation.checking import faults_of
from kith.automation.shipped import add, shipped
from kith.kernel.organisation.models import Organisation, bump
from kith.process.definition.checks import faults
from kith.process.definition.document import write
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.editor.drafting import working
from kith.process.models import Process
from kith.process.starters import NAMES, SAID, own_starter, starter
from kith.process.tests.cast import in_force
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def speaks(language):
    bump()
    Organisation.objects.update(language=language)
    bump()


def shape(part):
    """A document without its texts."""
    if isinstance(part, list):
        return [shape(one) for one in part]
    return {k: shape(v) for k, v in part.items() if k not in SAID} if isinstance(part, dict) else part


@pytest.mark.parametrize("language", ["de", "sv"])
@pytest.mark.parametrize("name", NAMES)
def test_a_starter_says_the_same_in_the_language_of_the_organisation(name, language):
    speaks(language)
    own, english = own_starter(name), starter(name)
    assert shape(write(own)) == shape(write(english)) and not faults(own)
    assert own.name != english.name and from_yaml(to_yaml(own)) == own
    for mine, theirs in zip(own.stages, english.stages, strict=True):
        assert mine.purpose != theirs.purpose and mine.prevents != theirs.prevents and mine.playbook != theirs.playbook
        assert mine.playbook.count("\n") == theirs.playbook.count("\n"), (
            "its questions and moves are lines of their own"
        )


def test_the_reader_changes_nothing_of_it():
    speaks("de")
    with translation.override("sv"):
        read_by_a_swede = own_starter("start-small")
    assert read_by_a_swede == own_starter("start-small") and read_by_a_swede.name == "Klein anfangen"
    speaks("en")
    with translation.override("de"):
        assert own_starter("start-small") == starter("start-small")


def test_what_is_brought_in_keeps_its_words_when_the_organisation_speaks_another_language_later(client):
    speaks("de")
    client.force_login(user("astrid"))
    assert "Klein anfangen" in client.get("/settings/process/").content.decode()
    client.post("/settings/process/-/begin/start-small/")
    process = Process.objects.get(key="start-small")
    speaks("sv")
    assert working(process).name == "Klein anfangen" == process.name


@pytest.mark.parametrize("language", ["de", "sv"])
def test_workflows_that_come_with_kith_write_in_the_language_of_the_organisation(language):
    in_force()
    astrid = actor("astrid")
    english = {one.key: one for one in shipped(astrid)}
    speaks(language)
    for one in shipped(astrid):
        assert one.name != english[one.key].name and not faults_of(one.document, astrid), one.key
    made = add("inactive-lead", by=astrid)
    subject = {"de": "Wieder mit {name} Kontakt aufnehmen", "sv": "Ta kontakt med {name} igen"}[language]
    assert made.draft["steps"][0]["inputs"]["subject"] == subject
