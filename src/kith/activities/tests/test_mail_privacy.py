"""Who sees how much of a mail: whoever takes part in it all, colleagues what its mailbox or the conversation says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.activities.incoming import file_for
from kith.activities.models import ContactShown, Message, MessageFile, ThreadShown
from kith.activities.privacy import level_of
from kith.activities.queries import last_said, mails_written, unsent
from kith.activities.sharing import share_contact, share_mail
from kith.activities.tests.making import arrive
from kith.activities.writing import compose_mail
from kith.kernel.errors import Invalid, NotAllowed, NotFound
from kith.kernel.files.queries import file_of, files_of
from kith.kernel.mail.arriving import Place
from kith.kernel.mail.levels import Level
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox, Suppressed
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import history, timeline
from tests.cast import actor, add, user
from tests.mailcast import bounce, letter

pytestmark = pytest.mark.django_db
SUBJECT, WORDS = "About my salary", "I would rather not say why."
OURS = "ines.o@tidewell.example"


@pytest.fixture
def jonas():
    return actor("jonas")


@pytest.fixture
def marta(ines):
    return add(ines, "person", given_name="Marta", family_name="Kowalska", emails="marta@bellevue.example")


def box_of(holder=None, **values):
    given = {"name": f"Box {Mailbox.objects.count()}", "address": OURS, "host": "imap.example.com", "holder": holder}
    return actions.create(registry["mailbox"], {**given, **values}, by=actor("astrid"))


@pytest.fixture
def box(ines):
    """The mailbox of Ines alone."""
    return box_of(user("ines"))


def theirs(box, text=WORDS, **headers):
    """A mail of Marta's that came into a mailbox."""
    row = arrive(letter(text, **{"Subject": SUBJECT, "To": box.address, **headers}), box)
    return Message.objects.get(arrived=row.pk)


def first(by, marta):
    """The newest entry of her story, as somebody reads it."""
    return timeline(by, "person", marta.pk)[0][0]


def shown(who, address, client):
    client.force_login(user(who))
    return client.get(address)


def test_a_colleagues_own_mailbox_begins_private_and_a_shared_one_open():
    own, shared = box_of(user("ines")), box_of(address="hello@tidewell.example")
    chosen = box_of(user("jonas"), address="jonas.l@tidewell.example", shows="subject")
    assert [row.shows for row in (own, shared, chosen)] == ["private", "full", "subject"]
    edited = actions.edit(registry["mailbox"], own, {"shows": "full"}, by=actor("astrid"))
    told = history(actor("astrid"), "mailbox", edited.pk)[0][0]
    assert told.changes == [("Colleagues see", "Only that there was a mail", "All of it")]


def test_whose_mailbox_it_is_chooses_without_managing_settings(client, marta, box, ines):
    got = theirs(box)
    page = shown("ines", f"/mailboxes/{box.pk}", client)
    assert page.status_code == 200 and f"/mailboxes/{box.pk}/do/share" in page.content.decode()
    sent = client.post(f"/mailboxes/{box.pk}/do/share", {"shows": "subject"})
    assert sent.status_code in (204, 302, 303)
    assert level_of(actor("jonas"), [got]) == {got.pk: "subject"}
    assert shown("jonas", f"/mailboxes/{box.pk}/do/share", client).status_code == 404


def test_who_has_no_part_in_a_private_mail_reads_nothing_of_it_on_the_story(client, marta, box, ines, jonas):
    theirs(box)
    mine, his = first(ines, marta), first(jonas, marta)
    assert (mine.sentence, mine.body.text) == (f"wrote to us: {SUBJECT}", WORDS)
    assert (his.event.actor_name, his.sentence, his.body) == ("Somebody", "wrote to us: a private mail", None)
    page = shown("jonas", f"/people/{marta.pk}", client).content.decode()
    assert "a private mail" in page and SUBJECT not in page and WORDS not in page
    assert WORDS in shown("ines", f"/people/{marta.pk}", client).content.decode()


