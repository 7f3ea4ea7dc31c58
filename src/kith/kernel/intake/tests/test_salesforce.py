"""Files as Salesforce exports them come in with the mappings that Kith brings, in any order, tied by their ids."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from kith.kernel.intake.models import PendingLink
from kith.kernel.intake.readers.tests.shared import FOLDER, needs_shared_data
from kith.kernel.intake.shipped import shipped
from kith.kernel.intake.tests.conftest import reasons
from kith.kernel.records.registry import registry

pytestmark = pytest.mark.django_db
companies, people, deals = registry["company"].model, registry["person"].model, registry["deal"].model
ACCOUNTS = (
    "\ufeffId,Name,Type,ParentId,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry,BillingAddress,ShippingCity,"
    "ShippingCountry,Phone,Fax,Website,Industry,AnnualRevenue,NumberOfEmployees,Description,OwnerId,CreatedDate,YearStarted\n"
    '001A,Bellevue Hotels,Customer - Direct,001B,"Hotelgasse 1\nHof",Bern,BE,3011,Switzerland,"{""city"":""Bern""}",Basel,CH,'
    "+41 31 320 45 45,+41 31 320 46 46,https://www.bellevue.example/,Hospitality,6759560.5,577,Old house,005X,2021-03-04T09:42:24.000+0000,1913\n"
    "001B,Bellevue Group,,,,,,,,,,,,,,,,,,005X,2020-01-02T00:00:00.000+0000,\n"
)
CONTACTS = (
    "Id,AccountId,LastName,FirstName,Salutation,Name,MailingStreet,MailingCity,MailingPostalCode,MailingCountry,OtherCity,Phone,Fax,"
    "MobilePhone,Email,Title,Department,LeadSource,Birthdate,Description,OwnerId,CreatedDate\n"
    "003A,001A,Kowalczyk,Marta,Ms.,Marta Kowalczyk,Hotelgasse 1,Bern,3011,CH,Thun,+41 31 320 45 01,12,+41 79 123 45 67,"
    "marta@bellevue.example,Facilities director,Technics,Trade show,1980-02-29,Prefers mail,005X,2021-03-05T09:42:24.000+0000\n"
)
OPPORTUNITIES = (
    "Id,AccountId,Name,Description,StageName,Amount,Probability,CloseDate,Type,NextStep,LeadSource,IsClosed,IsWon,OwnerId,CreatedDate,CurrencyIsoCode\n"
    "006A,001A,Sensors for the spa,,Needs Analysis,12500.50,20,2031-05-01,,,Web,,,005X,2026-01-10T08:00:00.000+0000,CHF\n"
    "006B,001A,Sensors for the cellar,,Closed Won,8000,100,2025-06-17,,,Web,1,1,005X,2025-02-01T08:00:00.000+0000,CHF\n"
    "006C,001B,Sensors for all houses,,Closed Lost,90000,0,2025-09-30,,,,1,,005X,2025-02-03T08:00:00.000+0000,EUR\n"
    "006D,001A,A stage of their own,,Pilot running,10,0,2025-09-30,,,,,,005X,2025-02-03T08:00:00.000+0000,EUR\n"
)
FILES = {"company": (ACCOUNTS, "accounts"), "person": (CONTACTS, "contacts"), "deal": (OPPORTUNITIES, "opportunities")}


def take(bring, kind, text=None, name=None):
    own, mapping = FILES[kind]
    return bring(
        kind, text or own, by="astrid", mapping=shipped()[f"salesforce/{mapping}"].dump(), name=name or f"{kind}.csv"
    )


@pytest.mark.parametrize("order", [("company", "person", "deal"), ("deal", "person", "company")], ids=["accounts first", "accounts last"])  # fmt: skip
def test_accounts_contacts_and_opportunities_are_tied_whatever_the_order_of_the_files(bring, order):
    runs = {kind: take(bring, kind) for kind in order}
    assert not PendingLink.objects.filter(tied=None).exists()
    hotel = companies.objects.get(name="Bellevue Hotels")
    assert hotel.parent.name == "Bellevue Group" and hotel.domain == "bellevue.example" and hotel.founded == 1913
    assert [(a["label"], a["street"], a["city"], a["country"]) for a in hotel.addresses] == [
        ("billing", "Hotelgasse 1\nHof", "Bern", "CH"), ("other", "", "Basel", "CH")]  # fmt: skip
    assert {p["label"]: p["value"] for p in hotel.phones} == {"work": "+41313204545", "fax": "+41313204646"}
    assert hotel.created_at.date() == dt.date(2021, 3, 4) and hotel.revenue == Decimal("6759560.50")
    marta = people.objects.get()
    assert marta.company == hotel and marta.birthday == dt.date(1980, 2, 29) and len(marta.addresses) == 2
    assert runs["person"].rows.get().reasons == [
        "Fax: “12” is not a phone number; write it with the country, like +48 58 555 01 42."
    ]
    assert set(reasons(runs["deal"])) == {5}, (reasons(runs["deal"]), runs["deal"].problem)
    found = {d.name: d for d in deals.objects.select_related("stage", "company")}
    spa, cellar, houses = (found[f"Sensors for {what}"] for what in ("the spa", "the cellar", "all houses"))
    assert (spa.status, spa.stage.name, spa.closed_on, spa.closes_on) == ("open", "Needs Analysis", None, dt.date(2031, 5, 1))  # fmt: skip
    assert (cellar.status, cellar.closed_on, cellar.opened_on) == ("won", dt.date(2025, 6, 17), dt.date(2025, 2, 1))
    assert (houses.status, houses.company.name, houses.currency) == ("lost", "Bellevue Group", "EUR")
    assert set(reasons(runs["deal"])) == {5}  # a stage nobody translated is refused in words, not guessed
    assert any("Pilot running" in sentence for sentence in reasons(runs["deal"])[5])


@needs_shared_data
def test_a_real_export_of_several_objects_comes_in(bring):
    for kind, name, rows in (("company", "Account", 22), ("person", "Contact", 102)):
        run = take(bring, kind, FOLDER / f"salesforce_export/{name}.csv")
        assert run.counts["create"] == rows, (run.counts, reasons(run))
    assert people.objects.exclude(company=None).count() == 18
    document = shipped()["salesforce/opportunities"].dump()
    for entry in document["columns"]["StageName"]:
        own = {"Discovery": "Needs Analysis", "Negotiation": "Negotiation/Review", "Proposal/Quote": "Proposal/Price Quote",
               "Contracts": "Negotiation/Review"}  # fmt: skip
        entry["values"] |= own if entry["to"] == "stage" else dict.fromkeys(own, "open")
    run = bring("deal", FOLDER / "salesforce_export/Opportunity.csv", by="astrid", mapping=document)
    assert run.counts["create"] == 50, reasons(run)
    assert deals.objects.filter(status="won").count() == 12 and not PendingLink.objects.filter(tied=None).exists()
