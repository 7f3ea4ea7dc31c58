"""Mappings that come with Kith or with a package: JSON files in the folders of installed apps, found by their content."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.apps import apps

from kith.kernel.errors import NotFound
from kith.kernel.intake.mapping import Mapping, read_mapping


@cache
def shipped() -> dict[str, Mapping]:
    """{"maven/accounts": mapping}: `maven/accounts.json` in an app's folder. Read once per process."""
    found = {}
    for app in apps.get_app_configs():
        if not app.name.startswith("kith."):
            continue
        for file in sorted(Path(app.path).glob("*/*.json")):
            text = file.read_text(encoding="utf-8")
            if '"kith_mapping"' in text:
                found[f"{file.parent.name}/{file.stem}"] = read_mapping(text, file.name)
    return found


def named(name: str) -> Mapping:
    """The shipped mapping of that name. Raises NotFound with all names."""
    if name not in shipped():
        raise NotFound(f"There is no mapping “{name}”; Kith brings: {', '.join(shipped()) or 'none'}.")
    return shipped()[name]
