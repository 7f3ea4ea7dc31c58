"""Background work of surveys: whose turn it is, and asking those whose time has come."""

from __future__ import annotations

from kith.kernel.jobs import job
from kith.surveys import asking


@job("surveys.plan", every="20 6 * * *", label="See whom surveys ask today")
def plan() -> None:
    asking.plan()


@job("surveys.send", queue="mail", every="*/5 * * * *", label="Ask people whose time has come")
def send() -> None:
    asking.send_due()
