"""Settings, Configuration: a zip goes out, another comes in, is reviewed, applied and taken back."""

import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kith.configuration.exporting import files_of
from kith.configuration.files import read_zip, to_zip
from kith.configuration.models import Proposal
from kith.kernel.customfields.actions import change_field, define
from kith.kernel.customfields.models import CustomField
from kith.kernel.records.action import ACTIONS, perform
from kith.process.publishing import bring
from kith.process.starters import starter
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
HOME = "/settings/configuration/"
FIELD = "fields/deal-renewal_month.yaml"


@pytest.fixture
def astrid(client):
    client.force_login(user("astrid"))
    by = actor("astrid")
    define(record="deal", label="Renewal month", kind="text", by=by)
    return by


def upload(client, files):
    sent = SimpleUploadedFile("ours.zip", to_zip(files), content_type="application/zip")
    return client.post(f"{HOME}upload", {"file": sent})


def renamed(by, label="Month"):
    files = files_of(by=by)
    return {**files, FIELD: files[FIELD].replace("label: Renewal month", f"label: {label}")}


def test_the_zip_that_is_downloaded_is_the_export(client, astrid):
    answer = client.get(f"{HOME}download")
    assert answer["Content-Type"] == "application/zip"
    assert read_zip(io.BytesIO(answer.content).getvalue()) == files_of(by=astrid)


def test_a_draft_that_stays_here_is_named_beside_the_download(client, astrid):
    assert "not in the download" not in client.get(HOME).content.decode()
    process = bring(starter("start-small"), by=astrid)
    perform(ACTIONS["process.publish"], process, {}, by=astrid)
    bring(replace(starter("start-small"), about="Smaller still"), by=astrid)
    said = client.get(HOME).content.decode()
    assert "What is drafted is not in the download" in said and "Processes: start-small" in said


def test_what_is_uploaded_is_reviewed_applied_and_taken_back(client, astrid):
    assert upload(client, renamed(astrid)).status_code == 303
    seen = client.get(f"{HOME}review/").content.decode()
    assert "<del>Renewal month</del>" in seen and "<ins>Month</ins>" in seen
    assert CustomField.objects.get().label == "Renewal month"
    mark = seen.partition('name="reviewed" value="')[2].partition('"')[0]
    assert client.post(f"{HOME}review/", {"reviewed": mark}).status_code == 303
    assert CustomField.objects.get().label == "Month" and not Proposal.objects.exists()
    told = client.get(HOME).content.decode()
    assert FIELD in told and "label: Renewal month → Month" in told
    back = told.partition(f'action="{HOME}')[2].partition('"')[0]
    back = next(
        part.partition('"')[0] for part in told.split(f'action="{HOME}')[1:] if part.partition('"')[0].endswith("/back")
    )
    client.post(f"{HOME}{back}")
    assert CustomField.objects.get().label == "Renewal month"
    assert "taken back by Astrid Moe" in client.get(HOME).content.decode()


def test_who_changed_something_meanwhile_is_not_written_over(client, astrid):
    upload(client, renamed(astrid))
    seen = client.get(f"{HOME}review/").content.decode()
    mark = seen.partition('name="reviewed" value="')[2].partition('"')[0]
    change_field(CustomField.objects.get(), label="The month", by=astrid)
    answer = client.post(f"{HOME}review/", {"reviewed": mark})
    said = answer.content.decode()
    assert (
        answer.status_code == 422
        and "This is not what you reviewed any more" in said
        and "<del>The month</del>" in said
    )
    assert CustomField.objects.get().label == "The month"


def test_what_cannot_be_applied_is_said_on_the_review(client, astrid):
    upload(client, {**renamed(astrid), "workflows/a.yaml": "name: A\ncolour: red\n"})
    said = client.get(f"{HOME}review/").content.decode()
    assert "workflows/a.yaml, colour: Workflow has no “colour”" in said and ">Apply<" not in said


def test_what_is_no_zip_is_said_where_it_was_sent(client, astrid):
    answer = client.post(f"{HOME}upload", {"file": SimpleUploadedFile("a.zip", b"no zip")})
    assert answer.status_code == 422 and "This zip cannot be read" in answer.content.decode()
    assert client.get(f"{HOME}review/").status_code == 404


def test_only_who_manages_the_settings_comes_in(client, astrid):
    upload(client, renamed(astrid))
    client.force_login(user("ines"))
    for address in (HOME, f"{HOME}download", f"{HOME}review/"):
        assert client.get(address).status_code == 403
    assert client.post(f"{HOME}1/back").status_code == 403
    assert upload(client, {}).status_code == 403
