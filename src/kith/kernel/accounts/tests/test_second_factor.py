"""Authenticator app, recovery codes, and being asked again before something sensitive."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail as outbox
from django.urls import reverse

from kith.kernel.accounts import actions, sessions
from kith.kernel.accounts.adapter import SecondFactorAdapter
from kith.kernel.accounts.models import User
from kith.kernel.timeline.models import Event

from .conftest import PASSWORD

LOGIN, SETUP, CODE = "/accounts/login/", "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"


def code_at(secret, moment=None):
    return format_hotp_value(hotp_value(secret, int(moment or time.time()) // 30))


def confirm(client, target):
    """Prove the password again, then go on to `target`."""
    return client.post(f"/accounts/reauthenticate/?next={target}", {"password": PASSWORD, "next": target})


def set_up_app(client, user):
    """Sign in, confirm, scan, type the code; gives the shared secret."""
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    confirm(client, SETUP)
    page = client.get(SETUP).content.decode()
    secret = re.search(r'class="secret">([^<]+)<', page)[1].replace(" ", "").replace("\n", "")
    answer = client.post(SETUP, {"code": code_at(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


@pytest.fixture
def secret(client, jonas, time_machine):
    time_machine.move_to("2026-03-12 12:00:10 +0000", tick=False)
    secret = set_up_app(client, jonas)
    client.post("/accounts/logout/")
    time_machine.move_to("2026-03-12 12:05:10 +0000", tick=False)
    return secret


def half_way(client, user):
    answer = client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == CODE
    return answer


def signed_in(client):
    return client.get(reverse("profile")).status_code == 200


def test_the_password_alone_no_longer_signs_in(client, jonas, secret):
    half_way(client, jonas)
    assert not signed_in(client)


def test_the_code_of_the_app_completes_signing_in(client, jonas, secret):
    half_way(client, jonas)
    client.post(CODE, {"code": code_at(secret)})
    assert signed_in(client)


def test_a_wrong_code_does_not(client, jonas, secret):
    half_way(client, jonas)
    answer = client.post(CODE, {"code": "000000" if code_at(secret) != "000000" else "111111"})
    assert "does not fit" in answer.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("late, taken", [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_a_clock_may_be_half_a_minute_off(client, jonas, secret, late, taken):
    half_way(client, jonas)
    client.post(CODE, {"code": code_at(secret, time.time() + late)})
    assert signed_in(client) is taken


def test_a_code_works_once_even_while_it_is_still_valid(client, jonas, secret, time_machine):
    half_way(client, jonas)
    code = code_at(secret, time.time() + 30)
    client.post(CODE, {"code": code})
    assert signed_in(client)
    client.post("/accounts/logout/")
    time_machine.move_to("2026-03-12 12:05:55 +0000", tick=False)
    half_way(client, jonas)
    client.post(CODE, {"code": code})
    assert not signed_in(client)


def test_guessing_codes_is_stopped_after_five(client, jonas, secret):
    half_way(client, jonas)
    for number in range(5):
        client.post(CODE, {"code": f"{number:06}"})
    assert "Too many tries" in client.post(CODE, {"code": code_at(secret)}).content.decode()
    assert not signed_in(client)


def test_a_recovery_code_works_once(client, jonas, secret):
    code = recovery_codes(jonas)[0]
    half_way(client, jonas)
    client.post(CODE, {"code": code})
    assert signed_in(client)
    client.post("/accounts/logout/")
    half_way(client, jonas)
    client.post(CODE, {"code": code})
    assert not signed_in(client)


def recovery_codes(user):
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


def test_recovery_codes_are_shown_once(client, jonas):
    set_up_app(client, jonas)
    codes = recovery_codes(jonas)
    first = client.get("/accounts/2fa/recovery-codes/").content.decode()
    again = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert all(f"{code[:4]} {code[4:]}" in first for code in codes)
    assert not any(code[:4] in again for code in codes)
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code in (403, 404)


def test_new_recovery_codes_end_the_old_ones(client, jonas):
    set_up_app(client, jonas)
    old = recovery_codes(jonas)
    client.post("/accounts/2fa/recovery-codes/generate/")
    assert not set(old) & set(recovery_codes(jonas))


def test_the_shared_secret_is_not_readable_in_the_database(client, jonas):
    secret = set_up_app(client, jonas)
    rows = list(Authenticator.objects.values_list("data", flat=True))
    assert secret not in str(rows)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert SecondFactorAdapter().decrypt(stored) == secret


def test_a_former_key_still_opens_what_it_closed(settings):
    closed = SecondFactorAdapter().encrypt("JBSWY3DP")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key that is long enough to be one",
    )
    assert SecondFactorAdapter().decrypt(closed) == "JBSWY3DP"


@pytest.mark.parametrize(
    "path",
    ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/"],
)
def test_sensitive_pages_ask_for_the_password_again(client, jonas, path):
    client.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    answer = client.get(path)
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert confirm(client, path)["Location"] == path


def test_the_proof_wears_off_after_five_minutes(client, jonas, time_machine):
    time_machine.move_to("2026-03-12 12:00 +0000", tick=False)
    client.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    confirm(client, SETUP)
    assert client.get(SETUP).status_code == 200
    time_machine.move_to("2026-03-12 12:06 +0000", tick=False)
    assert client.get(SETUP).status_code == 302


def test_a_wrong_password_does_not_confirm(client, jonas):
    client.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    answer = client.post(f"/accounts/reauthenticate/?next={SETUP}", {"password": "guess", "next": SETUP})
    assert "This is not your password" in answer.content.decode()
    assert client.get(SETUP).status_code == 302


def test_confirming_never_leads_to_another_site(client, jonas):
    client.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_an_administrator_helps_somebody_who_lost_the_phone(client, jonas, secret, as_marta):
    assert actions.remove_second_factor(jonas, by=as_marta) == 2
    client.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    assert signed_in(client)


def test_setting_up_and_removing_is_written_to_the_trail(client, jonas, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(client, jonas)
    client.post("/accounts/2fa/totp/deactivate/")
    verbs = list(Event.objects.filter(record="user", record_id=jonas.pk).order_by("at").values_list("verb", flat=True))
    assert "user.factor_added" in verbs and "user.factor_removed" in verbs


def test_a_new_password_after_forgetting_still_asks_for_the_code(client, jonas, secret):
    from kith.kernel.accounts.links import set_password_path

    page = client.get(set_password_path(User.objects.get(pk=jonas.pk)))
    answer = client.post(page["Location"], {"password1": "another quiet bay", "password2": "another quiet bay"})
    assert answer["Location"] == CODE
    assert not signed_in(client)


def test_a_deactivated_person_half_way_in_gets_no_further(client, jonas, secret, as_marta):
    half_way(client, jonas)
    actions.deactivate(jonas, by=as_marta)
    client.post(CODE, {"code": code_at(secret)})
    assert not signed_in(client)


@pytest.mark.parametrize("answer", ["", "null", "[]", '"x"', "1", "{}", '{"response": {}}', '{"response": []}',
    '{"id": 1, "response": {"userHandle": 5}}', '{"id":"eA","rawId":"eA","type":"public-key","response":{"userHandle":"eA",'
    '"clientDataJSON":"eA","authenticatorData":"eA","signature":"eA"}}', "{" * 5000, '{"response": {"userHandle": "' + "A" * 999 + '"}}'])  # fmt: skip
def test_a_made_up_passkey_answer_is_refused_not_an_error(client, db, answer):
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    reply = client.post("/accounts/2fa/webauthn/login/", {"credential": answer})
    assert reply["Location"] == LOGIN
    assert not signed_in(client)


def test_notices_of_changes_go_to_the_owner(client, jonas, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(client, jonas)
    wait_for_mail(1)
    notice = outbox.outbox[0]
    assert notice.to == [jonas.email] and notice.subject == "Kith now asks for a code"
    assert "If not, set a new password now" in notice.body


def wait_for_mail(count):
    for _turn in range(200):
        if len(outbox.outbox) >= count:
            return
        time.sleep(0.01)
    raise AssertionError(f"{len(outbox.outbox)} mails instead of {count}")


def test_the_list_of_browsers_signs_the_others_out(client, jonas):
    from django.test import Client

    other = Client(
        headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile/15E148 Safari/604.1"}
    )
    for browser in (client, other):
        browser.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    page = client.get("/accounts/sessions/").content.decode()
    assert "Safari on iPhone" in page and "This one" in page
    client.post("/accounts/sessions/")
    assert signed_in(client) and not signed_in(other)


def test_one_browser_is_signed_out_and_nobody_ends_a_colleagues(client, jonas, amira):
    from allauth.usersessions.models import UserSession
    from django.test import Client

    other = Client()
    client.post(LOGIN, {"login": jonas.email, "password": PASSWORD})
    other.post(LOGIN, {"login": amira.email, "password": PASSWORD})
    theirs = UserSession.objects.get(user=amira)
    assert client.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 404
    assert signed_in(other)
    assert sessions.end_one(amira, theirs.pk)
    assert not signed_in(other)
