"""Nightly tidying: what signing in leaves behind and nobody can use any more."""

from __future__ import annotations

from kith.kernel.accounts.sessions import purge
from kith.kernel.jobs import job


@job("accounts.purge", every="41 3 * * *", label="Throw away ended sessions and old sign-in counters")
def purge_ended_sessions() -> None:
    purge()