def test_managing_settings_opens_no_private_mail(client, marta, box):
    got = theirs(box)
    astrid = actor("astrid")
    assert first(astrid, marta).body is None and shown("astrid", f"/mail/{got.pk}", client).status_code == 404
    came = Arrived.objects.get(pk=got.arrived)
    for address in (f"/arrived-mail/{came.pk}", f"/files/{came.file_id}"):
        assert shown("astrid", address, client).status_code == 404
        assert shown("ines", address, client).status_code == 200
    assert not registry["arrived"].rows(astrid).exists()
    box = actions.edit(registry["mailbox"], box, {"shows": "full"}, by=astrid)
    assert registry["arrived"].rows(actor("astrid")).exists()


def test_the_page_of_a_mail_shows_as_much_as_its_mailbox_says(client, marta, box):
    address = f"/mail/{theirs(box).pk}"
    assert WORDS in shown("ines", address, client).content.decode()
    assert shown("jonas", address, client).status_code == 404
    for level, who, subject in (("metadata", True, False), ("subject", True, True)):
        actions.edit(registry["mailbox"], Mailbox.objects.get(), {"shows": level}, by=actor("astrid"))
        page = shown("jonas", address, client).content.decode()
        assert ("marta@bellevue.example" in page, SUBJECT in page, WORDS in page) == (who, subject, False)
    actions.edit(registry["mailbox"], Mailbox.objects.get(), {"shows": "full"}, by=actor("astrid"))
    assert WORDS in shown("jonas", address, client).content.decode()


@pytest.mark.parametrize(
    ("level", "sentence", "title"),
    [("metadata", "wrote to us: (its subject is not shared)", ""), ("subject", f"wrote to us: {SUBJECT}", SUBJECT)],
)
def test_the_story_says_as_much_as_the_mailbox_says(marta, box, jonas, level, sentence, title):
    theirs(box)
    actions.edit(registry["mailbox"], box, {"shows": level}, by=actor("astrid"))
    his = first(actor("jonas"), marta)
    assert (his.event.actor_name, his.sentence) == ("Marta Kowalska", sentence)
    assert (his.body.title, his.body.text, his.body.links) == (title, "", ())


def test_files_of_a_private_mail_open_for_those_who_take_part(client, marta, box, ines, jonas):
    message = letter(WORDS, To=OURS)
    message.add_attachment(b"%PDF-1.4 plan", maintype="application", subtype="pdf", filename="Plan.pdf")
    arrive(message, box)
    kept = MessageFile.objects.get().file
    assert shown("jonas", f"/files/{kept.pk}", client).status_code == 404
    assert shown("ines", f"/files/{kept.pk}", client).status_code == 200
    assert files_of("person", marta.pk, by=jonas) == [] and files_of("person", marta.pk, by=ines) == [kept]
    for verb in ("see", "edit"):
        with pytest.raises(NotFound):
            file_of(jonas, kept.pk, verb)
    assert "Plan.pdf" not in shown("jonas", f"/people/{marta.pk}/panel/files", client).content.decode()


def test_colleagues_whom_it_is_from_or_to_see_all_of_it(marta, box, ines, jonas):
    copied = theirs(box, Cc="Jonas <JONAS@tidewell.example>")
    alone = theirs(box, "Another.")
    assert level_of(jonas, [copied, alone]) == {copied.pk: "full", alone.pk: "private"}
    assert level_of(actor("helena"), [copied]) == {copied.pk: "private"}
    own = box_of(user("helena"), address="helena.b@tidewell.example")
    to_helena = theirs(box, "A third.", Cc=own.address)
    assert level_of(actor("helena"), [to_helena]) == {to_helena.pk: "full"}


