"""Passkeys with a real browser and a simulated key: add one, sign in with it alone, use it as second factor.

Also shows that the pages work under the strict policy for scripts: the browser reports anything it refused to run.
"""

import pytest
from allauth.mfa.models import Authenticator

from .conftest import PASSWORD, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium):
    """A page of a browser with a key of its own; fails the test when a script broke or was refused."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(8000)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
           "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    page.key = devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})["authenticatorId"]
    page.devices = devices
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def marta():
    return person("Marta", "Lind", "administrator")


@pytest.fixture
def start(live_server, page, marta):
    """The address of the running site, with Marta signed in by password."""
    page.goto(f"{live_server.url}/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.get_by_label("E-mail").fill(marta.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return live_server.url


def add_key(page, alone=True):
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Blue key")
    page.get_by_label("Sign in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("shown only this once").wait_for()


def sign_out(page, start):
    page.goto(f"{start}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()


def test_a_passkey_is_added_and_signs_in_alone(page, start, marta):
    add_key(page)
    assert Authenticator.objects.get(type="webauthn").wrap().name == "Blue key"
    sign_out(page, start)
    page.goto(f"{start}/accounts/login/?next=/accounts/profile/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Profile").wait_for()


def test_a_key_that_does_not_sign_in_alone_confirms_the_password(page, start, marta):
    add_key(page, alone=False)
    sign_out(page, start)
    page.get_by_label("E-mail").fill(marta.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Confirm it is you").wait_for()
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(lambda address: "/2fa/" not in address)
    page.goto(f"{start}/accounts/profile/")
    page.get_by_role("heading", name="Profile").wait_for()


def test_a_passkey_proves_again_who_sits_there(page, start, marta):
    add_key(page)
    page.goto("about:blank")  # what the page still asks for would be answered with the cookies just cleared
    page.context.clear_cookies()
    page.goto(f"{start}/accounts/login/?next=/accounts/2fa/totp/activate/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("link", name="Passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Set up an authenticator app").wait_for()


def test_without_a_fitting_passkey_the_page_says_so_and_stays(page, start, marta):
    sign_out(page, start)
    page.devices.send("WebAuthn.setUserVerified", {"authenticatorId": page.key, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("alert").get_by_text("No passkey was used").wait_for()


def test_the_passkey_of_a_deactivated_person_reads_like_a_wrong_password(page, start, marta):
    add_key(page)
    sign_out(page, start)
    marta.is_active = False
    marta.save()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("do not match").wait_for()
