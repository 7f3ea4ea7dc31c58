"""What advocacy hears: what was agreed comes about, reviews are asked for, and whoever would recommend us is routed to asks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.advocacy import references, referring, reviews
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, once
from kith.kernel.languages import speaking
from kith.kernel.mail.clearing import NotNow, Outreach
from kith.kernel.mail.leaving import leave
from kith.kernel.mail.refusing import of_receiver
from kith.kernel.records.registry import registry
from kith.surveys.moments import MOMENTS, REOPENED

ANSWERED, LATELY = "survey.answered", dt.timedelta(hours=1)


def handles(verb: str) -> bool:
    return verb in MOMENTS or verb in (ANSWERED, REOPENED)


def hear(entries: list[Any], by: Actor) -> None:
    referring.came_about(entries, by)
    reviews.hear(entries, by)
    if again := [entry for entry in entries if entry.says.verb_for(entry.record) == REOPENED]:
        referring.opened_again(again, by)
        reviews.opened_again(again, by)
    for entry in entries:
        if entry.says.verb_for(entry.record) == ANSWERED:
            _promoter(entry, by)


def unhear(events: list[Any], by: Actor) -> None:
    referring.taken_back(events, by)
    reviews.unhear(events, by)


def _promoter(entry: Any, by: Actor) -> None:
    """Who would recommend us: a colleague is proposed to ask them for a word, and they get their own code. Reviews are no
    part of it: those are asked for by lot, whatever somebody answered."""
    said = entry.says.payload()
    if said.get("kind") != "nps" or said.get("band") != "high" or entry.record != "person":
        return
    if entry.at is not None and timezone.now() - entry.at > LATELY:  # a story that is told later, by an import
        return
    person = registry["person"].rows(system(), archived=False).filter(pk=entry.record_id).first()
    if person is None:
        return
    why = _("Answered “%(survey)s” with %(score)s of %(top)s") % {
        "survey": said.get("survey"), "score": said.get("score"), "top": said.get("top")}  # fmt: skip
    references.propose(person, why, by=dataclasses.replace(system(cause=entry.id), operation=by.operation))
    if referring.programme() is not None and person.email:
        enqueue("advocacy.invite", person=person.pk)


def invite(pk: int) -> bool:
    """Send somebody the link to their own code, once ever; NotNow is raised for the job to try again later."""
    from kith.advocacy.letters import letter
    from kith.advocacy.links import own_link

    person = registry["person"].rows(system(), archived=False).filter(pk=pk).select_related("owner").first()
    offered = referring.programme()
    if person is None or offered is None or not person.email or not is_configured():
        return False
    with once(f"advocacy.invite:{offered.pk}:{pk}") as first:
        if not first:
            return False
        with speaking(person.language):
            lines = [_("You would recommend us, and we thank you for it. If you know somebody whom we could help, give them your own link:"),
                     own_link(person), *(["", _("You get: %s") % offered.reward] if offered.reward else [])]  # fmt: skip
            mail = letter(person, _("Your own link to recommend us"), lines, owner=person.owner)
        try:
            leave(mail, purpose=offered.purpose, person=pk, automatic=True, outreach=Outreach("referral", offered.name, "referral_programme", offered.pk))  # fmt: skip
        except NotNow:
            raise
        except Invalid:
            return False
        except OSError as problem:
            if (refused := of_receiver(problem)) is None or not refused.final:
                raise
            return False
    return True
