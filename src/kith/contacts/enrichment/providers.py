"""Who looks things up: providers say what they find about rows, each value with its source; they write nothing.

    register_provider(RegisterOfCompanies())             at start-up; the first one registered is asked first

`docs/lookups.md` tells how to write one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Finding:
    """A value for one column of one row, typed as the column's kind has it; `source` is a key of the provider's `sources`."""

    row: int
    column: str
    value: Any
    source: str


class Provider(Protocol):
    """`key` names it for good, `label` for people; `sources` says each source in words that follow a value: "from the e-mail
    domain"."""

    key: str
    label: Any
    sources: Mapping[str, Any]

    def look_up(self, record: str, rows: Sequence[Any]) -> Iterable[Finding]:
        """What is found about these people or companies (`record` tells which), at most some hundred at once. Rows come
        with their company. What cannot be found is left out; a provider that fails raises, and the others go on."""
        ...


_providers: dict[str, Provider] = {}


def register_provider(provider: Provider) -> None:
    """Ask this provider too."""
    _providers[provider.key] = provider


def unregister_provider(key: str) -> None:
    _providers.pop(key, None)


def providers() -> list[Provider]:
    return list(_providers.values())


def source_words(provider: str, source: str) -> str:
    """ "from the e-mail domain"; the key itself where its provider is not there any more."""
    known = _providers.get(provider)
    return str(known.sources.get(source, source)) if known is not None else source
