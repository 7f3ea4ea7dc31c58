"""Who a session belongs to, and in the same query whether configuration changed since this process read it."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Subquery

from kith.kernel.accounts.models import User
from kith.kernel.organisation.models import Organisation


class Backend(AuthenticationBackend):
    """allauth's sign-in. A user read for a request carries the organisation's stamp as `configuration`."""

    def get_user(self, user_id: Any) -> User | None:
        stamp = Subquery(Organisation.objects.order_by("pk").values("config")[:1])
        user = User.objects.annotate(configuration=stamp).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
