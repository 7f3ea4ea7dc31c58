"""Theme, density and single keys: kept for the person, and for the browser of a stranger."""

import pytest

from kith.kernel.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.urls("kith.ui.tests.urls")]


@pytest.fixture
def ines(client):
    ines = User.objects.create_user(
        "ines@tidewell.example", name="Ines Okafor", preferences={"theme": "light", "own": 1}
    )
    client.force_login(ines)
    return ines


def test_look_is_kept_with_the_person_and_leaves_the_rest_alone(client, ines):
    answer = client.post("/ui/look/", {"theme": "dark", "shortcuts": "off", "next": "/people/"})
    assert answer.status_code == 302 and answer.url == "/people/"
    ines.refresh_from_db()
    assert ines.preferences == {"theme": "dark", "shortcuts": False, "own": 1}


def test_stranger_keeps_the_look_in_the_browser(client):
    answer = client.post("/ui/look/", {"theme": "dark"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and answer.cookies["theme"].value == "dark"


def test_unknown_look_is_refused_in_words(client, ines):
    answer = client.post("/ui/look/", {"theme": "<script>"})
    assert answer.status_code == 422 and "Choose one of the looks offered." in answer.text
    ines.refresh_from_db()
    assert ines.preferences["theme"] == "light"


def test_nobody_is_sent_to_another_site(client):
    assert client.post("/ui/look/", {"theme": "dark", "next": "https://elsewhere.example/"}).url == "/"
