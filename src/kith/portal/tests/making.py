"""Customers who come in by a mailed link, for the tests of the portal."""

from __future__ import annotations

import re

from django.test import Client

from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.portal import entering
from kith.portal.setup import change_door
from tests.cast import actor


def made(record, **values):
    return create(registry[record], values, by=actor("ines"))


def person(name: str, address: str, company=None):
    return made("person", given_name=name, company=company, emails=[{"value": address, "label": "work"}])


def open_door(**values):
    change_door({"open": True, "shows_orders": True, **values}, by=actor("astrid"))


def link_for(address: str, mailoutbox) -> str:
    entering.mail_key(address)
    return re.search(r"/portal/in/\S+", mailoutbox[-1].body)[0]


def inside(address: str, mailoutbox) -> Client:
    client = Client()
    assert client.post(link_for(address, mailoutbox)).status_code == 303
    return client
