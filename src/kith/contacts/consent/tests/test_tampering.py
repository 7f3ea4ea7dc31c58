"""Links to unsubscribe that somebody tampered with: none of them ends a consent, shows a name, or opens another's page."""

import pytest
from django.core import signing
from django.test import Client

from kith.contacts.consent import links
from kith.contacts.consent.models import Consent
from kith.contacts.consent.queries import may
from kith.contacts.consent.tests.people import person, says

pytestmark = pytest.mark.django_db
SIGNS = "abcXYZ019_-:"


def changed(path):
    """The link with one sign changed, at every place behind its last slash."""
    start = path.rindex("/") + 1
    for at in range(start, len(path)):
        sign = next(s for s in SIGNS if s != path[at])
        yield path[:at] + sign + path[at + 1 :]


def test_no_link_with_a_changed_sign_unsubscribes_anybody(letter):
    marta = person()
    says(marta, letter)
    good = links.unsubscribe_path(marta.pk, marta.email, "newsletter")
    browser = Client()
    for path in changed(good):
        answer = browser.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 404, path
        assert marta.email not in answer.content.decode()
    assert may([marta.pk], "newsletter") == {marta.pk}
    assert not Consent.objects.filter(state="withdrawn").exists()
    assert browser.post(good, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Consent.objects.filter(state="withdrawn").count() == 1


def test_a_link_signed_for_something_else_or_by_somebody_else_opens_nothing(letter):
    marta = person()
    says(marta, letter)
    content = {"p": marta.pk, "a": marta.email, "u": "newsletter"}
    for token in (
        signing.dumps(content),
        signing.dumps(content, key="another secret of another installation"),
        signing.dumps(content, salt="kith.form.known"),
        "..", "%2e%2e", "null", "0", "-1", "{}", "' OR 1=1 --",
    ):  # fmt: skip
        assert Client().post(f"/unsubscribe/{token}").status_code in (301, 404), token
    assert not Consent.objects.filter(state="withdrawn").exists()


def test_a_link_of_one_does_not_unsubscribe_another(letter):
    marta, elin = person(), person("Elin", "elin@fjordheim.example")
    says(marta, letter)
    says(elin, letter)
    Client().post(links.unsubscribe_path(marta.pk, marta.email, "newsletter"))
    gone = Consent.objects.filter(state="withdrawn")
    assert [line.person_id for line in gone] == [marta.pk]
