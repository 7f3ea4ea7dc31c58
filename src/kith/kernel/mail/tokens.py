"""Access tokens of mailboxes that are signed in to with OAuth: fetched with the refresh token, kept while they hold."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel import outgoing
from kith.kernel.errors import Invalid
from kith.kernel.mail.models import Credential
from kith.kernel.mail.secrets import seal, unseal

EARLY = dt.timedelta(minutes=2)  # a token about to end is not used any more


def access_token(credential: Credential) -> str:
    """A token that holds now. Raises Invalid with a sentence when the provider gives none."""
    if credential.token and credential.token_until and credential.token_until > timezone.now() + EARLY:
        return str(unseal(credential.token)["token"])
    given = unseal(credential.sealed)
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh"], "client_id": given["client"]}
    if given.get("secret"):
        form["client_secret"] = given["secret"]
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = json.loads(outgoing.post(given["endpoint"], urlencode(form).encode(), headers).text)
        token, seconds = str(answer["access_token"]), int(answer.get("expires_in") or 300)
    except outgoing.CallFailed as problem:
        raise Invalid(_("The provider gave no access token: %s") % problem) from None
    except (ValueError, KeyError, TypeError):
        raise Invalid(_("The provider’s answer holds no access token; look at the token endpoint.")) from None
    credential.token, credential.token_until = seal({"token": token}), timezone.now() + dt.timedelta(seconds=seconds)
    if answer.get("refresh_token"):  # some providers give a new one each time, and the old one ends
        credential.sealed = seal({**given, "refresh": str(answer["refresh_token"])})
    credential.save(update_fields=["token", "token_until", "sealed"])
    return token


def forget_token(credential: Credential) -> bool:
    """Use the token that is kept no more, for the server does not take it; False where none is kept."""
    if not credential.token:
        return False
    credential.token, credential.token_until = "", None
    credential.save(update_fields=["token", "token_until"])
    return True
