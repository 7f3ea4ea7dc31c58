"""What the first four steps of the sample company are made of: ways in, campaigns, forms, letters, questions, rules."""

from __future__ import annotations

from dataclasses import dataclass

SITE = "https://www.tidewell.example"


@dataclass(frozen=True)
class Way:
    """One way in which people come to Tidewell. `share`: how many of them do; `wins`: how readily their deals are won, ads
    being 1. `through` and `form` are how they make themselves known; the words are those of the address they came by."""

    key: str
    source: str
    share: float
    wins: float
    through: str
    form: str = ""
    medium: str = ""
    site: str = ""
    campaigns: tuple[str, ...] = ()
    referrer: str = ""


# Planted: deals of people who were recommended are won twice as often as those of people who came by an ad.
WAYS = (
    Way("recommendation", "Recommendation", 0.16, 2.0, "referral"),
    Way("ads", "Search ads", 0.16, 1.0, "form", "leak-check", "cpc", "google", ("leak-ads",), "https://www.google.com/"),
    Way("website", "Website", 0.22, 1.4, "form", "leak-check", referrer="https://duckduckgo.com/"),
    Way("webinar", "Webinar “Winter pipes”", 0.14, 1.3, "form", "winter-pipes", "webinar", "newsletter",
        ("winter-pipes-1", "winter-pipes-2", "winter-pipes-3")),
    Way("fair", "Trade fair", 0.14, 1.5, "event", campaigns=("hall-four-1", "hall-four-2")),
    Way("article", "Article", 0.10, 1.2, "form", "price-guide", "email", "newsletter", ("tide-letter",)),
    Way("partner", "Insurance partner", 0.08, 1.7, "form", "leak-check", "partner", "nordsure", ("nordsure",)),
)  # fmt: skip
WON = 0.342  # of the deals that ended; what the story tells whatever the way
BY_WAY = {way.key: way.wins * WON / sum(w.share * w.wins for w in WAYS) for way in WAYS}
BY_KEY = {way.key: way for way in WAYS}
# Planted: whoever is answered within an hour becomes a deal half as often again as whoever waits longer.
FAST_SHARE, FAST_GAIN = 0.5, 1.5


@dataclass(frozen=True)
class Told:
    """A campaign. Days are counted back from today; `costs` are spread over its time."""

    key: str
    name: str
    channel: str
    began: int
    ends: int
    budget: int
    costs: int
    cost: str


CAMPAIGNS = (
    Told("leak-ads", "Search ads, leak sensors", "ads", 548, -60, 30_000, 18, "Clicks of the month"),
    Told("tide-letter", "The tide letter", "email", 548, -365, 5_000, 9, "Writing and sending"),
    Told("nordsure", "Nordsure policy holders", "partner", 548, -90, 9_000, 6, "Commission"),
    Told("winter-pipes-1", "Winter pipes, first season", "webinar", 548, 366, 3_500, 3, "Speaker and platform"),
    Told("winter-pipes-2", "Winter pipes, second season", "webinar", 365, 181, 3_500, 3, "Speaker and platform"),
    Told("winter-pipes-3", "Winter pipes, this season", "webinar", 180, -30, 4_000, 3, "Speaker and platform"),
    Told("hall-four-1", "Building services fair, hall 4", "fair", 548, 275, 14_000, 4, "Stand"),
    Told("hall-four-2", "Property days, stand B12", "fair", 274, -20, 11_000, 4, "Stand"),
)

