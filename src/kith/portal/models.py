"""The customer's own door: links by mail that work once, visits apart from colleagues' sessions, what the organisation shows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Door(models.Model):
    """What the organisation lets customers do here; one row at most. Shut until somebody opens it."""

    open = models.BooleanField(_("Customers can sign in"), default=False)
    company_wide = models.BooleanField(_("They see what their colleagues asked"), default=False)
    shows_orders = models.BooleanField(_("They see their orders"), default=True)
    welcome = models.TextField(_("Words on the first page"), default="", blank=True)


class Key(models.Model):
    """A link that was mailed: known by its digest alone, works once and for a short time."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="portal_keys")
    address = models.CharField(max_length=254)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)


class Visit(models.Model):
    """Somebody who came in: known by the digest of what their cookie holds. It ends by leaving, or when nobody came for a while."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="portal_visits")
    address = models.CharField(max_length=254)
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-began_at"], name="portal_visit_of")]
