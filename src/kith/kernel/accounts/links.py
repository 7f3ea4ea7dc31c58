"""Links with which a person sets a password: for an invitation, and for a password that was forgotten.

One link works once and for three days: its key is bound to the password, the last sign-in and the address, so it dies
as soon as any of them changes, and at once when the person is deactivated.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.urls import reverse
from django.utils.http import int_to_base36

from kith.kernel.accounts.models import User


class LinkTokenGenerator(PasswordResetTokenGenerator):
    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"


def set_password_path(user: User) -> str:
    """The path on which `user` sets a password, key included: a secret, to be shown or sent once."""
    key = LinkTokenGenerator().make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": int_to_base36(user.pk), "key": key})


def set_password_link(user: User, base: str = "") -> str:
    """The whole link. `base` is where the site is reached, without a slash at the end; see `base_of`."""
    return (base or site_address()) + set_password_path(user)


def site_address() -> str:
    """Where this installation is reached when no request can tell."""
    return settings.CONFIG.origins[0] if settings.CONFIG.origins else "http://127.0.0.1:8000"


def base_of(request: HttpRequest) -> str:
    """Where links in mails lead: the configured address, else the host asked for if it is one named in KITH_HOSTS.

    A host let in only by a wildcard is whatever the asker wrote, so a mail must never send anybody there.
    """
    host = request.get_host()
    named = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    if settings.CONFIG.origins or not validate_host(split_domain_port(host)[0], named):
        return site_address()
    return f"http://{host}"
