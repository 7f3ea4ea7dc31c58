"""The words of Tidewell's surveys, articles, references and ideas."""

from __future__ import annotations

from typing import Any

CUSTOMERS: dict[str, Any] = {
    "name": "People of customers",
    "how": "dynamic",
    "subject": "person",
    "conditions": "standing.is:won",
}
SURVEY: dict[str, Any] = {
    "name": "Would you recommend us", "kind": "nps", "asks_after": "", "rest_days": 60, "follow_within": "1 business day",
    "questions": {"de": "Wie wahrscheinlich ist es, dass Sie Tidewell weiterempfehlen?"},
}  # fmt: skip
AFTER_TICKETS: dict[str, Any] = {
    "name": "After a ticket",
    "kind": "csat",
    "asks_after": "ticket.solved",
    "delay": 120,
    "rest_days": 30,
}
SAID = {
    "high": (
        "It found the leak before we did.",
        "Ines calls back, always.",
        "Set up in a morning.",
        "We sleep better.",
    ),
    "middle": ("Good, but the app is slow.", "It does what it should.", "The battery could last longer."),
    "low": (
        "Three false alarms in a week.",
        "Nobody showed us how it works.",
        "We waited nine days for an answer.",
        "Too loud at night.",
    ),
}
OUTCOMES = (
    "Called, and trained the front desk",
    "Replaced two sensors",
    "Set the threshold anew together",
    "Apologised; they stay",
)
DOUBT = "It was sent from the network that whoever recommends us uses."
PROGRAMME: dict[str, Any] = {
    "name": "Friends of Tidewell", "reward": "100 euros, or two sensors", "amount": 100, "currency": "EUR", "outcome": "deal.won",
    "friend_reward": "A leak check of your building", "about_text": "Tidewell finds water where it should not be, before it costs you a ceiling.",
}  # fmt: skip
SITE: dict[str, Any] = {
    "name": "Building Guide",
    "url": "https://reviews.example/tidewell",
    "asks_after": "onboarding.completed",
    "share": 50,
}
WHY = "Onboarded well, and answered that they would recommend us"
TITLES = {
    "story": "Dry again: {company}",
    "quote": "A word of {company}",
    "call": "{company} takes calls",
    "logo": "{company} on our site",
}
REFERENCES = (
    ("story", "published"), ("call", "published"), ("quote", "approved"), ("logo", "agreed"), ("story", "draft"), ("quote", "asked"),
    ("story", "proposed"),
)  # fmt: skip
WAY: tuple[tuple[str, dict[str, str]], ...] = (
    ("ask", {}), ("agree", {"words": "You may tell how it went, with our name.", "who": "{who}"}),
    ("write", {"draft": "Water came through the ceiling twice a year. It has not since."}), ("approve", {"who": "{who}"}), ("publish", {}),
)  # fmt: skip
IDEAS = (
    (
        "Alarm by text message",
        "Nobody reads mail at three in the morning.",
        "done",
        "It is there: under Alarms, add a number.",
        0.30,
    ),
    (
        "A lamp on the sensor",
        "So that one sees from the door which one it is.",
        "planned",
        "Comes with the next sensors, in spring.",
        0.24,
    ),
    ("Reports for the insurer", "One page a quarter, with every alarm and what was done.", "open", "", 0.21),
    (
        "Share the leak map with the plumber",
        "He has no account with you, and needs to see one floor.",
        "open",
        "",
        0.15,
    ),
    ("Quiet hours", "The siren wakes guests on the wrong floor.", "started", "We try it with three hotels.", 0.12),
    (
        "Sensors for pools",
        "Chlorine eats the ones we have.",
        "declined",
        "Others do this well; we asked two for a price for you.",
        0.05,
    ),
)
ARTICLES: tuple[tuple[str, str, str, str, tuple[int, int], tuple[str, str] | None], ...] = (
    ("Sensors", "Reset a sensor", "Press the button on its back for **ten seconds**, until the lamp blinks twice.\n\n- It is found again within a minute.\n- Its name and place stay.", "public", (31, 36),
     ("Einen Sensor zurücksetzen", "Drücken Sie den Knopf auf der Rückseite **zehn Sekunden** lang, bis die Lampe zweimal blinkt.")),
    ("Sensors", "Change the battery", "The lamp blinks red once a minute when the battery is low. Turn the cover to the left; it takes two AA cells.", "public", (22, 24), None),
    ("Sensors", "A sensor reads 0 % after rain", "Water under the plate shorts it. Dry the plate, then [reset it](/knowledge/reset-a-sensor). If it stays, write to us.", "public", (9, 17), None),
    ("Alarms", "Who is called when water is found", "Under Alarms, in order: each number has five minutes to answer before the next is called.", "public", (14, 15),
     ("Wer bei Wasser angerufen wird", "Unter Alarme, der Reihe nach: jede Nummer hat fünf Minuten, bevor die nächste angerufen wird.")),
    ("Alarms", "Set the threshold", "A cellar is damp by itself. Set it to what the dry days show, plus ten points.", "public", (11, 19), None),
    ("Bills", "Where your invoices are", "They come by mail on the first. Every one of them stands in the portal as well.", "public", (7, 8), None),
    ("How we work", "When a hotel calls at night", "Ask for the floor first. Who is on call has the list of shut-off valves.", "internal", (0, 0), None),
)  # fmt: skip
LOOKED_FOR = (
    ("change invoice address", 9),
    ("cancel contract", 6),
    ("wifi password", 4),
    ("move sensor to new building", 3),
    ("pool", 2),
)
