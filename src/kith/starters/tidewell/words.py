"""The words that the sample company's world is made of: places, names, buildings, jobs, things said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A country in which Tidewell sells: dialling code, language, time zone, cities, names, how a firm is called."""

    code: str
    dial: str
    language: str
    zone: str
    team: str
    cities: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]


PLACES = (
    Place("PL", "+4858555", "pl", "Europe/Warsaw", "South", ("Gdańsk", "Warszawa", "Kraków", "Łódź", "Wrocław"),
          ("Marta", "Katarzyna", "Piotr", "Łukasz", "Agnieszka", "Tomasz", "Zofia", "Jan", "Magdalena", "Paweł"),
          ("Kowalczyk", "Nowak", "Wójcik", "Lis", "Zieliński", "Szymańska", "Dąbrowski", "Mazur", "Król", "Pawlak")),
    Place("SE", "+468555", "sv", "Europe/Stockholm", "North", ("Stockholm", "Göteborg", "Malmö", "Kungsbacka", "Uppsala"),
          ("Eva", "Freya", "Anders", "Linnea", "Sofia", "Erik", "Karin", "Nils", "Astrid", "Oskar"),
          ("Ström", "Lindahl", "Holm", "Berg", "Lindgren", "Nyström", "Sjöberg", "Ek", "Dahl", "Öberg")),
    Place("DE", "+4930555", "de", "Europe/Berlin", "North", ("Berlin", "Hamburg", "Ulm", "Leipzig", "München"),
          ("Petra", "Viktor", "Gregor", "Anke", "Jürgen", "Katja", "Ulrich", "Heike", "Matthias", "Sabine"),
          ("Vogel", "Steiner", "Becker", "Krüger", "Weiß", "Hoffmann", "Schäfer", "Böhm", "Lang", "Roth")),
    Place("NL", "+3120555", "nl", "Europe/Amsterdam", "North", ("Amsterdam", "Leiden", "Rotterdam", "Utrecht", "Den Haag"),
          ("Noor", "Daan", "Sanne", "Joost", "Femke", "Bram", "Lotte", "Ruben", "Anouk", "Thijs"),
          ("de Vries", "Jansen", "van Dijk", "Bakker", "Visser", "Smit", "Mulder", "de Groot", "Bos", "Vos")),
    Place("PT", "+35121555", "pt", "Europe/Lisbon", "South", ("Lisboa", "Porto", "Sintra", "Braga", "Faro"),
          ("Beatriz", "Paulo", "Inês", "João", "Rita", "Miguel", "Catarina", "Tiago", "Sofia", "Nuno"),
          ("Nunes", "Ferreira", "Almeida", "Gonçalves", "Ribeiro", "Carvalho", "Lopes", "Marques", "Pinto", "Sousa")),
    Place("IT", "+3902555", "it", "Europe/Rome", "South", ("Milano", "Lodi", "Roma", "Torino", "Bologna"),
          ("Matteo", "Giulia", "Luca", "Chiara", "Paolo", "Elena", "Davide", "Francesca", "Marco", "Sara"),
          ("Ricci", "Conti", "Greco", "Bruno", "Gallo", "Costa", "Fontana", "Moretti", "Barbieri", "Rizzo")),
    Place("GB", "+4420755", "en", "Europe/London", "North", ("London", "Leeds", "Bristol", "Glasgow", "Cardiff"),
          ("Oliver", "Lucy", "Colm", "Amara", "Harriet", "George", "Priti", "Fergus", "Isla", "Rhys"),
          ("Grant", "Amadi", "Byrne", "Pryce", "Khan", "Walker", "Patel", "Fraser", "Hughes", "Osborne")),
    Place("HR", "+38515550", "hr", "Europe/Zagreb", "South", ("Zagreb", "Split", "Rijeka", "Osijek", "Zadar"),
          ("Ana", "Ivan", "Petra", "Luka", "Marija", "Tomislav", "Iva", "Josip", "Lucija", "Marko"),
          ("Horvat", "Kovačević", "Babić", "Marić", "Jurić", "Novak", "Knežević", "Vuković", "Perić", "Božić")),
    Place("TR", "+90212555", "tr", "Europe/Istanbul", "South", ("İstanbul", "İzmir", "Ankara", "Bursa", "Antalya"),
          ("Yusuf", "Ayşe", "Emre", "Zeynep", "Mehmet", "Elif", "Can", "Derya", "Burak", "Selin"),
          ("Demir", "Yılmaz", "Kaya", "Çelik", "Şahin", "Öztürk", "Aydın", "Arslan", "Doğan", "Koç")),
    Place("FR", "+33155500", "fr", "Europe/Paris", "South", ("Paris", "Lyon", "Annecy", "Nantes", "Lille"),
          ("Camille", "Hugo", "Léa", "Antoine", "Chloé", "Jules", "Manon", "Étienne", "Zélie", "Rémi"),
          ("Moreau", "Lefèvre", "Garnier", "Dubois", "Mercier", "Fabre", "Blanchard", "Noël", "Rousseau", "Perrin")),
)  # fmt: skip

