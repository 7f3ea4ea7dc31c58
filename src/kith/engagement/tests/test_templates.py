"""Templates: placeholders that exist and are escaped, versions that stay, letters for every mail program, and the composer."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from kith.activities.models import Message
from kith.engagement.letters import letter
from kith.engagement.models import Dress, Signature, Template
from kith.engagement.placeholders import cast_of
from kith.engagement.tests.mailcast import agree, newsletter
from kith.engagement.tests.making import add, template
from kith.engagement.wording import current_version, translate
from kith.kernel.errors import Invalid
from kith.kernel.files.actions import add_files
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.placeholders import parts
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.ui.pages.tests.helpers import HTMX, text_of
from kith.ui.panels import composers
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def written(body, person, subject="Hello", **more):
    by = actor("ines")
    return letter(subject, body, cast_of(person, by.user, by), **more)


def test_a_placeholder_takes_the_value_or_its_other_words(ines, marta):
    told = written('{{ person.given_name | "there" }}, {{person.job_title|"you"}}, {{ owner.first_name }}', marta)
    assert told.text == "Marta, you, Ines"


def test_a_placeholder_that_does_not_exist_is_refused_with_the_nearest_one(ines):
    with pytest.raises(
        Invalid, match="no placeholder “person.given_nmae”; the nearest is “person.given_name”"
    ) as refused:
        template(body="Dear {{ person.given_nmae }}")
    assert refused.value.field == "body"
    with pytest.raises(Invalid, match="the nearest is “company.name”") as refused:
        template(subject="About {{ compani.name }}")
    assert refused.value.field == "subject"


@pytest.mark.parametrize("trick", [
    "{{ person.__class__ }}", "{{ 7*7 }}", "{{ person.given_name|upper }}", "{{ person.given_name() }}", "{{ person['given_name'] }}",
    "{{ person.given_name", "{{}}", "{{ organisation.secret }}", "{{ owner.password }}", "{{ person.company.owner.password }}",
])  # fmt: skip
def test_nothing_but_a_placeholder_stands_between_braces(ines, trick):
    with pytest.raises(Invalid, match="placeholder"):
        template(body=f"Hello {trick}")
    assert (
        "{% if x %}" in written("{% if x %}", add(ines, "person", given_name="Tom")).text
    )  # words, which nothing runs


@given(st.text(alphabet='{} |"abc.person_given_name\n', max_size=60))
def test_any_words_are_read_or_refused_in_a_sentence(text):
    try:
        assert all(parts(text))
    except Invalid as problem:
        assert "placeholder" in problem.message


def test_a_blank_value_without_other_words_says_what_to_do(ines, marta):
    with pytest.raises(Invalid, match=r"Not known.*person\.job_title.*Fill it in, or write \{\{ person\.job_title \|"):
        written("As {{ person.job_title }}", marta)


def test_values_are_no_markup_no_header_and_no_second_placeholder(ines):
    name = "<script>x</script> {{ owner.email }} **bold** [a](https://x.example)"
    eve = add(ines, "person", given_name=name, job_title="A\nBcc: all@example.com")
    told = written("Dear {{ person.given_name }}", eve, subject="For {{ person.job_title }}")
    assert "<script>" not in told.html and "&lt;script&gt;" in told.html and "<strong>" not in told.html
    assert told.text == f"Dear {name}" and "\n" not in told.subject


def test_a_letter_has_tables_inline_styles_and_the_same_words_in_plain_text(ines, marta):
    told = written(
        "Hello **you**,\n\n- one\n- [two](https://x.example/)\n\n<b>Bye</b>",
        marta,
        language="de",
        signature="Ines\nTidewell",
    )
    assert told.text == "Hello you,\n\n- one\n- two (https://x.example/)\n\n<b>Bye</b>\n\n-- \nInes\nTidewell"
    assert 'lang="de"' in told.html and "<table" in told.html and 'style="margin:0 0 16px;"' in told.html
    assert "&lt;b&gt;Bye" in told.html and "Ines<br" in told.html and "prefers-color-scheme: dark" in told.html


def test_a_link_goes_where_it_says_and_holds_no_placeholder(ines, marta):
    with pytest.raises(Invalid, match="link’s address"):
        template(body="[see](https://x.example/{{ person.given_name }})")
    assert "href" not in written("[see](javascript:alert(1))", marta).html.replace("xhtml", "")


def test_somebody_beyond_the_writers_reach_stays_unnamed(ines):
    jonas = actor("jonas")
    hotel = add(jonas, "company", name="Hotel Secret")
    tom = add(ines, "person", given_name="Tom", company=hotel.pk)
    policy("member", "company", see="own")
    told = written('{{ company.name | "your house" }}', tom)
    assert told.text == "your house"


def test_a_change_of_words_is_a_new_version_and_so_is_taking_it_back(ines):
    made = template()
    first = current_version(made)
    actions.edit(registry["template"], made, {"owner": user("priya")}, by=ines)
    assert current_version(made) == first
    told = perform(translate, made, {"language": "de", "body": "Guten Tag"}, by=ines)
    assert [v.number for v in made.versions.order_by("number")] == [1, 2]
    undo(told.operation, by=ines)
    assert current_version(made).wording == first.wording and current_version(made).number == 3


def test_people_are_written_to_in_their_language_or_that_of_their_region(ines):
    made = template(language="en", body="Good day")
    made = translate(made, language="de", subject="Hallo", body="Guten Tag", by=ines)
    version = current_version(made)
    assert [version.in_language(each)["body"] for each in ("de", "de-AT", "en", "fr", "")] == [
        "Guten Tag", "Guten Tag", "Good day", "Good day", "Good day"]  # fmt: skip


def test_a_template_in_the_composer_fills_subject_and_words_and_a_snippet_adds_its_own(client, ines, marta):
    made = template(body="Dear {{ person.given_name }},\n\nyour {{ person.job_title }} asks.")
    snippet = add(ines, "template", name="Price", kind="snippet", body="It costs nothing.")
    client.force_login(user("ines"))
    page = client.get(f"/templates/fill/people/{marta.pk}?template={made.pk}", headers=HTMX).content.decode()
    assert "Dear Marta," in page and 'value="Hello Marta"' in page and "{{ person.job_title }}" in page
    page = client.get(
        f"/templates/fill/people/{marta.pk}?snippet={snippet.pk}&subject=My+own&body=Hello&template={made.pk}&filled=template-{made.pk}",
        headers=HTMX,
    ).content.decode()
    assert "Hello\n\nIt costs nothing." in page.replace("\r", "") and 'value="My own"' in page


def test_what_was_sent_names_its_version_and_takes_signature_and_files_along(ines, marta, postbox):
    made = template()
    add_files(registry["template"], made, [SimpleUploadedFile("guide.txt", b"Listen at night.")], by=ines)
    Signature.objects.create(user=user("ines"), text="Ines, Tidewell")
    act = composers()["mail"].action
    perform(act, marta, {"subject": "Offer", "body": "Hello **Marta**", "template": str(made.pk)}, by=ines)
    run_waiting_jobs(names=["activities.send_mail"])
    [got] = postbox.kept
    assert got.get_body(("plain",)).get_content().split()[-3:] == ["--", "Ines,", "Tidewell"]
    assert Message.objects.get().text.startswith("Hello Marta\n")  # the marks are for the other part
    assert "<strong>Marta</strong>" in got.get_body(("html",)).get_content()
    assert [(a.get_filename(), a.get_content().strip()) for a in got.iter_attachments()] == [
        ("guide.txt", "Listen at night.")
    ]
    assert Dress.objects.get(message=Message.objects.get()).version == current_version(made)


def test_a_mail_of_a_template_for_a_purpose_leaves_to_whoever_agreed_to_it_alone(ines, marta, postbox):
    made, act = template(purpose=newsletter().key), composers()["mail"].action
    with pytest.raises(Invalid, match="Newsletter"):
        perform(act, marta, {"template": str(made.pk)}, by=ines)
    assert not Message.objects.exists()
    agree(marta)
    perform(act, marta, {"template": str(made.pk)}, by=ines)
    agree(marta, yes=False)  # before it left
    run_waiting_jobs(names=["activities.send_mail"])
    assert not postbox.kept and "Newsletter" in Message.objects.get().problem


def test_a_placeholder_left_in_the_words_keeps_a_mail_from_leaving(ines, marta):
    made = template(body="As {{ person.job_title }} you know.")
    with pytest.raises(Invalid, match="person.job_title"):
        perform(
            composers()["mail"].action,
            marta,
            {"subject": "x", "body": "As {{ person.job_title }}", "template": str(made.pk)},
            by=ines,
        )
    assert not Message.objects.exists()


def test_a_look_beforehand_shows_the_mail_as_a_chosen_person_in_a_frame_that_can_do_nothing(client, ines, marta):
    made = template()
    client.force_login(user("ines"))
    assert "Dear Marta" in text_of(client.get(f"/templates/{made.pk}/look?person={marta.pk}"))
    frame = client.get(f"/templates/{made.pk}/letter?person={marta.pk}&theme=dark")
    assert "Dear Marta" in frame.content.decode() and "@media (prefers" not in frame.content.decode()
    assert frame["X-Frame-Options"] == "SAMEORIGIN" and frame["Content-Security-Policy"].startswith(
        "sandbox; default-src 'none'"
    )


def test_a_look_says_what_would_keep_it_from_being_sent(client, ines, marta):
    made = template(body="As {{ person.job_title }}")
    client.force_login(user("ines"))
    assert "This would not be sent" in text_of(client.get(f"/templates/{made.pk}/look?person={marta.pk}"))
    assert client.get(f"/templates/{made.pk}/letter?person={marta.pk}").status_code == 200


def test_a_signature_is_kept_under_settings(client, ines):
    client.force_login(user("ines"))
    client.post("/settings/signature/", {"text": "Ines Okafor\nTidewell"})
    assert "Ines Okafor" in client.get("/settings/signature/").content.decode()
    assert re.search("Tidewell", Signature.objects.get(user=user("ines")).text)


def test_two_templates_do_not_share_a_name(ines):
    template()
    with pytest.raises(Invalid, match="Another template has this name"):
        template()
    assert Template.objects.count() == 1
