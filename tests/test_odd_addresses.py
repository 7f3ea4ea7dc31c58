"""Addresses and parameters that no page makes: digits that are no numbers, numbers that no id can be."""

import pytest
from django.test import Client

from kith.kernel.accounts import tokens
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
ODD = ["²", "٣", "9" * 30, "-1", "1e3", "0x1", "%00", "1;2", " "]


@pytest.fixture
def astrid():
    actor("astrid")
    client = Client()
    client.force_login(user("astrid"))
    return client


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "address",
    [
        "/people/merge?ids={0},{0}", "/search/?q=a&on=/people/{0}", "/people/?cursor={0}", "/people/?view={0}",
        "/people/?filter=owner.is:{0}", "/people/?sort={0}", "/settings/jobs/?before={0}", "/people/{0}", "/people/{0}/edit",
        "/files/{0}", "/history?before={0}", "/deals/?face=board&by={0}", "/deals/?face=calendar&month={0}", "/pick/company?q={0}",
        "/people/new?company={0}", "/reports/deals/?period={0}", "/people/bulk/{0}/", "/operations/{0}/undo",
    ],
)  # fmt: skip
def test_no_page_breaks(astrid, address, odd):
    for htmx in ({}, {"HX-Request": "true"}):
        assert astrid.get(address.format(odd), headers=htmx).status_code < 500


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "address",
    ["people?limit={}", "people?cursor={}", "people/{}", "people?filter=owner.is:{}", "people?sort={}", "people?fields={}",
     "people/{}/events", "reports/deals?period={}", "people?external_id={}"],
)  # fmt: skip
def test_no_answer_of_the_api_breaks(address, odd):
    actor("astrid")
    _row, plain = tokens.issue(user("astrid"), "odd")
    answer = Client().get("/api/v1/" + address.format(odd), headers={"Authorization": f"Bearer {plain}"})
    assert answer.status_code < 500


@pytest.mark.parametrize("odd", ODD)
def test_no_form_breaks(astrid, odd):
    for address, fields in {
        "/people/merge": {"ids": odd, "keep": odd}, "/people/bulk/edit": {"ids": odd, "owner": odd},
        "/people/new": {"given_name": "Marta", "company": odd, "owner": odd}, "/deals/board/1": {"to": odd, "after": odd},
    }.items():  # fmt: skip
        assert astrid.post(address, fields).status_code < 500
