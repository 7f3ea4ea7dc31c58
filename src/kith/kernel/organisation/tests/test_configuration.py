"""What a process keeps of the configuration, and when it reads it again."""

import uuid

import pytest

from kith.kernel.organisation.models import Organisation, bump, cached, refresh
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def reads():
    """How often each of three was read: what comes of tags, what comes of segments, what may come of anything."""
    count = {"tags": 0, "segments": 0, "anything": 0}

    def read(key):
        def load():
            count[key] += 1
            return count[key]

        return load

    def ask():
        cached("test tags", read("tags"), ("tag",))
        cached("test segments", read("segments"), ("segment",))
        cached("test anything", read("anything"))
        return dict(count)

    refresh()
    ask()
    return ask


def test_nothing_is_read_again_while_nothing_changed(reads):
    assert reads() == {"tags": 1, "segments": 1, "anything": 1}


def test_after_a_change_of_one_type_what_was_read_of_others_stays(reads):
    bump("tag")
    assert reads() == {"tags": 2, "segments": 1, "anything": 2}


def test_after_a_change_that_names_no_type_everything_is_read_again(reads):
    bump()
    assert reads() == {"tags": 2, "segments": 2, "anything": 2}


def test_writing_a_row_of_settings_names_its_type(reads):
    by = actor("astrid")  # a new colleague is a change that names no type
    before = reads()
    create(registry["reason"], {"name": "Too far away", "outcome": "lost"}, by=by)
    assert reads() == {**before, "anything": before["anything"] + 1}


def test_what_another_process_changed_is_never_kept(reads):
    Organisation.objects.update(config=uuid.uuid4())
    refresh()
    assert reads() == {"tags": 2, "segments": 2, "anything": 2}


def test_a_change_beside_that_of_another_process_drops_everything_too(reads):
    Organisation.objects.update(config=uuid.uuid4())
    bump("tag")
    assert reads() == {"tags": 2, "segments": 2, "anything": 2}
