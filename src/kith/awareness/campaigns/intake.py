"""Who came, from a file: the list of an event or a stand as members of a campaign, each with their state. An import target that
is no record: nobody is made by it, and whom we do not know is refused by name, to be imported as people first.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kith.awareness.campaigns.actions import NEEDS, set_state
from kith.awareness.campaigns.queries import campaign_for
from kith.awareness.models import ANSWERED, Campaign, Member, State
from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.mapping import Mapping
from kith.kernel.kinds import Choice, Moment, Text
from kith.kernel.records.columns import Column, Facts
from kith.kernel.records.registry import registry
from kith.kernel.segments.recognising import recognise

WHO = ("email", "phone", "name")  # by what somebody is recognised, the surest first


def _column(key: str, label: Any, kind: Any, required: bool = False) -> Column:
    return Column(key, label, kind, Facts(), key, "campaign_member", required=required)


class CampaignMembers:
    """The import target. Without a state of their own rows stand for people who attended."""

    name, slug, icon = "campaign_member", "campaign-members", "people"
    label, plural = lazy("Campaign member"), lazy("Campaign members")
    match: tuple[str, ...] = WHO
    record = None
    lane, place = "", "/campaigns/"

    def columns(self, actor: Actor, mapping: Mapping | None = None) -> dict[str, Column]:
        return {
            column.key: column
            for column in (
                _column("campaign", lazy("Campaign"), Text(160), required=True),
                _column("email", lazy("E-mail"), Text(320)),
                _column("phone", lazy("Phone"), Text(60)),
                _column("name", lazy("Name"), Text(300)),
                _column("state", lazy("State"), Choice(dict(State.choices))),
                _column("at", lazy("When"), Moment()),
            )
        }

    def allow(self, actor: Actor) -> None:
        actor.require(NEEDS)

    def session(self, mapping: Mapping, columns: dict[str, Column], actor: Actor, run: int) -> _Session:
        return _Session(mapping, actor)

    def url(self, pk: int) -> str:
        return str(registry["person"].url(pk))

    def names(self, pks: set[int], actor: Actor) -> dict[int, str]:
        people = registry["person"]
        return {row.pk: people.name_of(row) for row in people.rows(actor).filter(pk__in=pks)}


class _Session:
    """What one run knows: campaigns by the word that named them, so that a file of one fair asks once."""

    def __init__(self, mapping: Mapping, actor: Actor):
        self.mapping, self.actor = mapping, actor
        self.campaigns: dict[str, Campaign | None] = {}

    def resolve(self, drafts: list[Draft]) -> None:
        asked = {id(draft): self._words(draft) for draft in drafts}
        found = recognise(registry["person"], [w for words in asked.values() for w in words], self.actor)
        for draft in drafts:
            campaign = self._campaign(draft.values.get("campaign", ""))
            if campaign is None:
                draft.refuse(_("There is no campaign “%s” that you may change.") % draft.values.get("campaign", ""))
                continue
            words = asked[id(draft)]
            person = next((found.rows[word] for word in words if word in found.rows), None)
            if person is None:
                draft.refuse(self._why(words, found.unsure))
                continue
            draft.record_id, draft.keys = person, [f"{campaign.pk}:{person}"]

    def _words(self, draft: Draft) -> list[str]:
        return [" ".join(str(draft.values[key]).split()) for key in WHO if draft.values.get(key)]

    def _why(self, words: list[str], unsure: list[str]) -> str:
        if not words:
            return _("Nobody is named: an e-mail address, a phone number or a name is needed.")
        if any(word in unsure for word in words):
            return _("More than one person is meant by “%s”; give the e-mail address.") % words[0]
        return _("Nobody is known by “%s”; import them as people first.") % words[0]

    def _campaign(self, word: str) -> Campaign | None:
        if word not in self.campaigns:
            found = campaign_for(word)
            reached = registry["campaign"].rows(self.actor, "edit", archived=False)
            self.campaigns[word] = found if found and reached.filter(pk=found.pk).exists() else None
        return self.campaigns[word]

    def forget(self) -> None:
        """Nothing is remembered of what was taken back."""

    def dump(self, draft: Draft) -> dict[str, Any]:
        kinds = CampaignMembers().columns(self.actor)
        return {key: kinds[key].kind.dump(value) for key, value in draft.values.items() if key in kinds}

    def find(self, drafts: list[Draft]) -> None:
        people = [draft.record_id for draft in drafts if not draft.refused]
        known = {(m.campaign_id, m.person_id): m for m in Member.objects.filter(person__in=people)}
        for draft in drafts:
            if not draft.refused:
                campaign = self._campaign(draft.values["campaign"])
                draft.existing = known.get((campaign.pk if campaign else 0, draft.record_id or 0))

    def write(self, drafts: list[Draft]) -> None:
        """Everybody of one campaign, state and moment in one change."""
        alike: dict[Any, list[Draft]] = defaultdict(list)
        for draft in drafts:
            if not draft.refused and self._decided(draft):
                alike[
                    draft.values["campaign"], draft.values.get("state") or State.ATTENDED, draft.values.get("at")
                ].append(draft)
        for (word, state, at), same in alike.items():
            campaign = self._campaign(word)
            assert campaign is not None  # refused otherwise
            try:
                with transaction.atomic():
                    set_state(campaign, [d.record_id for d in same if d.record_id], state, by=self.actor, at=at)
            except KithError as problem:
                for draft in same:
                    draft.refuse(str(problem))

    def _decided(self, draft: Draft) -> bool:
        """Set the verdict; whether there is something to write."""
        state, known = draft.values.get("state") or State.ATTENDED, draft.existing
        if known is None:
            draft.verdict = "create"
            return True
        policy = self.mapping.existing
        if policy == "reject":
            draft.refuse(_("They belong to the campaign already."))
            return False
        less = policy == "fill" and known.state in ANSWERED and state not in ANSWERED
        if policy == "skip" or less or known.state == state:
            draft.verdict = "unchanged"
            return False
        draft.verdict, draft.changes = "update", {"state": [known.state, str(state)]}
        return True


CAMPAIGN_MEMBERS = CampaignMembers()