# Kind of building: (industry, name patterns with {place} and {word}, typical employees, sensors per site)
BUILDINGS = (
    ("Hospitality", ("Hotel {word}", "{word} Resorts", "{word} Hotels", "Hostel {place}"), 90, 60),
    ("Housing", ("{word} Housing Association", "{place} Bostad", "{word} Apartments", "Woonstad {place}"), 60, 140),
    ("Healthcare", ("Hospital {place}", "{word} Clinic", "Senior Living {place}", "{word} Care"), 420, 180),
    ("Education", ("University of {place}", "{word} Academy", "Campus {place}", "{word} Student Homes"), 700, 160),
    ("Municipality", ("{place} Municipality", "City of {place}", "Gemeente {place}", "{place} Archive"), 900, 120),
    ("Offices", ("{word} Offices", "{word} Cowork", "{word} Property Management", "{place} Tower"), 35, 70),
    ("Retail", ("{word} Shopping", "{place} Arcades", "{word} Markets", "{word} Garden Centres"), 150, 50),
    ("Culture", ("Museum {place}", "{word} Theatre", "Library {place}", "{word} Concert Hall"), 80, 45),
)
FANCY = (
    "Bellevue", "Atlas", "Rosenlund", "Harbour View", "Mirador", "Fjordheim", "Kaleido", "Linden", "Aurora", "Solaris",
    "Castello", "Vista Mar", "Old Mill", "North Quay", "Meridian", "Arlberg", "Sjöstaden", "Tivoli", "Skansen", "Ribeira",
    "Merkur", "Parc des Lices", "Casa Blanca", "Lion City", "Brouwerij", "Hafencity", "Kungsparken", "Krone", "Osiedle Zielone",
    "Stella", "Montblanc", "Adriatic", "Bosphorus", "Westerpark", "Belém", "Navigli", "Thames", "Pine Hill", "Lakeside", "Corona",
)  # fmt: skip
JOBS = (
    "Facilities director", "Technical manager", "Head of operations", "Property manager", "Purchasing lead",
    "Managing director", "Night porter", "Building engineer", "Finance director", "Insurance officer", "Caretaker", "IT manager",
)  # fmt: skip
SOURCES = (
    "Webinar “Winter pipes”",
    "Trade fair",
    "Recommendation",
    "Website form",
    "Insurance partner",
    "Cold call",
    "Article",
    "Partner",
)
PRODUCTS = (
    ("Drop", "TW-D1", "Sensors", 49, ""), ("Drop Pro", "TW-D2", "Sensors", 89, ""), ("Riser valve", "TW-V1", "Valves", 420, ""),
    ("Gateway", "TW-G1", "Gateways", 310, ""), ("Watch, per sensor and year", "TW-S1", "Services", 24, "year"),
    ("Night desk, per site and year", "TW-S2", "Services", 1400, "year"), ("Installation day", "TW-I1", "Services", 980, ""),
)  # fmt: skip
DEAL_THINGS = (
    "Pilot, east wing", "Main building", "{n} buildings", "Pilot to full", "Renewal and {s} sensors", "Cellars", "Tower B",
    "Spa extension", "{n} stairwells", "Boiler rooms", "Archive floor", "All sites", "Kitchen and laundry", "Night desk",
)  # fmt: skip
COMPETITORS = ("Hydrosense", "LeakBot Works", "AquaGuard", "in-house caretakers", "Waterline")
NOTES = (
    "Insurance renewal is in {month}; the broker asks for leak detection on every riser.",
    "Three leaks last winter, the worst one in the archive. Damage about €{k},000.",
    "Decision is made by the board; it meets on the first Tuesday of the month.",
    "They want the night porter to get the alarm first, then us.",
    "Compared us with {rival}; our battery life made the difference.",
    "Needs proof that the valves close by themselves during a power cut.",
    "Keys are at the reception; the cellar needs an appointment.",
    "Asked twice about data protection. Sent the contract annex.",
)
CALLS = (
    "First talk about leaks", "Follow-up on the offer", "Site survey prepared", "Questions on installation", "Price talk",
    "Alarm test reviewed", "Check-in after the first month", "Called back about the valves", "Renewal talk",
)  # fmt: skip
MEETINGS = (
    "Demo of the leak map",
    "Site survey",
    "Offer walked through",
    "Kick-off",
    "Quarterly review",
    "Board presentation",
)
TASKS = (
    "Send the data sheet", "Call back with the price", "Send the contract", "Book the survey", "Ask for the floor plans",
    "Answer the legal questions", "Quote 40 more sensors", "Check in after the alert", "Find a second contact", "Plan the training",
)  # fmt: skip
LOST_WORDS = (  # for each of the reasons that come with deals, in their order
    ("Too much for a building that size.", "The board wants it for half.", ""),
    ("The other one was cheaper.", "They had worked with the others before.", ""),
    ("We have to save this year.", ""),
    ("",),
    ("Our landlord decides.", "The cellar has no mains power.", ""),
    ("It is not urgent for us now.", "After the renovation, perhaps.", ""),
)
COMPARED = (0, 1)  # reasons that name a competitor
WON_WORDS = ("The pilot caught a leak in week two.", "You answered at night.", "Our insurer recommended you.", "")
