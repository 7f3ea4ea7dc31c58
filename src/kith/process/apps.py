from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessConfig(AppConfig):
    name = "kith.process"
    label = "process"

    def ready(self) -> None:
        from kith.process import questioning  # noqa: F401  says where people are

        _follow()
        _hear()
        _join()
        _show()


def _follow() -> None:
    """What is kept in the operation that changes something, and what one row means for another that is merged into it."""
    from kith.kernel.records.merge import before_merge
    from kith.kernel.timeline.followup import watches_touches
    from kith.kernel.timeline.readers import register_follower
    from kith.process import stays
    from kith.process.journeys import agreeing, silence, together
    from kith.process.journeys.closing import join_before_merge

    register_follower("journey", stays.TELLING, stays.follow)
    register_follower("journey", stays.TELLING, silence.follow)
    watches_touches(silence.touched)
    for record in ("person", "company"):
        register_follower(record, agreeing.verbs(record), agreeing.follower(record))
    register_follower("journey", ["journey.closed", "journey.archived", "journey.restored"], together.follow)
    before_merge(join_before_merge)


def _hear() -> None:
    """What is done after something happened."""
    from kith.kernel.accounts.leaving import warns
    from kith.kernel.timeline.readers import register_listener
    from kith.process.editor import announcing
    from kith.process.evidence import wiring
    from kith.process.handovers import asking, settling, without
    from kith.process.journeys import branching, churned, leads, listening

    register_listener(branching.handles, branching.hear)  # before what goes on by it
    register_listener(listening.handles, listening.hear)
    register_listener(leads.handles, leads.hear)
    register_listener(churned.handles, churned.hear)
    register_listener(settling.handles, settling.hear)
    register_listener(asking.handles, asking.hear)
    warns(settling.warning)
    register_listener(without.handles, without.hear)
    register_listener(announcing.handles, announcing.hear)
    wiring.install()


def _join() -> None:
    """What joins the steps, each by what the other lends."""
    from kith.activities.notices import KINDS
    from kith.engagement.mailings.cautions import register_caution
    from kith.kernel.configuration.chapters import register_chapter
    from kith.onboarding import counted
    from kith.process import chats, incoming, known, valuing, worries
    from kith.process.brief import panels as brief
    from kith.process.campaigns.cautions import stale_research
    from kith.process.configuring import Processes
    from kith.process.handovers import late, needs
    from kith.process.service import effort, story
    from kith.retention.health.usage import hears_counts
    from kith.retention.suggestions.needs import register_need

    register_chapter(Processes)
    chats.join()
    known.join()
    valuing.join()
    incoming.join()
    worries.join()
    story.join()
    effort.join()
    register_need(needs.goals)
    hears_counts(counted.hear)  # a first result may be known by use
    register_caution(stale_research)
    brief.join()
    KINDS.setdefault(late.KIND, (_("Hand-overs offered to you, asked back, or waiting for too long"), "once"))


def _show() -> None:
    """Its part of record pages, its commands, and its settings."""
    from kith.kernel.search.commands import Command
    from kith.kernel.search.commands import register as register_command
    from kith.process.care import spine
    from kith.ui.settings import register_settings
    from kith.ui.shell import register_part

    register_part("spine", spine)
    how = Command(_("How we work"), "/process/guide/", "book", also=_("process guide steps playbook"))
    passing = Command(
        _("Hand-overs"), "/process/handovers/", "arrow", needs="journey.see", also=_("accept won waiting")
    )
    register_command(lambda _actor: [how, passing])
    register_settings(
        "adoption", group="sales", label=_("Adoption"), icon="chart", href="/settings/adoption/", order=7,
        needs="settings.manage", says=_("Which fields and steps people use, and which they pass over."),
    )  # fmt: skip
    register_settings(
        "process", label=_("Process"), icon="map", href="/settings/process/", order=5, group="sales", needs="settings.manage"
    )  # fmt: skip
