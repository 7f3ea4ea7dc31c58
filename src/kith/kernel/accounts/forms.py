"""The sign-in library's forms, where ours must be stricter: codes that work once, passkey answers of any shape."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.core.cache import cache

# A code is taken for the step before and after the current one, so it must be remembered for three steps.
CODE_LIFE = 3 * 30


class LoginForm(BaseLoginForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"].initial = True


class OneTimeCode(codes.BaseAuthenticateForm):
    def clean_code(self) -> str:
        code = super().clean_code()
        if not cache.add(f"kith:code:{self.user.pk}:{normalize_user_code(code)}", "used", timeout=CODE_LIFE):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(OneTimeCode, codes.AuthenticateForm):
    pass


class SecondFactorAgainForm(OneTimeCode, codes.ReauthenticateForm):
    pass


class PasskeyAnswer(forms.JSONField):
    """What the browser's passkey dialog returned."""

    def __init__(self, **more) -> None:
        super().__init__(**{"widget": forms.HiddenInput, **more})

    def clean(self, value):
        answer = super().clean(value)
        if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
            raise get_adapter().validation_error("incorrect_code")
        return answer


@contextmanager
def readable() -> Iterator[None]:
    """An answer nobody's browser gives stops the library in many ways; all of them mean that it does not fit."""
    try:
        yield
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
        NotImplementedError,
        struct.error,
    ) as e:
        raise get_adapter().validation_error("incorrect_code") from e


class ReadAnswer(passkeys.AuthenticateWebAuthnForm):
    credential = PasskeyAnswer()

    def clean_credential(self):
        with readable():
            return super().clean_credential()


class PasskeyForm(ReadAnswer):
    pass


class PasskeyLoginForm(ReadAnswer, passkeys.LoginWebAuthnForm):
    pass


class PasskeyAgainForm(ReadAnswer, passkeys.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(passkeys.AddWebAuthnForm):
    credential = PasskeyAnswer()

    def clean(self):
        with readable():
            return super().clean()
