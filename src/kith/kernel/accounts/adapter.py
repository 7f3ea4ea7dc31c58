"""Where Kith differs from the sign-in library: what is said, who counts as the same visitor, how secrets are kept.

Nothing an anonymous visitor can do tells whether an account exists: unknown, deactivated and mistyped all read alike.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import actor_for
from kith.kernel.accounts import actions, events, links, mail
from kith.kernel.accounts.models import User

REFUSED = _("That e-mail and password do not match. Check both, or set a new password.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": REFUSED,
        "account_inactive": REFUSED,
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code does not fit. Codes change every 30 seconds and work once."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link no longer works."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
        "rate_limited": _("Too many tries. Wait a moment, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The library sends a deactivated person to a page of its own; here that reads like a wrong password."""
        user = super().authenticate(request, **credentials)
        return user if user and user.is_active else None

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, REFUSED)
        return HttpResponseRedirect(reverse("account_login"))

    def get_reauthentication_methods(self, user: User) -> list[dict]:
        names = {
            "reauthenticate": _("Password"),
            "mfa_reauthenticate": _("Code"),
            "mfa_reauthenticate:webauthn": _("Passkey"),
        }
        return [{**way, "description": str(names[way["id"]])} for way in super().get_reauthentication_methods(user)]

    def set_password(self, user: User, password: str) -> None:
        """A new password also ends the wait that wrong ones brought about."""
        with transaction.atomic():
            super().set_password(user, password)
            actions.note(user, events.PasswordSet(), actor_for(user))
        key = self._get_login_attempts_cache_key(self.request, email=user.email)
        ratelimit.clear(self.request, app="allauth.account", action="login_failed", key=key)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Without the host name the library puts in: a visitor chooses it, and would get fresh tries with each."""
        return f"sign-in:{credentials.get('email', '').lower()}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address; behind our own https proxy, the one that proxy saw.

        The header is believed only if the site is served over https, which only a proxy does for us, and if the peer
        is on this machine or in a private network.
        """
        peer = request.META.get("REMOTE_ADDR") or "127.0.0.1"
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if settings.CONFIG.https and forwarded and is_private(peer) and is_address(forwarded):
            return forwarded
        return peer if is_address(peer) else "127.0.0.1"

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return links.base_of(self.request) + path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the reader's language, and after the answer has left: its time must not tell a known address."""
        receiver = User.objects.get(email=email.lower())
        with translation.override(receiver.language):
            # Not as "user", which pages fill with whoever asks.
            message = self.render_mail(template_prefix, email, {**context, "receiver": receiver})
        mail.send_later(message)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Shared secrets of authenticator apps and recovery codes are stored encrypted with the installation's key."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return str(_("My passkey"))


def cipher() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"kith.second-factor" + str(secret).encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_private(text: str) -> bool:
    return is_address(text) and ipaddress.ip_address(text).is_private
