"""What other systems and people call our columns: names without spaces and signs, in lower case.

The first list that holds a header's name wins. A type's own list (`OF_TYPE`) comes before the list for every type.
"""

from __future__ import annotations

# Parts of addresses are told apart from a prefix such as "mailing" or "billing", which becomes the slot.
EVERY_TYPE: dict[str, str] = {
    "given_name": "firstname givenname forename first vorname prenom imie jmeno nombre nome",
    "family_name": "lastname familyname surname last nachname familienname nom nazwisko prijmeni apellido apellidos cognome",
    "emails": "email emailaddress emailvalue emails mail mailaddress emailadresse correo courriel workemail homeemail privateemail",
    "phones": "phone phonenumber phonevalue phones telephone telephonenumber tel mobile mobilephone mobilenumber cell cellphone handy "
    "telefon telefonnummer homephone otherphone workphone businessphone fax gsm telefono",
    "job_title": "jobtitle title position function stelle beruf poste stanowisko pozice cargo",
    "company": "company companyname account accountname organisation organization organisationname organizationname employer "
    "firma unternehmen customer client customername clientname org societe empresa spolecnost accountid companyid",
    "person": "person contact contactname who whoid contactid",
    "contact": "contact contactname primarycontact person contactid",
    "deal": "deal opportunity dealname opportunityname whatid opportunityid dealid",
    "domain": "domain website web url homepage webaddress",
    "links": "links link socialmedia linkedin twitter github profile url website homepage",
    "industry": "industry sector branche vertical secteur odvetvi branza",
    "employees": "employees numberofemployees headcount staff companysize mitarbeiter",
    "revenue": "revenue annualrevenue turnover umsatz sales",
    "founded": "founded yearestablished yearfounded foundingyear established yearstarted",
    "parent": "parent parentcompany parentaccount parentid parentaccountid subsidiaryof mothercompany muttergesellschaft",
    "about_text": "about description notes note comment comments remark remarks bemerkung bemerkungen background",
    "body": "body description text notes note comment comments details",
    "owner": "owner ownername accountowner contactowner dealowner opportunityowner salesagent agent rep salesrep "
    "salesperson responsible assignedto assignee betreuer verantwortlich handlowiec ownerid owneremail",
    "team": "team salesteam teamname",
    "tags": "tags tag labels categories category keywords groups",
    "addresses.street": "street streetaddress address address1 addressline1 addressstreet strasse adresse rue calle ulica ulice",
    "addresses.city": "city town addresscity ort stadt ville ciudad miasto mesto",
    "addresses.region": "state region province county addressregion bundesland wojewodztwo kraj",
    "addresses.postcode": "zip zipcode postalcode postcode addresspostalcode plz codepostal kodpocztowy psc",
    "addresses.country": "country countrycode countryname addresscountry land pays pais officelocation nation",
    "birthday": "birthday birthdate dateofbirth dob bday geburtstag geburtsdatum",
    "language": "language preferredlanguage sprache langue idioma jezyk",
    "time_zone": "timezone timezonename zeitzone",
    "source": "leadsource source origin foundusthrough howdidyouhear channel quelle camethrough accountsource",
    "amount": "amount value dealvalue dealamount closevalue opportunityamount betrag wert",
    "currency": "currency currencycode currencyisocode dealcurrency wahrung",
    "stage": "stage stagename dealstage salesstage opportunitystage phase",
    "pipeline": "pipeline pipelinename",
    "status": "status dealstatus",
    "closes_on": "closes closeson expectedclose expectedclosedate closingdate estimatedclosedate closedate",
    "closed_on": "closed closedon closeddate wondate lostdate dateclosed",
    "opened_on": "opened openedon opendate engagedate startdate dateopened",
    "product": "product productname mainproduct productid",
    "competitor": "competitor maincompetitor competitorname",
    "reason": "reason lossreason lostreason winreason closereason",
    "created_at": "created createdat createdon createddate createdtime creationdate datecreated createdate timestamp angelegt",
    "due_at": "due dueat duedate duetime activitydate date deadline reminder",
    "done_at": "done doneat completed completedat completeddate finished",
    "minutes": "minutes duration length",
    "subject": "subject title topic betreff summary",
    "kind": "kind type tasktype activitytype tasksubtype",
    "priority": "priority importance",
}
OF_TYPE: dict[str, dict[str, str]] = {
    "company": {
        "name": "name company companyname account accountname organisation organization organisationname firma client customer fullname"
    },
    "person": {"split": "name fullname contactname contact person displayname formattedname"},
    "deal": {"name": "name deal dealname opportunity opportunityname title subject"},
    "product": {
        "name": "name product productname",
        "family": "family series productfamily line category",
        "price": "price listprice salesprice unitprice",
        "sku": "sku productcode code productnumber articlenumber",
    },
    "colleague": {
        "name": "name fullname salesagent agent user username rep salesrep colleague employee",
        "lead": "manager lead supervisor teamlead",
        "office": "office regionaloffice region location branch",
    },
}
# Phones and e-mails: what the rest of a header says of them.
LABELS: dict[str, str] = {
    "mobile": "mobile", "cell": "mobile", "handy": "mobile", "gsm": "mobile", "work": "work", "business": "work", "office": "work",
    "home": "private", "private": "private", "fax": "fax", "other": "other", "billing": "billing", "mailing": "office",
    "shipping": "other",
}  # fmt: skip
# Words of other systems for what an address or number is for; they say how it is sent, not whose it is.
SAYS_NOTHING = frozenset("pref internet voice msg text x400 parcel postal dom intl".split())


def label_of(words: str, known: tuple[str, ...]) -> str:
    """One of our labels for what a file says of an e-mail, phone or address ("work, fax" is a fax); else its own words."""
    said = [w.strip(" *") for w in words.replace(":::", ",").split(",")]
    said = [w for w in said if w and w.casefold().split()[0] not in SAYS_NOTHING]
    ours = [w.casefold() if w.casefold() in known else LABELS.get(w.casefold(), "") for w in said]
    if "private" not in known and "home" in known:
        ours = ["home" if w.casefold() in ("home", "private") else "office" if w.casefold() == "work" else o
                for w, o in zip(said, ours, strict=True)]  # fmt: skip
    found = sorted((o for o in ours if o in known), key=lambda o: o not in ("fax", "mobile"))
    return found[0] if found else ", ".join(said)


# Words usual in a column whose values are free text, so that a slip of the pen is noticed.
USUAL: dict[str, tuple[str, ...]] = {
    "industry": tuple(
        "accounting advertising aerospace agriculture automotive banking biotechnology chemicals construction consulting "
        "defence education electronics employment energy engineering entertainment environment fashion finance food "
        "government healthcare hospitality insurance legal logistics manufacturing marketing media medical mining music "
        "pharmaceuticals property publishing recreation retail security services shipping software sport technology "
        "telecommunications textiles tourism transportation travel utilities".split()
    ),
}
