"""Background work of the third step. Each job reads the configuration stamp first: rules may have been changed by another
process since this one began."""

from __future__ import annotations

from kith.kernel.jobs import QUICK, job


@job("qualification.assign", label="Give new leads to colleagues", queue=QUICK, priority=5)
def assign_people(people: list[int]) -> None:
    from kith.qualification.assigning.deciding import deal_out

    deal_out(people)


@job("qualification.unrouted", every="*/5 * * * *", label="Ask again who takes leads that nobody was found for")
def unrouted() -> None:
    from kith.qualification.assigning.unrouted import look_again

    look_again()


@job("qualification.clocks", every="* * * * *", label="Pass on leads that nobody answered")
def clocks() -> None:
    from kith.qualification.assigning.clocks import sweep

    sweep()


@job("qualification.score", label="Bring scores up to date", priority=3)
def score() -> None:
    from kith.qualification.scoring.dirty import work_off

    work_off()


@job("qualification.rescore", label="Work all scores out again", queue="default")
def rescore() -> None:
    from kith.qualification.scoring.sweeping import everybody

    everybody()


@job("qualification.fade", every="17 2 * * *", label="Let old points fade")
def fade() -> None:
    from kith.qualification.scoring.sweeping import fading

    fading()


@job("qualification.age", every="32 2 * * *", label="Let chances of open leads age")
def age() -> None:
    from kith.qualification.predicting.everybody import let_age

    let_age()


@job("qualification.companies", label="See what is known of companies")
def know_companies(companies: list[int]) -> None:
    from kith.qualification.checklist.companies import keep

    keep(companies)


@job("qualification.train", every="40 3 * * 0", label="Learn what leads are worth")
def train() -> None:
    """Nothing where nothing is to be predicted."""
    from kith.qualification.predicting.everybody import apply_to_everybody
    from kith.qualification.predicting.training import chosen
    from kith.qualification.predicting.training import train as learn

    found = chosen()
    if found is not None:
        learn(found)
        apply_to_everybody()