def test_a_mail_that_came_through_a_shared_mailbox_too_is_everybodys(marta, box, jonas):
    shared = box_of(address="hello@tidewell.example")
    message = letter(WORDS, To=f"{OURS}, hello@tidewell.example")
    arrive(message, box, place=Place("INBOX", 1, 1))
    got = Message.objects.get()
    assert level_of(actor("jonas"), [got]) == {got.pk: "private"}
    arrive(b"Delivered-To: hello@tidewell.example\n" + message.as_bytes(), shared, place=Place("INBOX", 1, 1))
    assert Message.objects.count() == 1 and level_of(actor("jonas"), [got]) == {got.pk: "full"}


def test_mail_begun_here_is_everybodys_and_an_answer_is_as_private_as_what_it_answers(marta, box, ines, jonas):
    begun = perform(compose_mail, marta, {"subject": "Pumps", "body": "Tuesday?"}, by=ines).result
    got = theirs(box)
    answer = perform(
        compose_mail, marta, {"subject": f"Re: {SUBJECT}", "body": "Understood.", "answers": got.pk}, by=ines
    )
    assert level_of(jonas, [begun, got, answer.result]) == {
        begun.pk: "full", got.pk: "private", answer.result.pk: "private"}  # fmt: skip
    astrid = next(m for m in unsent(actor("astrid")) if m.pk == answer.result.pk)
    assert SUBJECT not in astrid.subject and not astrid.text
    with pytest.raises(Invalid, match="no mail"):
        perform(compose_mail, marta, {"subject": "x", "body": "y", "answers": got.pk}, by=jonas)


def test_a_conversation_is_shared_by_who_takes_part_and_taken_back(client, marta, box, ines, jonas):
    got = theirs(box)
    link = next(one for one in first(ines, marta).body.links if "share_mail" in one.href)
    assert "Colleagues see" in shown("ines", link.href, client).content.decode()
    given = {"message": str(got.pk), "shows": "full"}
    with pytest.raises(NotAllowed, match="takes part"):
        perform(share_mail, marta, given, by=jonas)
    done = perform(share_mail, marta, given, by=ines)
    assert first(jonas, marta).sentence == "chose what colleagues see of a conversation: all of it"
    assert level_of(jonas, [got]) == {got.pk: "full"}
    late = theirs(box, "One more thing.", In_Reply_To=got.message_id)
    assert level_of(jonas, [late]) == {late.pk: "full"}
    with pytest.raises(NotAllowed, match="takes part"):  # he sees it, and still has no part in it
        perform(share_mail, marta, {**given, "shows": "private"}, by=jonas)
    assert undo(done.operation, by=ines).conflicts == []
    assert level_of(jonas, [got, late]) == {got.pk: "private", late.pk: "private"} and not ThreadShown.objects.exists()


def test_whoever_takes_part_in_some_of_a_conversation_does_not_share_the_rest(marta, box, jonas):
    got = theirs(box)
    copied = theirs(box, "With Jonas now.", In_Reply_To=got.message_id, Cc="jonas@tidewell.example")
    with pytest.raises(NotAllowed):
        perform(share_mail, marta, {"message": str(copied.pk), "shows": "full"}, by=jonas)


def test_mail_of_a_shared_mailbox_cannot_be_kept_from_colleagues(marta, ines, box):
    got = theirs(box_of(address="hello@tidewell.example"))
    for pk in (got.pk, 2**62):
        with pytest.raises(Invalid):
            perform(share_mail, marta, {"message": str(pk), "shows": "private"}, by=ines)
    assert not any("share_mail" in one.href for one in first(ines, marta).body.links)


def test_a_conversation_can_be_narrower_than_its_mailbox(marta, ines, jonas):
    got = theirs(box_of(user("ines"), shows="full"))
    assert level_of(actor("jonas"), [got]) == {got.pk: "full"}
    perform(share_mail, marta, {"message": str(got.pk), "shows": "metadata"}, by=actor("ines"))
    assert level_of(actor("jonas"), [got]) == {got.pk: "metadata"}
    assert not registry["arrived"].rows(actor("astrid")).exists() and registry["arrived"].rows(actor("ines")).exists()


def share_all(row, shows, by):
    return perform(share_contact, row, {"shows": shows}, by=by)


