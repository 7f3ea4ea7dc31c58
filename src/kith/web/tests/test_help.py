"""The guide is inside the product: every page opens, every link leads on, and each place knows its page."""

import re

import pytest
from django.test import Client

from kith.kernel.records.registry import registry
from kith.web.help import ABOUT, CONTENTS, names, read
from tests.cast import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    client = Client()
    client.force_login(user("ines"))
    return client


def test_help_leads_to_how_each_team_works_here(ines):
    from kith.process.tests.cast import SMALL, in_force

    in_force(SMALL.replace("    name: Qualify\n", "    name: Qualify\n    team: Inside sales\n"))
    page = ines.get("/help/").content.decode()
    assert "/process/guide/small/" in page and "How we work" in page
    [address] = re.findall(r'href="(/process/guide/small/[?]team=[^"]*)"', page)
    guide = ines.get(address).content.decode()
    assert 'id="qualify"' in guide and 'id="deal"' not in guide


@pytest.mark.parametrize("name", names())
def test_every_page_of_the_guide_opens_and_its_links_lead_on(ines, name):
    answer = ines.get(f"/help/{name}/")
    assert answer.status_code == 200
    title, body = read(name)
    assert f"<h1>{title}</h1>" in answer.content.decode()
    assert all(ines.get(href).status_code == 200 for href in re.findall(r'href="(/[^"#]*)', body))


def test_the_contents_name_every_page_that_a_place_leads_to():
    assert set(ABOUT.values()) | {record.help for record in registry if record.help} <= set(names())
    assert names()[0] == CONTENTS


@pytest.mark.parametrize(
    ("address", "about"),
    [
        ("/people/", "lists"),
        ("/deals/", "deals"),
        ("/deals/new", "deals"),
        ("/people/new", "records"),
        ("/people/import/", "importing"),
        ("/", "today"),
    ],
)
def test_the_help_of_a_place_is_about_it(ines, address, about):
    page = ines.get(address, follow=address == "/").content.decode()
    assert re.search(rf'href="/help/{about or "[a-z]+"}/?"', page)


def test_what_is_no_page_of_the_guide_is_not_found(ines):
    assert ines.get("/help/nothing/").status_code == 404
    assert ines.get("/help/..%2F..%2Fsecrets/").status_code == 404


def test_strangers_sign_in_first():
    assert "/accounts/login/" in Client().get("/help/")["Location"]
