"""Roles and connections for programs: what the panels show, in JSON."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.contacts.queries import people_of, roles_of, ties_of
from kith.kernel.kinds import Bool, Day, Link, Text
from kith.kernel.records.parts import Part

_ROLE = {"title": Text(200), "since": Day(), "until": Day(), "main": Bool()}
POSITIONS = Part("positions", _("Roles in companies"), {"company": Link("company"), **_ROLE}, roles_of)
RELATIONS = Part(
    "relations", _("Connections with people"), {"other": Link("person"), "kind": Text(60), "towards": Bool()}, ties_of
)
STAFF = Part("people", _("People, through any role"), {"person": Link("person"), **_ROLE}, people_of)