def test_mail_with_somebody_is_shared_by_the_holder_of_the_mailbox_told_and_taken_back(marta, box, ines, jonas):
    got = theirs(box)
    done = share_all(marta, "full", ines)
    late = theirs(box, "Another matter.", Subject="Pumps")
    assert level_of(jonas, [got, late]) == {got.pk: "full", late.pk: "full"}
    told = Event.objects.get(verb="mail.contact_shared")
    assert (told.actor_id, told.record, told.record_id) == (ines.user_id, "person", marta.pk)
    sentences = [one.sentence for one in timeline(jonas, "person", marta.pk)[0]]
    assert "chose what colleagues see of their mail with them: all of it" in sentences
    assert undo(done.operation, by=ines).conflicts == []
    assert level_of(jonas, [got, late]) == {got.pk: "private", late.pk: "private"} and not ContactShown.objects.exists()


def test_mail_with_somebody_is_kept_apart_though_the_mailbox_is_shared(marta, ines, client):
    open_ = box_of(user("ines"), shows="full")
    got = theirs(open_)
    share_all(marta, "private", ines)
    assert level_of(actor("jonas"), [got]) == {got.pk: "private"}
    assert level_of(ines, [got]) == {got.pk: "full"}
    came = Arrived.objects.get(pk=got.arrived)
    for address in (f"/arrived-mail/{came.pk}", f"/files/{came.file_id}"):
        assert shown("astrid", address, client).status_code == 404
        assert shown("ines", address, client).status_code == 200
    assert not registry["arrived"].rows(actor("astrid")).exists()
    share_all(marta, "mailbox", ines)
    assert level_of(actor("jonas"), [got]) == {got.pk: "full"} and not ContactShown.objects.exists()
    assert shown("astrid", f"/arrived-mail/{came.pk}", client).status_code == 200


def test_the_conversation_goes_before_the_person_the_person_before_the_company_and_that_before_the_mailbox(
    box, ines, jonas
):
    bellevue = add(ines, "company", name="Bellevue")
    marta = add(
        ines, "person", given_name="Marta", family_name="K", emails="marta@bellevue.example", company=str(bellevue.pk)
    )
    got = theirs(box)

    def seen():
        return level_of(jonas, [got])[got.pk]

    assert seen() == "private"
    share_all(bellevue, "metadata", ines)
    assert seen() == "metadata"
    share_all(marta, "subject", ines)
    assert seen() == "subject"
    perform(share_mail, marta, {"message": str(got.pk), "shows": "full"}, by=ines)
    assert seen() == "full"


def test_what_one_holder_says_of_a_contact_says_nothing_of_another_holders_mail(marta, box, ines, jonas):
    helenas = box_of(user("helena"), address="helena.b@tidewell.example")
    mine, hers = theirs(box), theirs(helenas, "For Helena.", Subject="Other")
    share_all(marta, "full", ines)
    assert level_of(jonas, [mine, hers]) == {mine.pk: "full", hers.pk: "private"}
    other = add(ines, "person", given_name="Else", emails="else@bellevue.example")
    third = theirs(box, From="else@bellevue.example", Subject="Third")
    assert third.thread.person_id == other.pk and level_of(jonas, [third]) == {third.pk: "private"}


def test_only_who_has_a_mailbox_is_offered_the_choice_and_a_shared_one_heeds_none(marta, box, ines, jonas):
    jonas = actor("jonas")
    assert share_contact.open_to(marta, ines) and not share_contact.open_to(marta, jonas)
    with pytest.raises(Invalid, match="no mailbox of your own"):
        share_all(marta, "full", jonas)
    got = theirs(box_of(address="hello@tidewell.example"))
    share_all(marta, "private", ines)
    assert level_of(jonas, [got]) == {got.pk: "full"}


