"""Who a session belongs to, and in the same query what every page asks about them."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from kith.kernel.accounts.carried import CARRIED
from kith.kernel.accounts.models import User


class Backend(AuthenticationBackend):
    """allauth's sign-in. A user read for a request carries what rooms asked for, the organisation's stamp among it."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.annotate(**CARRIED).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
