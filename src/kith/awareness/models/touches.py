"""How somebody found us: an immutable log of touches, visits of people who consented and are not known yet, and which
visitor is which person.

The database refuses to change or delete a touch (migration 0004), apart from whose it is (a merge), which campaign it
belongs to, and the deletion of a person's whole trail.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from kith.awareness.models.campaigns import Campaign, Channel


class Come(models.Model):
    """Where somebody came from: what addresses said, and the page. Addresses are kept without what follows “?” and “#”."""

    at = models.DateTimeField(default=timezone.now)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    source = models.CharField(max_length=200, default="", blank=True)
    medium = models.CharField(max_length=200, default="", blank=True)
    word = models.CharField(max_length=200, default="", blank=True)  # utm_campaign as it came
    content = models.CharField(max_length=200, default="", blank=True)
    term = models.CharField(max_length=200, default="", blank=True)
    landing = models.CharField(max_length=500, default="", blank=True)
    referrer = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        abstract = True


class Touch(Come):
    """One contact of a known person with us. `through`: form, mail, chat, event, visit, referral, …"""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="touches", db_index=False)
    campaign = models.ForeignKey(Campaign, models.SET_NULL, null=True, blank=True, related_name="touches")
    through = models.CharField(max_length=20)
    event = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "at"], name="touch_person_at")]


class Visit(Come):
    """A visit of somebody who consented on the organisation's site and is not known yet. `visitor` is a digest; `agreed_at` and
    `wording` are when they said yes on the site, and to what, as far as its script tells."""

    id = models.BigAutoField(primary_key=True)
    visitor = models.CharField(max_length=64)
    agreed_at = models.DateTimeField(null=True)
    wording = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["visitor", "at"], name="visit_visitor_at"),
            models.Index(fields=["at"], name="visit_at"),
        ]


class Known(models.Model):
    """This visitor is that person, since they said so in a form."""

    visitor = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="known_visitors")
    since = models.DateTimeField(default=timezone.now)
