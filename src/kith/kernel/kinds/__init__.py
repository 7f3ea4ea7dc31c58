"""Kinds of values: parse, show, compare, describe. See `base.Kind`."""

from kith.kernel.kinds.base import EMPTY, KINDS, Kind, Operator
from kith.kernel.kinds.choice import Bool, Choice, Country, Currency, Language, TimeZone
from kith.kernel.kinds.link import Colleague, Link, TeamLink
from kith.kernel.kinds.many import Addresses, Choices, Emails, Links, Many, Phones, Tags
from kith.kernel.kinds.number import Integer, Money, Number, Percent
from kith.kernel.kinds.text import Email, LongText, Phone, Text, Url
from kith.kernel.kinds.time import Day, Duration, Moment

__all__ = [
    "EMPTY", "KINDS", "Addresses", "Bool", "Choice", "Choices", "Colleague", "Country", "Currency", "Day", "Duration", "Email",
    "Emails", "Integer", "Kind", "Language", "Link", "Links", "LongText", "Many", "Moment", "Money", "Number",
    "Operator", "Percent", "Phone", "Phones", "Tags", "TeamLink", "Text", "TimeZone", "Url",
]  # fmt: skip
