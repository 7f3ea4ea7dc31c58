"""Links from mails, choosing and changing a password, and what that does to other browsers."""

import re
import time

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from kith.kernel.accounts.links import base_of, set_password_path
from kith.kernel.accounts.models import User

from .conftest import PASSWORD

LOGIN, CHANGE, RESET = "/accounts/login/", "/accounts/password/change/", "/accounts/password/reset/"
NEW = "another quiet bay"


@pytest.fixture
def mails(settings, django_capture_on_commit_callbacks):
    """Do something and wait for the mails that follow it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    def after(act, count=1):
        with django_capture_on_commit_callbacks(execute=True):
            act()
        for _turn in range(200):
            if len(outbox.outbox) >= count:
                break
            time.sleep(0.01)
        return outbox.outbox

    return after


def sign_in(client, user, password=PASSWORD):
    return client.post(LOGIN, {"login": user.email, "password": password})


def signed_in(client):
    return client.get(reverse("profile")).status_code == 200


def open_link(client, user):
    """Follow the link; the address of the form has no key in it."""
    answer = client.get(set_password_path(User.objects.get(pk=user.pk)))
    assert answer.status_code == 302 and answer["Location"].endswith("-set-password/")
    return answer["Location"]


def choose(client, address, password=NEW, again=None):
    return client.post(address, {"password1": password, "password2": password if again is None else again})


def test_the_mailed_link_sets_a_password_and_signs_in(client, jonas, mails):
    found = mails(lambda: client.post(RESET, {"email": jonas.email}))
    assert [mail.to for mail in found] == [[jonas.email]]
    link = re.search(r"http://testserver(/\S+)", found[0].body)[1]
    address = client.get(link)["Location"]
    assert choose(client, address)["Location"] == "/"
    assert signed_in(client)
    assert User.objects.get(pk=jonas.pk).check_password(NEW)


def test_nothing_is_mailed_for_an_unknown_or_deactivated_address(client, jonas, mails):
    User.objects.filter(pk=jonas.pk).update(is_active=False)

    def ask():
        client.post(RESET, {"email": jonas.email})
        client.post(RESET, {"email": "nobody@tidewell.example"})

    assert mails(ask, count=0) == []


def test_mails_address_people_as_they_write_their_name(client, jonas, mails):
    User.objects.filter(pk=jonas.pk).update(name="Séan O'Brien & <Sons>")
    found = mails(lambda: client.post(RESET, {"email": jonas.email}))
    assert "Hello Séan O'Brien & <Sons>," in found[0].body


def test_asking_again_and_again_is_stopped(client, jonas, mails):
    for _time in range(3):
        assert client.post(RESET, {"email": jonas.email}).status_code == 302
    answer = client.post(RESET, {"email": jonas.email})
    assert answer.status_code == 429 and "Wait a few minutes" in answer.content.decode()


def test_a_link_works_once(client, jonas):
    path = set_password_path(jonas)
    choose(client, client.get(path)["Location"])
    assert "This link no longer works" in Client().get(path).content.decode()


def test_a_link_ends_after_three_days(client, jonas, time_machine):
    time_machine.move_to("2026-03-12 12:00 +0000", tick=False)
    path = set_password_path(jonas)
    time_machine.move_to("2026-03-15 11:59 +0000", tick=False)
    assert client.get(path).status_code == 302
    time_machine.move_to("2026-03-15 12:01 +0000", tick=False)
    assert "no longer works" in client.get(path).content.decode()


@pytest.mark.parametrize("key", ["1-x", "zzzzzzzzzzzzz-abc", "0-set-password", "1-" + "a" * 3000, "1-%00"])
def test_a_made_up_link_says_that_it_does_not_work(client, jonas, key):
    answer = client.get(f"/accounts/password/reset/key/{key}/")
    assert answer.status_code == 200 and "no longer works" in answer.content.decode()


@pytest.mark.parametrize(
    "password, why",
    [("short", "10"), ("jonas@tidewell.example", "similar"), ("password12", "common"), ("0123456789", "common")],
)
def test_a_weak_password_is_refused_with_the_reason(client, jonas, password, why):
    answer = choose(client, open_link(client, jonas), password)
    assert answer.status_code == 200 and why in answer.content.decode()
    assert User.objects.get(pk=jonas.pk).check_password(PASSWORD)


def test_two_different_passwords_are_refused(client, jonas):
    answer = choose(client, open_link(client, jonas), NEW, "another quiet cove")
    assert "same password" in answer.content.decode()


def test_changing_the_password_signs_other_browsers_out_and_not_this_one(client, jonas):
    other = Client()
    sign_in(client, jonas)
    sign_in(other, jonas)
    client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert signed_in(client) and not signed_in(other)


def test_changing_needs_the_current_password(client, jonas):
    sign_in(client, jonas)
    answer = client.post(CHANGE, {"oldpassword": "guess", "password1": NEW, "password2": NEW})
    assert "This is not your current password" in answer.content.decode()
    assert User.objects.get(pk=jonas.pk).check_password(PASSWORD)


def test_guessing_the_current_password_is_slowed_down(client, jonas):
    sign_in(client, jonas)
    for _try in range(5):
        client.post(CHANGE, {"oldpassword": "guess", "password1": NEW, "password2": NEW})
    assert client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}).status_code == 429


def test_a_new_password_ends_the_wait_for_wrong_ones(client, jonas):
    for _try in range(5):
        sign_in(client, jonas, "guess")
    choose(client, open_link(client, jonas))
    client.post("/accounts/logout/")
    assert sign_in(client, jonas, NEW).status_code == 302


def test_somebody_elses_link_signs_the_one_at_the_keyboard_out_first(client, jonas, amira):
    sign_in(client, amira)
    choose(client, open_link(client, jonas))
    assert str(client.session["_auth_user_id"]) == str(jonas.pk)


def test_nobody_changes_the_own_address(client, jonas):
    sign_in(client, jonas)
    client.post("/accounts/profile/", {"name": "J", "time_zone": "UTC", "language": "en", "email": "new@tidewell.example",
                                       "theme": "", "density": "normal"})  # fmt: skip
    assert User.objects.get(pk=jonas.pk).email == jonas.email


def test_after_an_administrator_changed_the_address_only_the_new_one_signs_in(client, jonas, as_marta):
    from kith.kernel.accounts import actions

    set_password_path(jonas)
    actions.change(jonas, name=jonas.name, email="jw@tidewell.example", role=jonas.role, by=as_marta)
    assert sign_in(client, jonas).status_code == 200
    assert client.post(LOGIN, {"login": "jw@tidewell.example", "password": PASSWORD}).status_code == 302


def test_a_mail_never_leads_to_a_host_the_asker_made_up(rf, settings):
    request = rf.get("/", headers={"host": "evil.example"})
    settings.ALLOWED_HOSTS = ["*", "crm.tidewell.example"]
    assert base_of(request) == "http://127.0.0.1:8000"
    assert base_of(rf.get("/", headers={"host": "crm.tidewell.example"})) == "http://crm.tidewell.example"


def test_a_dead_mail_server_does_not_break_the_page(
    client, jonas, settings, caplog, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(RESET, {"email": jonas.email}).status_code == 302
    for _turn in range(200):
        if "was not sent" in caplog.text:
            break
        time.sleep(0.01)
    assert jonas.email in caplog.text and "password/reset/key" not in caplog.text
