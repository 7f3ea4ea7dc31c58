"""The gallery shows everything, to those who may see it."""

import re
from pathlib import Path

import pytest

from kith.ui import gallery
from kith.ui.tests.test_macros import MACROS

PARTS = "".join(f.read_text("utf-8") for f in (Path(gallery.__file__).parent / "templates").glob("[gu]*/*.html"))

pytestmark = [pytest.mark.django_db, pytest.mark.urls("kith.ui.tests.urls")]


@pytest.mark.parametrize("name", MACROS)
def test_gallery_shows_every_component(name):
    assert f"ui.{name}(" in PARTS


def test_gallery_is_closed_to_strangers(client):
    answer = client.get("/ui/")
    assert answer.status_code == 302 and "login" in answer.url


def test_gallery_is_open_while_debugging_and_can_be_seen_dark(client, settings):
    settings.DEBUG = True
    answer = client.get("/ui/?theme=dark")
    assert answer.status_code == 200
    assert 'data-theme="dark"' in answer.text


def test_gallery_writes_no_id_twice(client, settings):
    settings.DEBUG = True
    ids = re.findall(r'\sid="([^"]+)"', client.get("/ui/").text)
    assert sorted(ids) == sorted(set(ids)), {i for i in ids if ids.count(i) > 1}


def test_page_and_its_block_are_told_apart_by_caches(client, settings):
    settings.DEBUG = True
    assert "HX-Request" in client.get("/ui/")["Vary"]
