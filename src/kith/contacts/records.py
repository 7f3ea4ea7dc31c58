"""People and companies as records: columns, lists, forms, actions. Every face is made from these two classes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.contacts import actions as do
from kith.contacts import customers
from kith.contacts.apart import tell_companies_apart, tell_people_apart
from kith.contacts.consent import actions as consent
from kith.contacts.consent import events as consents
from kith.contacts.duplicates import duplicates_of
from kith.contacts.enrichment.actions import look_up_company, look_up_person
from kith.contacts.enrichment.marks import FOUND
from kith.contacts.events import (
    BecameCustomer,
    Captured,
    ChangedPosition,
    CompanyBecameCustomer,
    CompanyLeft,
    LookedUp,
    Related,
    StoppedBeingCustomer,
    ToldApart,
    Unrelated,
)
from kith.contacts.identify import identifiers_of
from kith.contacts.models import Company, Person
from kith.contacts.panels import CONNECTIONS, PEOPLE
from kith.contacts.parts import POSITIONS, RELATIONS, STAFF
from kith.kernel.access.scopes import by_owner
from kith.kernel.kinds import Addresses, Country, Emails, Integer, Language, Links, Money, Phone, Phones, Text, TimeZone
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View

HIDDEN = Facts(faces=frozenset())
VIEWS = (
    View("mine", _("In my care"), "owner.is:me"),
    View("no-next-step", _("No next step"), "next_step_at.empty,owner.is:me"),
    View("new", _("New this week"), "created_at.in:this_week", sort="-created_at"),
    View("customers", _("Customers"), "customer.is:1", sort="-customer_since"),
)
REACH = {
    "emails": Facts(kind=Emails(), personal="reaching the person"),
    "phones": Facts(kind=Phones(), personal="reaching the person"),
    "addresses": Facts(kind=Addresses(), personal="reaching the person"),
    "links": Facts(kind=Links(), personal="reaching the person"),
    "email": Facts(personal="reaching the person", faces=FACES - {"form", "import", "bulk"}),
    "phone": Facts(kind=Phone(), personal="reaching the person", faces=FACES - {"form", "import", "bulk"}),
    "country": Facts(kind=Country()),
    "sort_name": HIDDEN,
    "identifiers": HIDDEN,
}


class CompanyRecord(Record):
    name, slug, icon = "company", "companies", "company"
    model, gathered = Company, True
    scope = by_owner()
    lists = ("name", "industry", "city", "country", "next_step", "next_step_at", "last_touch_at", "owner")
    sort = "-last_touch_at"
    quick = ("name", "domain", "industry")
    form = (
        Section(_("Company"), "name domain industry employees revenue founded parent"),
        Section(_("Reached by"), "emails phones addresses links"),
        Section(_("Looked after by"), "owner team tags about_text"),
    )
    match = ("name", "domain", "emails", "phones")
    identify = staticmethod(identifiers_of)
    duplicates = duplicates_of("company")
    views = VIEWS
    actions = (do.add_person, tell_companies_apart, look_up_company, *customers.BY_HAND["company"])
    apart = tell_companies_apart
    events = (ToldApart, LookedUp, CompanyBecameCustomer, CompanyLeft)
    panels, parts = (PEOPLE,), (STAFF, FOUND)
    fields = {
        **REACH,
        **customers.FIELDS,
        "name": Facts(personal="no", sort="sort_name"),
        "revenue": Facts(kind=Money(currency=""), measure="sum"),
        "employees": Facts(measure="sum"),
        "founded": Facts(kind=Integer(-(2**15), 2**15 - 1, grouped=False)),
    }


class PersonRecord(Record):
    name, slug, icon = "person", "people", "people"
    model, gathered = Person, True
    scope = by_owner()
    lists = ("name", "company", "job_title", "next_step", "next_step_at", "last_touch_at", "owner")
    sort = "-last_touch_at"
    quick = ("given_name", "family_name", "emails", "company")
    form = (
        Section(_("Person"), "given_name family_name job_title company"),
        Section(_("Reached by"), "emails phones addresses links preferred_channel language time_zone"),
        Section(_("More"), "birthday source owner team tags about_text"),
    )
    match = ("emails", "phones")
    identify = staticmethod(identifiers_of)
    duplicates = duplicates_of("person")
    views = VIEWS
    actions = (do.add_position, do.change_position, do.end_position, do.remove_position,
               do.relate, do.unrelate, tell_people_apart, consent.give_consent, consent.withdraw_consent, look_up_person,
               *customers.BY_HAND["person"])  # fmt: skip
    events = (
        Captured, ChangedPosition, Related, Unrelated, ToldApart, consents.ConsentAsked, consents.ConsentGiven,
        consents.ConsentConfirmed, consents.ConsentWithdrawn, LookedUp, BecameCustomer, StoppedBeingCustomer,
    )  # fmt: skip
    apart = tell_people_apart
    panels, parts = (CONNECTIONS,), (POSITIONS, RELATIONS, FOUND)
    fields = {
        **REACH,
        **customers.FIELDS,
        "given_name": Facts(personal="addressing the person"),
        "family_name": Facts(personal="addressing the person"),
        "name": Facts(kind=Text(300), personal="addressing the person", sort="sort_name"),
        "birthday": Facts(personal="congratulating"),
        "language": Facts(kind=Language()),
        "time_zone": Facts(kind=TimeZone()),
        "industry": Facts(of="company.industry"),
    }
