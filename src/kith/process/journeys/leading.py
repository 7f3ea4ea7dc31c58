"""Who passes a gate that only a team lead passes with a reason: a lead of the team that owns the stage which is left or entered, or
of a team of whoever looks after the relationship; and those who manage. Where there is no such team, whoever leads any."""

from __future__ import annotations

from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import Team
from kith.process.definition.shape import Stage
from kith.process.models import Journey


class Leading:
    """For one relationship on its way from a stage to another, or to none. Asked when it is needed: once, and once
    more where there is no such team."""

    def __init__(self, row: Journey, here: Stage, to: Stage | None):
        self.row, self.stages = row, [stage for stage in (here, to) if stage is not None]

    @cached_property
    def teams(self) -> list[Team]:
        """Those whose leads may."""
        names = {stage.owned_by(self.row.segment) for stage in self.stages} - {""}
        whose = Q(name__in=names) | Q(pk=self.row.team_id)
        if self.row.owner_id:
            whose |= Q(members=self.row.owner_id)
        return list(Team.objects.filter(whose).distinct())

    def may(self, by: Actor) -> bool:
        if by.role == "manager" or by.can("settings.manage"):
            return True
        leads = {team.lead_id for team in self.teams}
        return by.user_id in leads if self.teams else Team.objects.filter(lead=by.user_id or 0).exists()

    @property
    def words(self) -> str:
        """Who may, to stand in a sentence: "a lead of North or South"."""
        if not self.teams:
            return _("a team lead")
        return _("a lead of %s") % _(" or ").join(team.name for team in self.teams)
