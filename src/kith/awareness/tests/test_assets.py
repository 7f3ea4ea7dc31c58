"""Assets: for whom and when, where they were used, and which fit somebody best by what came of them."""

import pytest

from kith.awareness.assets.actions import answered, opened, use_asset, used
from kith.awareness.assets.queries import best_for, won_by
from kith.awareness.models import AssetUse
from kith.awareness.profiles.actions import add_criterion, publish
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from tests.cast import actor, policy, text, user

pytestmark = pytest.mark.django_db
people, assets = registry["person"], registry["asset"]


def person(by, name="Marta", **values):
    return create(people, {"given_name": name, **values}, by=by)


def asset(by, name, **values):
    return create(assets, {"name": name, **values}, by=by)


def director(by):
    made = create(registry["profile"], {"name": "Museum director", "sort": "persona"}, by=by)
    add_criterion(made, label="Title", conditions="job_title.has:director", by=by)
    publish(made, by=by)
    run_waiting_jobs()
    return made


def names(offers):
    return [o.asset.name for o in offers]


def test_what_is_made_for_the_persona_comes_first_and_what_is_for_others_not_at_all(ines):
    director(ines)
    create(registry["profile"], {"name": "Porter", "sort": "persona"}, by=ines)
    asset(ines, "For everybody")
    asset(ines, "For directors", personas=["museum-director"])
    asset(ines, "For porters", personas=["porter"])
    assert names(best_for(ines, persona="museum-director")) == ["For directors", "For everybody"]
    assert names(best_for(ines)) == ["For everybody"]


def test_among_those_that_fit_answers_decide_as_far_as_there_were_uses(ines):
    tried, lucky, fresh = asset(ines, "Tried"), asset(ines, "Lucky"), asset(ines, "Fresh")
    for n in range(20):
        use = used(tried, person=person(ines, f"Guest {n}"), by=ines)
        if n < 15:
            answered(use.pk)
    answered(used(lucky, person=person(ines), by=ines).pk)
    assert names(best_for(ines)) == ["Tried", "Lucky", "Fresh"] and fresh


def test_nobody_is_given_the_same_twice_nor_another_language(ines):
    marta = person(ines)
    given = asset(ines, "Brochure")
    asset(ines, "Broschüre", language="de")
    asset(ines, "Case study", language="en")
    used(given, person=marta, by=ines)
    assert names(best_for(ines, person=marta.pk, language="en")) == ["Case study"]


def test_opened_and_answered_count_once_and_customers_are_counted(ines):
    from kith.deals.actions import win
    from kith.deals.tests.cast import deal, reason

    marta, one = person(ines), asset(ines, "Brochure")
    use = used(one, person=marta, by=ines)
    opened(use.pk)
    first = AssetUse.objects.get().opened_at
    answered(use.pk)
    assert AssetUse.objects.get().opened_at == first and won_by([one.pk], ines) == {}
    win(deal(ines, contact=marta, stage="Verbal yes"), reason=reason("Speed", "won"), by=ines)
    assert won_by([one.pk], ines) == {one.pk: 1}


def test_giving_stands_on_both_stories_and_is_taken_back(ines, client):
    marta, one = person(ines), asset(ines, "Brochure")
    done = perform(ACTIONS["asset.give"], one, {"person": str(marta.pk)}, by=ines)
    assert "gave Brochure to Marta" in text(client.get(f"/people/{marta.pk}"))
    assert "given 1 times" in text(client.get(f"/assets/{one.pk}"))
    undo(done.operation, by=ines)
    assert not AssetUse.objects.exists()


def test_a_campaign_shows_the_assets_it_uses(ines, client):
    one = create(registry["campaign"], {"name": "Museum fair"}, by=ines)
    use_asset(one, asset=asset(ines, "Brochure"), by=ines)
    assert "Brochure" in text(client.get(f"/campaigns/{one.pk}/panel/campaign-assets"))


def test_a_persons_page_offers_three_for_their_persona(ines, client):
    director(ines)
    marta = person(ines, job_title="Museum director")
    run_waiting_jobs()
    for n in range(4):
        asset(ines, f"For directors {n}", personas=["museum-director"])
    shown = text(client.get(f"/people/{marta.pk}/panel/reach"))
    assert shown.count("For directors") == 3 and "Museum director" in shown


def test_assets_and_people_out_of_reach_are_not_shown(ines, client):
    marta, one = person(ines), asset(ines, "Brochure")
    used(one, person=marta, by=ines)
    client.force_login(user("jonas"))
    policy("member", "person", see="own")
    assert "Marta" not in text(client.get(f"/assets/{one.pk}/panel/uses"))
    policy("member", "asset", see="own")
    assert client.get(f"/assets/{one.pk}").status_code == 404 and best_for(actor("jonas")) == []


def test_the_library_says_how_much_oftener_one_is_answered_once_enough_happened(ines, client):
    good, plain = asset(ines, "Good one"), asset(ines, "Plain one")
    guests = [person(ines, f"Guest {n}") for n in range(20)]
    column = assets.columns()["lift"]

    def lift(one):
        return column.get(assets.listing(assets.rows(ines).filter(pk=one.pk), [column]).get())

    for row, share in ((good, 10), (plain, 5)):
        uses = AssetUse.objects.bulk_create(
            [AssetUse(asset=row, person=guest, through="mail") for guest in guests[:19]]
        )
        answered(*[one.pk for one in uses[:share]])
    assert lift(good) is None and lift(plain) is None
    for row in (good, plain):
        AssetUse.objects.create(asset=row, person=guests[19], through="mail")
    assert (float(lift(good)), float(lift(plain))) == (2.0, 0.5)
    assert "Answered 2 times as often as what else is given." in text(client.get(f"/assets/{good.pk}"))
    marta = person(ines, "Newcomer")
    assert "2 times as often as others" in text(
        client.get(f"/people/{marta.pk}/panel/reach", headers={"HX-Request": "true"})
    )
