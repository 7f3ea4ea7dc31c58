"""The settings pages of people, teams and tokens, and that every page of sign-in is one of ours."""

import re

import pytest
from django.urls import get_resolver, reverse

from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.actions import save_team
from kith.kernel.accounts.models import ApiToken, Team, User
from kith.kernel.accounts.tokens import check
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry

from .conftest import PASSWORD

PERSON = {"name": "Lena Sund", "email": "lena@tidewell.example", "role": "manager"}


@pytest.fixture
def admin(client, marta):
    """Marta at her desk, who has just confirmed that it is her."""
    client.post("/accounts/login/", {"login": marta.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/people/"})
    return client


@pytest.fixture
def seller(client, jonas):
    client.post("/accounts/login/", {"login": jonas.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/tokens/"})
    return client


def test_without_mail_the_invitation_link_is_shown_once_and_works(admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    page = admin.post("/accounts/people/invite/", PERSON).content.decode()
    link = re.search(r"http://testserver(/accounts/password/reset/key/[^<]+)", page)[1]
    assert "password/reset/key" not in admin.get("/accounts/people/").content.decode()
    admin.post("/accounts/logout/")
    form = admin.get(link)["Location"]
    admin.post(form, {"password1": "another quiet bay", "password2": "another quiet bay"})
    assert str(admin.session["_auth_user_id"]) == str(User.objects.get(email=PERSON["email"]).pk)


def test_with_mail_the_invitation_is_sent_and_the_link_not_shown(admin, settings, django_capture_on_commit_callbacks):
    import time

    from django.core import mail as outbox

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with django_capture_on_commit_callbacks(execute=True):
        page = admin.post("/accounts/people/invite/", PERSON, follow=True).content.decode()
    for _turn in range(200):
        if outbox.outbox:
            break
        time.sleep(0.01)
    (mail,) = outbox.outbox
    assert mail.to == [PERSON["email"]] and mail.subject == "Marta Lind invites you to Kith"
    assert "http://testserver/accounts/password/reset/key/" in mail.body
    assert "reset/key" not in page and "on its way to lena@tidewell.example" in page


def test_a_refused_invitation_keeps_what_was_typed(admin, jonas):
    answer = admin.post("/accounts/people/invite/", PERSON | {"email": jonas.email})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "already belongs to a colleague" in page and 'value="Lena Sund"' in page


def test_the_role_of_a_colleague_is_changed(admin, jonas):
    admin.post(f"/accounts/people/{jonas.pk}/", {"name": "Jonas W", "email": jonas.email, "role": "manager"})
    jonas.refresh_from_db()
    assert (jonas.name, jonas.role) == ("Jonas W", "manager")
    assert "changed the role from" in admin.get(f"/accounts/people/{jonas.pk}/").content.decode()


def test_a_colleague_from_a_file_becomes_one_who_can_be_invited(admin):
    elke = User.objects.create_user("elke@placeholder.invalid", name="Elke", preferences={"placeholder": True})
    assert "no address yet" in admin.get("/accounts/people/").content.decode()
    admin.post(f"/accounts/people/{elke.pk}/", {"name": "Elke", "email": "elke@tidewell.example", "role": "member"})
    page = admin.get("/accounts/people/").content.decode()
    assert "no address yet" not in page and "elke@tidewell.example" in page


def test_the_last_administrator_is_told_why_nothing_happened(admin, marta):
    answer = admin.post(f"/accounts/people/{marta.pk}/deactivate/")
    assert answer.status_code == 403 and "Make somebody else administrator first" in answer.content.decode()
    marta.refresh_from_db()
    assert marta.is_active


def test_deactivating_and_bringing_back(admin, jonas):
    admin.post(f"/accounts/people/{jonas.pk}/deactivate/")
    assert not User.objects.get(pk=jonas.pk).is_active
    assert "Bring back" in admin.get(f"/accounts/people/{jonas.pk}/").content.decode()
    admin.post(f"/accounts/people/{jonas.pk}/reactivate/")
    assert User.objects.get(pk=jonas.pk).is_active


def test_deactivating_says_what_they_look_after_and_asks_who_goes_on_with_it(admin, jonas, amira):
    bellevue = create(registry["company"], {"name": "Hotel Bellevue"}, by=actor_for(jonas))
    where = f"/accounts/people/{jonas.pk}/deactivate/"
    asked = admin.get(where).content.decode()
    assert "1 companies" in asked and str(amira) in asked and "public list" in asked
    answer = admin.post(where, {"to": ""})
    assert answer.status_code == 400 and "Say who goes on" in answer.content.decode()
    assert User.objects.get(pk=jonas.pk).is_active
    admin.post(where, {"to": amira.pk})
    bellevue.refresh_from_db()
    assert bellevue.owner_id == amira.pk and not User.objects.get(pk=jonas.pk).is_active


def test_administration_asks_for_the_password_again(client, marta, jonas):
    client.post("/accounts/login/", {"login": marta.email, "password": PASSWORD})
    answer = client.post(f"/accounts/people/{jonas.pk}/deactivate/")
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert User.objects.get(pk=jonas.pk).is_active
    client.post(answer["Location"], {"password": PASSWORD, "next": f"/accounts/people/{jonas.pk}/deactivate/"})
    assert not User.objects.get(pk=jonas.pk).is_active


@pytest.mark.parametrize("name", ["colleagues", "invite", "teams", "new_team"])
def test_others_do_not_get_into_administration(seller, name):
    answer = seller.get(reverse(name))
    assert answer.status_code == 403
    assert "Colleagues" not in seller.get("/accounts/profile/").content.decode()


def test_a_member_cannot_promote_anybody_by_sending_the_form(seller, jonas):
    answer = seller.post(f"/accounts/people/{jonas.pk}/", {"name": "J", "email": jonas.email, "role": "administrator"})
    assert answer.status_code == 403
    assert User.objects.get(pk=jonas.pk).role == "member"


def test_a_team_is_made_and_changed(admin, jonas, amira):
    admin.post("/accounts/teams/new/", {"name": "Inbound", "members": [jonas.pk], "lead": amira.pk})
    team = Team.objects.get()
    assert (team.lead, set(team.members.all())) == (amira, {jonas, amira})
    admin.post(f"/accounts/teams/{team.pk}/", {"name": "Outbound", "members": [jonas.pk], "lead": ""})
    team.refresh_from_db()
    assert (team.name, team.lead, set(team.members.all())) == ("Outbound", None, {jonas})


@pytest.mark.parametrize("wrong", [{"members": ["x", "-1", "9" * 30]}, {"lead": "nobody"}, {"members": ["1.5"]}])
def test_a_tampered_team_form_names_nobody(admin, wrong):
    assert admin.post("/accounts/teams/new/", {"name": "Inbound"} | wrong).status_code == 302
    assert not Team.objects.get().members.exists()


def test_a_new_token_is_shown_once_and_works(seller, jonas):
    page = seller.post("/accounts/tokens/", {"name": "Night export", "scope": "read", "days": "30"}).content.decode()
    plain = re.search(r"kith_[0-9a-f]{12}_[\w-]{43}", page)[0]
    assert check(plain).user == jonas and not check(plain).may_write
    again = seller.get("/accounts/tokens/").content.decode()
    assert plain not in again and "Night export" in again


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 121}, {"scope": "root"}, {"days": "9999999999"}])
def test_a_token_form_with_a_wrong_value_makes_nothing(seller, wrong):
    answer = seller.post("/accounts/tokens/", {"name": "Export", "scope": "read", "days": "30"} | wrong)
    assert answer.status_code == 400
    assert not ApiToken.objects.exists()


def test_nobody_revokes_a_colleagues_token_over_the_page(seller, amira):
    from kith.kernel.accounts.tokens import issue

    token, plain = issue(amira, "Dashboard")
    assert seller.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    assert check(plain)


def test_the_profile_changes_how_kith_looks(seller, jonas):
    look = {"name": "Jonas", "time_zone": "Europe/Berlin", "language": "en", "theme": "dark", "density": "roomy"}
    page = seller.post("/accounts/profile/", look, follow=True).content.decode()
    assert 'data-theme="dark"' in page and 'data-density="roomy"' in page
    jonas.refresh_from_db()
    assert jonas.shortcuts is False


def test_names_are_shown_as_text_never_as_markup(admin, jonas):
    User.objects.filter(pk=jonas.pk).update(name="<script>alert(1)</script>")
    for address in ("/accounts/people/", f"/accounts/people/{jonas.pk}/", "/accounts/teams/new/"):
        assert "<script>alert" not in admin.get(address).content.decode()


def test_every_page_of_the_sign_in_library_is_drawn_by_us(admin, jonas):
    """Each address below /accounts/ either is a page of ours, leads elsewhere, or does not exist."""
    from django.test import Client

    drawn = 0
    for address in sorted(addresses()):
        for browser in (admin, Client()):
            answer = browser.get(address)
            assert answer.status_code in (200, 301, 302, 404, 405), address
            if answer.status_code == 200:
                page = answer.content.decode()
                assert 'class="public-head"' in page or 'class="shell"' in page, address
                drawn += 1
    assert drawn > 20


def addresses():
    """One concrete address for each pattern below /accounts/."""

    def walk(patterns, prefix):
        for pattern in patterns:
            here = prefix + re.sub(r"<int:pk>|\(\?P<uidb36>[^)]*\)|\(\?P<key>[^)]*\)", "1", str(pattern.pattern))
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, here)
            else:
                yield here.replace("^", "").replace("$", "")

    accounts = next(p for p in get_resolver().url_patterns if str(p.pattern) == "accounts/")
    return walk(accounts.url_patterns, "/accounts/")


def test_deleting_a_team_asks_where_its_rows_go_and_can_be_undone(admin, marta, jonas):
    by = actor_for(marta)
    north, south = (save_team(None, name=name, members=[jonas], lead=None, by=by) for name in ("North", "South"))
    create(registry["person"], {"given_name": "Eva", "team": north}, by=by)
    url = f"/accounts/teams/{north.pk}/delete/"
    assert "It has 1 people." in admin.get(url).content.decode()
    refused = admin.post(url, {})
    assert refused.status_code == 400 and "Say where its rows go." in refused.content.decode()
    assert admin.post(url, {"to": str(south.pk)}).status_code == 302
    undo = re.search(r'data-undo="(/operations/\d+/undo)"', admin.get("/accounts/teams/").content.decode())[1]
    admin.post(undo)
    assert Team.objects.filter(name="North").exists()
    assert registry["person"].model.objects.get().team.name == "North"


def test_a_team_without_rows_goes_without_a_question(admin, marta):
    north = save_team(None, name="North", members=[], lead=None, by=actor_for(marta))
    url = f"/accounts/teams/{north.pk}/delete/"
    assert "Nothing belongs to this team." in admin.get(url).content.decode()
    admin.post(url, {})
    assert not Team.objects.exists()
