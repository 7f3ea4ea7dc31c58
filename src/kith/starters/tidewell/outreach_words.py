"""What Tidewell writes to many, says in its chat and offers on its booking page, in words and shares."""

from __future__ import annotations

from typing import Any

# name, days ago, subject, text, asset that goes along, what a reader wrote back
MAILINGS = (
    ("The tide letter, summer", 251, "Three leaks, one night porter",
     "Hello {{ person.given_name | \"there\" }},\n\na hotel in Gdańsk had three leaks in one winter, and none since. Their night porter tells how.\n\nThe tide letter",
     "A hotel in Gdańsk"),
    ("The tide letter, autumn", 158, "Before the pipes freeze",
     "Hello {{ person.given_name | \"there\" }},\n\nten minutes before the first frost: which pipes freeze first, and what to close. The page is attached.\n\nThe tide letter",
     "Leak check on one page"),
    ("The tide letter, new year", 64, "What a leak costs by the hour",
     "Hello {{ person.given_name | \"there\" }},\n\nwe counted 214 leaks: what the first hour costs, and the fourth. The page is attached.\n\nThe tide letter",
     "Leak check on one page"),
)  # fmt: skip
DRAFT = "The tide letter, spring"  # written, and not sent yet
ANSWERS = (
    "We had just that in March. Can somebody call me?", "Does this work for cast-iron risers?",
    "Thank you. Please send it to our caretaker too.", "What would that be for eleven flats?",
)  # fmt: skip
CAME_BACK = {"replied": 0.18, "bounced": 0.05}  # of those who got it, in no sequence and no customers
READERS = ("Came by themselves", "Who looked for us, by whichever way.")
FULL = "Their mailbox is full."

CHAT: dict[str, Any] = {
    "languages": ["en"], "title": {"en": "Talk to Tidewell"}, "greeting": {"en": "Hello. Is something leaking, or are you looking around?"},
    "away": {"en": "We are back at nine. Leave your address, and we will answer you by mail."}, "consents": [],
    "theme": {"accent": "teal", "mode": "auto"},
    "bot": {"on": True, "name": {"en": "Tidewell’s bot"}, "steps": [
        {"key": "topic", "kind": "choice", "say": {"en": "What is it about?"}, "options": [
            {"value": "leak", "label": {"en": "A leak, right now"}, "goto": "human"}, {"value": "offer", "label": {"en": "An offer"}}]},
        {"key": "name", "kind": "text", "column": "person.name", "say": {"en": "What is your name?"}},
        {"key": "email", "kind": "text", "column": "person.email", "optional": True, "say": {"en": "Where can we write to you?"}, "goto": "human"},
    ]},
}  # fmt: skip
# What somebody asked, and what a colleague answered; and what followed.
TALKS = (
    ("Do your sensors work under a screed?", "They do, up to eight centimetres. Which floor is it?", "Ground floor, 1962.", "Then I would begin at the riser. I send you the page."),
    ("How long does the battery last?", "Seven years in a Drop. We change it without a visit.", "Good, thank you.", "Gladly. I note it with your house."),
    ("Who is called at night?", "Whom you say: the porter first, our night desk after four minutes.", "And at weekends?", "The same people, every day of the year."),
    ("Can the valve be closed by hand?", "Yes, with a quarter turn. It tells us that you did.", "That is what our caretaker asked.", "Say hello to him from us."),
    ("Is there an offer for four houses?", "There is, from three on. May I call you about it?", "Tomorrow morning, please.", "At nine then."),
)  # fmt: skip
ANONYMOUS = ("Just looking, thank you.", "All right. We are here until five.")
CHATS = 0.25  # of leads who had been answered before and are no customers, in the last `TALKED` days
TALKED = 75

PAGE: dict[str, Any] = {
    "name": "A first talk", "key": "first-talk", "lengths": "30, 45", "every": 30, "notice": 240, "ahead_days": 42,
    "about_text": "Half an hour about your house: where water goes, and what a sensor would have said.",
    "questions": "What do you look after?*\nWhat leaked last?", "place": "https://meet.tidewell.example/first-talk",
}  # fmt: skip
SAID = ("Forty flats from 1971.", "A hotel with 60 rooms.", "Three schools.", "A care home with a spa.")
LEAKED = ("A riser, in March.", "The dishwasher on the third floor.", "Nothing yet.")
BOOKED = 0.6  # of the first talks of the last `MET` days and of those to come were booked through the page
MET = 150
MISSED, CANCELLED = 0.08, 0.07  # beside those that took place
WHY = ("Our caretaker is ill.", "We decide after the summer.")