FORMS = {
    "leak-check": ("Leak check", "Ask for a leak check", "What leaks, and where?"),
    "price-guide": ("Price guide", "Get the price guide", "What do you look after?"),
    "winter-pipes": ("Winter pipes", "Register for the webinar “Winter pipes”", "What should we speak about?"),
}
WHY = {
    "leak-check": (
        "Two leaks this winter, both found too late.", "Our insurer asks for leak detection on every riser.",
        "The cellar was under water in March. What would sensors cost for it?", "We take over a second building in autumn.",
    ),
    "price-guide": ("Forty flats, built in 1971.", "A hotel with 60 rooms and a spa.", "Three schools and a library."),
    "winter-pipes": ("How long do the batteries last?", "What happens during a power cut?", "Who is called at night?"),
}  # fmt: skip
ANSWERS = (
    ("Your leak check", "Hello {given},\n\nthank you for writing. May I ask how many risers there are, and who is called at night?\n\n{owner}"),
    ("What you asked us", "Hello {given},\n\nI read what you wrote. The short answer is yes; the long one takes a call of ten minutes. Would Thursday do?\n\n{owner}"),
)  # fmt: skip
REPLIES = (
    "Thank you. There are eleven risers; at night the porter is called. Thursday is fine.",
    "That was quick. Yes, please call me before noon.",
    "We have to ask the board first. Can you send me something to show them?",
)
GOODBYES = ("Gladly. I have put two pages together for your board.\n\n{owner}", "I will call you then.\n\n{owner}")

SEQUENCE = "After the first talk"
LETTERS = (
    ("After the talk", "What we spoke about", "Hello {{ person.given_name | \"there\" }},\n\nthank you for your time. In short: **one alarm for the porter, one for us**, and the valve closes by itself.\n\n{{ owner.first_name }}"),
    ("After the talk, in short", "One alarm, one valve", "Hello {{ person.given_name | \"there\" }},\n\nthe valve closes by itself, and the porter knows first. May I show you?\n\n{{ owner.first_name }}"),
    ("A building like yours", "How a building like yours did it", "Hello {{ person.given_name | \"there\" }},\n\na house with as many risers as {{ company.name | \"yours\" }} stopped its third leak within four minutes. I have the page here, if you like.\n\n{{ owner.first_name }}"),
)  # fmt: skip
SNIPPETS = (("Battery life", "The battery of a Drop lasts seven years; we change it without a visit."),
            ("Data protection", "Sensors know water, not people. Nothing leaves the European Union."))  # fmt: skip