def test_a_choice_for_a_person_goes_along_when_two_are_merged(marta, box, ines, jonas):
    twin = add(ines, "person", given_name="Marta", family_name="Kowalska", emails="marta@home.example")
    got = theirs(box)
    share_all(twin, "full", ines)
    merge(registry["person"], marta, [twin], by=ines)
    assert level_of(jonas, [got]) == {got.pk: "full"}


def test_the_last_words_are_the_last_that_one_may_read(marta, box, ines, jonas):
    theirs(box_of(address="hello@tidewell.example"), "Open words.")
    theirs(box)
    assert last_said(ines, "person", marta.pk).words.strip() == WORDS
    assert last_said(actor("jonas"), "person", marta.pk).words.strip() == "Open words."


def test_what_is_told_of_a_mail_that_came_back_is_not_for_everybody(marta, box, jonas):
    actions.edit(registry["mailbox"], box, {"sent_folders": "Sent"}, by=actor("astrid"))
    sent = letter(WORDS, From=OURS, To="marta@bellevue.example", Subject=SUBJECT, Message_ID="<own@tidewell.example>")
    arrive(sent, box)
    assert first(actor("jonas"), marta).sentence == "wrote: a private mail"
    assert [one.words for one in mails_written([marta.pk], Message.objects.get().at)] == ["a private mail"]
    arrive(bounce("<own@tidewell.example>", "marta@bellevue.example"))
    told = [e for e in timeline(actor("jonas"), "person", marta.pk)[0] if e.event.verb == "mail.bounced"]
    assert [SUBJECT in e.sentence for e in told] == [False]
    assert SUBJECT not in Suppressed.objects.get().source


def test_without_a_mailbox_of_ones_own_nothing_is_asked(marta, ines):
    shared = box_of(address="hello@tidewell.example")
    for n in range(3):
        theirs(shared, f"Number {n}")
    actor("ines")
    timeline(ines, "person", marta.pk)
    with CaptureQueriesContext(
        connection,
    ) as told:
        timeline(ines, "person", marta.pk)
    assert not [q for q in told if "mail_arrived" in q["sql"] or "threadshown" in q["sql"]]


def test_the_number_of_queries_does_not_grow_with_the_mails(marta, box, jonas):
    def asked():
        reader = actor("jonas")
        timeline(reader, "person", marta.pk)
        with CaptureQueriesContext(connection) as told:
            timeline(reader, "person", marta.pk)
        return len(told)

    theirs(box, "Number 0")
    once = asked()
    for n in range(1, 6):
        theirs(box, f"Number {n}")
    assert asked() == once


def test_a_cause_is_told_as_its_reader_may_read_it(marta, box, ines, jonas):
    theirs(box)
    cause = Event.objects.get(verb="mail.received")
    from kith.kernel.timeline.queries import causes_of

    because = Event(cause=cause.pk)
    assert SUBJECT not in str(causes_of(jonas, [because])[0][cause.pk].payload)
    assert causes_of(ines, [because])[0][cause.pk].payload["subject"] == SUBJECT


def test_a_strangers_mail_that_is_placed_by_hand_is_private_too(marta, box, jonas):
    row = arrive(letter(WORDS, From="piotr@nowhere.example", Subject=SUBJECT, To=OURS), box)
    assert row.state == ArrivedState.HELD
    got = file_for(row.pk, marta, actor("ines"))
    assert level_of(actor("jonas"), [got]) == {got.pk: Level.PRIVATE}


@pytest.mark.django_db(transaction=True)
def test_mailboxes_that_were_there_keep_showing_all_of_their_mail():
    from django.db.migrations.executor import MigrationExecutor

    holder = user("ines").pk
    MigrationExecutor(connection).migrate([("mail", "0004_trusted_certificate")])
    try:
        old = MigrationExecutor(connection).loader.project_state([("mail", "0004_trusted_certificate")]).apps
        old.get_model("mail", "Mailbox").objects.create(name="Own", address=OURS, host="x.example", holder_id=holder)
    finally:
        MigrationExecutor(connection).migrate([("mail", "0005_mailbox_shows")])
    assert Mailbox.objects.get().level == "full"
