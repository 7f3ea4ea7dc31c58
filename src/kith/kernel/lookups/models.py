"""Saved views: a filter tree with columns, sort and face, personal or shared."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Sharing(models.TextChoices):
    """Who finds a view beside its owner. What they find in it is still only what they may see."""

    NOBODY = "", _("Only me")
    TEAM = "team", _("My team")
    ALL = "all", _("Everybody")


class SavedView(models.Model):
    """`filter` is the tree's JSON form; a column that is gone stays in it and is shown struck through."""

    record = models.CharField(max_length=40)
    name = models.CharField(_("Name"), max_length=120)
    filter = models.JSONField(default=dict, blank=True)
    query = models.CharField(max_length=200, default="", blank=True)
    sort = models.CharField(max_length=80, default="", blank=True)
    columns = models.JSONField(default=list, blank=True)
    face = models.CharField(max_length=12, default="list")
    options = models.JSONField(default=dict, blank=True)  # face's own choices: board axis, calendar column
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="views")
    shared = models.CharField(
        _("Shared with"), max_length=8, choices=Sharing.choices, default=Sharing.NOBODY, blank=True
    )
    team = models.ForeignKey("accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["record", "owner", "name"], name="one_view_of_a_name")]

    def __str__(self) -> str:
        return self.name


class ViewChoice(models.Model):
    """What one person made of a view: pinned beside the others, opened first, its place among the tabs (those without
    one come after). `view` is a saved view's id, "all" or a declared view's key ("declared:no-next-step")."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    record = models.CharField(max_length=40)
    view = models.CharField(max_length=80)
    pinned = models.BooleanField(default=False)
    default = models.BooleanField(default=False)
    position = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "record", "view"], name="one_choice_per_view")]
