"""Mails that workflows write from a template: in the receiver's language, to whom agreed to what it is for."""

import pytest

from kith.activities.models import Message
from kith.automation.models import RunState
from kith.automation.tests.making import the_run, work, workflow
from kith.engagement.models import Dress
from kith.engagement.tests.mailcast import agree, newsletter
from kith.engagement.wording import current_version, translate
from kith.kernel.errors import InvalidMany
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, add

pytestmark = pytest.mark.django_db


@pytest.fixture
def welcome():
    made = add(actor("ines"), "template", name="Welcome", subject="Hello {{ person.given_name }}", language="en",
               body="Dear {{ person.given_name }},\n\nwelcome.")  # fmt: skip
    return translate(made, language="de", subject="Hallo {{ person.given_name }}", body="Willkommen!", by=actor("ines"))


def writes(**inputs):
    step = {"do": "write", "kind": "mail", "inputs": inputs}
    return workflow(
        {"record": "person", "when": {"event": "person.changed"}, "if": "job_title.has:director", "steps": [step]},
        "Greet",
    )


def promoted(**values):
    person = add(actor("ines"), "person", given_name="Marta", emails="marta@bellevue.example", **values)
    actions.edit(registry["person"], person, {"job_title": "Director"}, by=actor("ines"))
    work()
    return person


@pytest.mark.parametrize(("language", "subject", "words"), [
    ("de", "Hallo Marta", "Willkommen!"), ("fr", "Hello Marta", "Dear Marta,\n\nwelcome."),
    ("", "Hello Marta", "Dear Marta,\n\nwelcome."),
])  # fmt: skip
def test_a_mail_of_a_template_is_written_in_the_receivers_language(welcome, language, subject, words):
    made = writes(template="Welcome")
    promoted(language=language)
    message = Message.objects.get()
    assert (the_run(made).state, message.subject) == (RunState.DONE, subject)
    assert message.text.startswith(words) and message.to == ["marta@bellevue.example"]
    assert Dress.objects.get(message=message).version == current_version(welcome)


def test_words_of_the_step_count_before_those_of_the_template(welcome):
    writes(template="Welcome", subject="For you, {given_name}")
    promoted(language="de")
    message = Message.objects.get()
    assert (message.subject, message.text) == ("For you, Marta", "Willkommen!")


def test_without_a_template_a_mail_still_needs_its_words():
    with pytest.raises(InvalidMany, match=r"needs “Message” \(body\)"):
        writes(subject="Hello")


def test_whoever_did_not_agree_to_what_a_template_is_for_gets_no_mail_of_a_workflow(welcome):
    actions.edit(registry["template"], welcome, {"purpose": newsletter().key}, by=actor("ines"))
    made = writes(template="Welcome")
    person = promoted()
    assert the_run(made).state == RunState.FAILED and not Message.objects.exists()
    agree(person)
    actions.edit(registry["person"], person, {"job_title": "Director of sales"}, by=actor("ines"))
    work()
    assert Message.objects.count() == 1
