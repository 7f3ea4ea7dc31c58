"""Signing in and out: by password, with limits, without telling who has an account."""

import re
from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from kith.kernel.access.actor import system
from kith.kernel.accounts import actions

from .conftest import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def signed_in(client):
    return client.get(reverse("profile")).status_code == 200


def words(answer):
    """The page without its form tokens, which differ each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"', "", answer.content.decode())


def test_the_right_password_signs_in(client, jonas):
    answer = sign_in(client, jonas.email)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)


def test_the_address_may_be_written_in_any_case(client, jonas):
    assert sign_in(client, "Jonas@Tidewell.Example").status_code == 302


def test_signing_out_needs_a_post_and_ends_the_session(client, jonas):
    sign_in(client, jonas.email)
    assert client.get("/accounts/logout/").status_code == 200
    assert signed_in(client)
    client.post("/accounts/logout/")
    assert not signed_in(client)
    assert not Session.objects.exists()


def test_unknown_mistyped_unset_and_deactivated_accounts_read_alike(client, jonas, amira, as_marta):
    actions.deactivate(amira, by=as_marta)
    lena = actions.invite(email="lena@tidewell.example", name="Lena", by=as_marta)
    cases = {
        "unknown": ("nobody@tidewell.example", PASSWORD),
        "mistyped": (jonas.email, "not his password"),
        "no password yet": (lena.email, PASSWORD),
        "deactivated, right password": (amira.email, PASSWORD),
    }
    answers = {}
    for name, (email, password) in cases.items():
        answer = sign_in(client, email, password)
        answers[name] = (answer.status_code, words(answer).replace(email, ""))
    assert len(set(answers.values())) == 1
    assert answers["unknown"][0] == 200 and "do not match" in answers["unknown"][1]


def test_asking_for_a_new_password_reads_alike_for_known_and_unknown(client, jonas, settings, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    answers = {
        words(client.post("/accounts/password/reset/", {"email": email}, follow=True))
        for email in (jonas.email, "nobody@tidewell.example")
    }
    assert len(answers) == 1


def test_after_five_wrong_passwords_even_the_right_one_waits(client, jonas):
    for _try in range(5):
        assert "do not match" in sign_in(client, jonas.email, "guess").content.decode()
    answer = sign_in(client, jonas.email)
    assert "Too many tries" in answer.content.decode()
    assert not signed_in(client)


def test_the_wait_ends_after_five_minutes(client, jonas, time_machine):
    time_machine.move_to("2026-03-12 12:00 +0000", tick=False)
    for _try in range(5):
        sign_in(client, jonas.email, "guess")
    time_machine.move_to("2026-03-12 12:04 +0000", tick=False)
    assert sign_in(client, jonas.email).status_code == 200
    time_machine.move_to("2026-03-12 12:06 +0000", tick=False)
    assert sign_in(client, jonas.email).status_code == 302


def test_a_wait_for_one_person_is_none_for_another(client, jonas, amira):
    for _try in range(6):
        sign_in(client, jonas.email, "guess")
    assert sign_in(client, amira.email).status_code == 302


def test_another_host_name_gives_no_fresh_tries(client, jonas, settings):
    settings.ALLOWED_HOSTS = ["*"]
    for number in range(5):
        client.post(LOGIN, {"login": jonas.email, "password": "guess"}, headers={"host": f"h{number}.example"})
    assert "Too many tries" in sign_in(client, jonas.email).content.decode()


def test_an_unknown_address_waits_too_so_that_the_wait_tells_nothing(client, db):
    for _try in range(5):
        sign_in(client, "nobody@tidewell.example", "guess")
    assert "Too many tries" in sign_in(client, "nobody@tidewell.example").content.decode()


def test_one_address_trying_many_people_is_slowed_down(client, db):
    for number in range(20):
        sign_in(client, f"person{number}@tidewell.example", "spring2026")
    assert "Too many tries" in sign_in(client, "another@tidewell.example").content.decode()


def test_a_forged_proxy_header_gives_no_fresh_tries(client, db):
    for number in range(20):
        client.post(
            LOGIN, {"login": f"p{number}@tidewell.example", "password": "guess"}, REMOTE_ADDR="203.0.113.9",
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        )  # fmt: skip
    answer = client.post(LOGIN, {"login": "x@tidewell.example", "password": "guess"}, REMOTE_ADDR="203.0.113.9")
    assert "Too many tries" in answer.content.decode()


def test_behind_our_own_proxy_each_visitor_counts_alone(client, db, settings):
    settings.CONFIG = replace(settings.CONFIG, https=True)

    def guess(number, visitor, peer="10.0.0.2"):
        return client.post(
            LOGIN, {"login": f"p{number}@tidewell.example", "password": "guess"}, REMOTE_ADDR=peer,
            headers={"X-Forwarded-For": f"192.0.2.{number}, {visitor}"},
        ).content.decode()  # fmt: skip

    for number in range(20):
        assert "Too many tries" not in guess(number, "198.51.100.7")
    assert "Too many tries" in guess(21, "198.51.100.7")
    assert "Too many tries" not in guess(22, "198.51.100.8")
    assert "Too many tries" not in guess(23, "198.51.100.7", peer="8.8.4.4")


def test_the_session_gets_a_new_key_on_signing_in(client, jonas):
    client.get(LOGIN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client, jonas.email)
    after = client.cookies["sessionid"].value
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_session_key_chosen_by_somebody_else_is_never_taken(client, jonas):
    client.cookies["sessionid"] = "a" * 32
    sign_in(client, jonas.email)
    assert client.cookies["sessionid"].value != "a" * 32


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "///evil.example", "javascript:alert(1)",
        "https:evil.example", "http:///evil.example", "\thttps://evil.example", "https://testserver@evil.example/",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(client, jonas, target):
    assert sign_in(client, jonas.email, next=target)["Location"] == "/"
    again = client.get(LOGIN, {"next": target})
    assert (again.status_code, again["Location"]) == (302, "/")
    out = client.post("/accounts/logout/", {"next": target})
    assert out["Location"] == LOGIN


def test_the_page_asked_for_comes_after_signing_in(client, jonas):
    asked = client.get("/accounts/tokens/?x=1")
    assert asked["Location"] == "/accounts/login/?next=/accounts/tokens/%3Fx%3D1"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/accounts/tokens/?x=1"' in page
    assert sign_in(client, jonas.email, next="/accounts/tokens/?x=1")["Location"] == "/accounts/tokens/?x=1"


def test_a_form_without_its_proof_of_origin_is_refused_in_words(jonas):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    assert answer.status_code == 403 and "load the page again" in answer.content.decode()
    assert not signed_in(strict)


def test_kept_signed_in_for_two_weeks_only_when_asked(client, jonas):
    sign_in(client, jonas.email)
    assert client.cookies["sessionid"]["max-age"] == ""
    client.post("/accounts/logout/")
    sign_in(client, jonas.email, remember="on")
    assert client.cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_the_session_cookie_cannot_be_read_by_scripts_nor_sent_across_sites(client, jonas):
    sign_in(client, jonas.email)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_deactivation_ends_open_sessions_at_once_and_for_good(client, jonas, marta):
    sign_in(client, jonas.email)
    assert signed_in(client)
    actions.deactivate(jonas, by=system("cli"))
    assert not signed_in(client)
    actions.reactivate(jonas, by=system("cli"))
    assert not signed_in(client)


def test_passwords_are_kept_as_argon2():
    from importlib import reload

    import kith.settings

    assert reload(kith.settings).PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "confirm-email/", "inactive/", "login/code/confirm/", "2fa/trust/"]
)
def test_what_is_not_offered_cannot_be_reached(client, jonas, path):
    assert client.get(f"/accounts/{path}").status_code == 404
    client.force_login(jonas)
    assert client.get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize(
    "value", ["\0", "a" * 5000, "ü\u202e", "<script>alert(1)</script>", "a@b@c", "'; DROP TABLE--"]
)
def test_strange_addresses_are_answered_like_wrong_ones(client, db, value):
    answer = sign_in(client, value, value)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_what_signing_in_leaves_behind_is_thrown_away(client, jonas, amira, time_machine):
    from allauth.usersessions.models import UserSession

    from kith.kernel.accounts.models import SharedCounter
    from kith.kernel.accounts.sessions import purge

    time_machine.move_to("2026-03-01 12:00 +0000", tick=False)
    sign_in(client, jonas.email, "guess")
    sign_in(client, jonas.email)
    time_machine.move_to("2026-03-16 12:00 +0000", tick=False)
    sign_in(client, amira.email)
    purge()
    assert [row.user for row in UserSession.objects.all()] == [amira]
    assert Session.objects.count() == 1
    assert signed_in(client)
    time_machine.move_to("2026-03-16 14:00 +0000", tick=False)
    purge()
    assert not SharedCounter.objects.exists()


def test_a_browser_in_use_is_noted_at_most_every_ten_minutes(client, jonas, time_machine):
    from allauth.usersessions.models import UserSession

    time_machine.move_to("2026-03-12 12:00 +0000", tick=False)
    sign_in(client, jonas.email)
    for minute, seen in ((1, "12:01"), (9, "12:01"), (12, "12:12")):
        time_machine.move_to(f"2026-03-12 12:{minute:02} +0000", tick=False)
        client.get("/accounts/profile/")
        assert f"{UserSession.objects.get().last_seen_at:%H:%M}" == seen