STEPS = [
    {"do": "mail", "template": LETTERS[0][0], "other": LETTERS[1][0]}, {"do": "wait", "for": "3 business days"},
    {"do": "mail", "template": LETTERS[2][0]}, {"do": "wait", "for": "4 business days"},
    {"do": "call", "subject": "Ask whether it is the right moment", "within": "1 business day"},
]  # fmt: skip
THEY_SAY = (
    "Yes, let us talk on Tuesday.", "Please call our caretaker, he knows the pipes.", "Interesting. What does it cost for two houses?",
)  # fmt: skip
THEMES = ("Price", "Safety", "Day to day", "Data")
QUESTIONS = (
    ("What if the power is cut?", "Drop and valve have batteries of their own; the valve closes without mains.", "Our insurer asks what happens without power.", "Safety"),
    ("Is it too dear for a building this size?", "The pilot is one riser. It has paid for itself where it stopped one leak.", "That is a lot for forty flats.", "Price"),
    ("Who is called at night?", "Whom you say: the porter first, our night desk after four minutes.", "Nobody here gets up at three.", "Day to day"),
    ("What becomes of our data?", "Sensors know water, not people. The contract says it in an annex.", "The works council will ask about data.", "Data"),
)  # fmt: skip
ASSETS = (
    ("Leak check on one page", "brochure", "Where water goes, and how fast a valve closes.", ["capture", "qualify"]),
    (
        "A hotel in Gdańsk",
        "case",
        "Three leaks in one winter, then none: told by their night porter.",
        ["engage", "deal"],
    ),
    ("Price guide", "prices", "What a pilot, a building and a night desk cost.", ["qualify", "deal"]),
    ("First week checklist", "checklist", "What to do in the first week, riser by riser.", ["convert", "onboard"]),
)
RESEARCH = (
    (
        "Insurers ask for leak detection in houses from before 1980",
        60,
        12,
        f"{SITE}/research/insurers",
        "That the insurer asks nothing more, and nobody has to be there when it leaks.",
    ),
    (
        "Facility budgets are decided in October",
        300,
        12,
        f"{SITE}/research/budgets",
        "A price for the whole building that stands until October.",
    ),
    (
        "Hotels compare by how they are called at night",
        500,
        12,
        f"{SITE}/research/night",
        "Being called once at night, by somebody who knows which riser it is.",
    ),
)
FITTING = ((0, 0), (0, 1), (1, 2))  # a segment and an asset for it, by their places
PROFILES = (
    ("Building with many risers", "icp", "company", "A house that water can run through.", (
        ("Has to be dry", "industry.has:Hospitality", 3, "A closed room costs them a night."),
        ("Fifty people or more work there", "employees.at_least:50", 2, "Somebody is there at night."),
        ("Is a customer's kind", "tags.filled", 1, ""))),
    ("Who answers for the building", "persona", "person", "They are called when it leaks.", (
        ("Answers for the building", 'any(job_title.has:facilit,job_title.has:technical,job_title.has:building)', 3, ""),
        ("Can be written to", "emails.filled", 1, ""))),
    ("Who holds the budget", "persona", "person", "They sign.", (
        ("Decides about money", 'any(job_title.has:director,job_title.has:purchasing)', 3, ""),)),
)  # fmt: skip
SEGMENTS = (
    (
        "Technical people",
        "any(job_title.has:facilit,job_title.has:technical,job_title.has:building)",
        "Whom a leak wakes up.",
    ),
    ("Came by an ad", 'source.is:"Search ads"', "To see what the ads are worth."),
    ("Warm and without a deal", "score.at_least:25,standing.empty", "Whom to turn to next."),
)
RULES = (  # name, part, points, where, verb, most, half-life
    ("Answers for the building", "fit", 20, 'any(job_title.has:facilit,job_title.has:technical,job_title.has:building)', "", None, None),
    ("Holds the budget", "fit", 15, 'any(job_title.has:director,job_title.has:purchasing)', "", None, None),
    ("Hospitality or healthcare", "fit", 10, "any(industry.has:Hospitality,industry.has:Healthcare)", "", None, None),
    ("Sent a form", "engagement", 15, "", "form.submitted", 30, 60),
    ("Wrote to us", "engagement", 20, "", "mail.received", 40, 30),
    ("Asked a question", "engagement", 5, "", "objection.raised", 15, 90),
)  # fmt: skip
BANDS = (("Cold", 0), ("Warm", 25), ("Hot", 50))
PURPOSES = (
    ("newsletter", "The tide letter", "A letter about leaks once a month.", "Write to me once a month about leaks and how to stop them."),
    ("tracking", "Visits to our site", "Which of our pages somebody reads.", "Remember which pages I read, so that you know what I ask about."),
)  # fmt: skip
WITHIN = "1 business hour"  # somebody answers
CHECKED = {  # answers to the shipped questions, by their key
    "budget": ("Set aside for this year, held by the finance director", "Said on the phone"),
    "need": ("A closed floor for a week after each leak", "Their mail"),
    "timing": ("Before the heating season", "Said on the phone"),
}
NOT_FIT = ("Rents; the landlord decides", "Their landlord, with the price guide")
REVIEW = (  # given, family, address, words, why it waits, looks like spam
    ("Petra", "", "petra@bellevue-office.example", "Please send the price guide again.", "", ""),
    ("A. Nyström", "", "nystrom.private@mail.example", "I wrote from work before. Can you call my own number?", "it is perhaps somebody we know", ""),
    ("", "", "cheap-seo@rank.example", "We bring your site to page one.", "", "a field that nobody sees was filled in"),
    ("Jan", "Mazur", "j.mazur@mail.example", "Who comes at night?", "it is perhaps somebody we know", ""),
)  # fmt: skip
