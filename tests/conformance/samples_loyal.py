"""Samples of what comes after the work is done: surveys, articles, referrals, references, ideas."""

from __future__ import annotations

from typing import Any

from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry


def _marta(by: Any) -> Any:
    n = registry["person"].model._default_manager.count()
    emails = [{"value": f"marta{n}@bellevue.example", "label": ""}]
    return actions.create(registry["person"], {"given_name": "Marta", "emails": emails}, by=by)


def survey(by: Any) -> Any:
    """A survey that asks nobody yet."""
    n = registry["survey"].model._default_manager.count()
    values = {"name": f"After the work {n}", "kind": "csat", "asks_after": "deal.won", "rest_days": 0}
    return actions.create(registry["survey"], values, by=system("cli"))


def response(by: Any) -> Any:
    """Somebody was asked a moment ago."""
    from django.utils import timezone

    from kith.surveys import asking

    made = asking.put_down(survey(by), _marta(by), by=system())
    asking.asked(made, timezone.now())
    return registry["response"].get(system("cli"), made.pk)


def tracker(by: Any) -> Any:
    """A tracker on GitHub."""
    n = registry["tracker"].model._default_manager.count()
    values = {"name": f"Sensors {n}", "provider": "github", "issues_at": f"https://github.com/tidewell/sensors{n}"}
    return actions.create(registry["tracker"], values, by=system("cli"))


def issue(by: Any) -> Any:
    """An issue of a tracker that is known, which one promise waits for."""
    from kith.process.trackers.keeping import follow

    url = f"{tracker(by).issues_at}/issues/1"
    actions.create(registry["promise"], {"wording": "Alerts at night", "issue_url": url}, by=by)
    made = follow(url)
    return registry["issue"].get(system("cli"), made.pk)


def article(by: Any) -> Any:
    """A published article."""
    from kith.kernel.records.action import ACTIONS

    n = registry["article"].model._default_manager.count()
    values = {"title": f"Reset a sensor {n}", "body": "Press the button.", "audience": "public"}
    made = actions.create(registry["article"], values, by=by)
    return ACTIONS["article.publish"].run(made, by=by)


def article_gap(by: Any) -> Any:
    """Somebody looked for something nobody wrote about."""
    from kith.support.articles.finding import missed

    letter = chr(97 + registry["article_gap"].model._default_manager.count())
    return _of_the_asker(missed(f"invoice address {letter * 3}", reader=True), by)


def _of_the_asker(row: Any, by: Any) -> Any:
    """In the care of whoever asks for it, so that they may see it."""
    if by.user_id is not None:
        type(row).objects.filter(pk=row.pk).update(owner=by.user_id)
    return registry.by_model(type(row)).get(system("cli"), row.pk)


def referral(by: Any) -> Any:
    """Somebody of the same company came and bought: a colleague has to look at it."""
    from django.utils import timezone

    from kith.advocacy import referring

    programmes = registry["referral_programme"]
    if referring.programme() is None:
        actions.create(programmes, {"name": "Friends", "reward": "100 euros"}, by=system("cli"))
    n = registry["referral"].model._default_manager.count()
    friend = referring.Friend(f"Piotr {n}", f"piotr{n}@bellevue.example")
    row = referring.refer(referring.code_of(_marta(by)), friend)
    type(row).objects.filter(pk=row.pk).update(outcome_at=timezone.now())
    return _of_the_asker(row, by)


def public_review(by: Any) -> Any:
    """Somebody is to be asked for a review."""
    from django.utils import timezone

    from kith.advocacy import reviews

    n = registry["review_site"].model._default_manager.count()
    values = {"name": f"Guide {n}", "url": "https://reviews.example/us"}
    site = actions.create(registry["review_site"], values, by=system("cli"))
    return _of_the_asker(reviews.put_down(site, _marta(by), due=timezone.now()), by)


def reference(by: Any) -> Any:
    """A case study that nobody was asked for yet."""
    n = registry["reference"].model._default_manager.count()
    return actions.create(registry["reference"], {"name": f"Dry attics {n}", "person": _marta(by)}, by=by)


MADE_BY = {
    "tracker": tracker,
    "issue": issue,
    "survey": survey, "response": response, "article": article, "article_gap": article_gap, "referral": referral,
    "public_review": public_review, "reference": reference,
}  # fmt: skip
