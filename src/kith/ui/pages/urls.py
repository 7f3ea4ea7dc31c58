"""Addresses of the generic pages, collected from the modules that exist; fixed words come before ids and slugs.

/deals/                 list, board or calendar, as the view says
/deals/new              form; /deals/12 record page; /deals/12/edit form
/deals/12/cell/amount   one value in place; /deals/12/do/win an action
/deals/bulk/…, /deals/views/…, /deals/import/…, /deals/export
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

# In order of matching: pages at fixed addresses first, those under a record's slug after.
MODULES = (
    "search", "customfields", "roles", "organisation", "pick", "history", "files", "live", "imports", "exports", "merge", "filters", "views", "bulk", "board", "calendar", "cell", "act",
    "timeline", "saying", "panels", "form", "record", "list",
)  # fmt: skip

urlpatterns = [
    pattern
    for module in MODULES
    if find_spec(f"kith.ui.pages.{module}")
    for pattern in import_module(f"kith.ui.pages.{module}").urlpatterns
]
