"""The gallery: every component in every state on one page, for eyes, screenshots and the accessibility tests.

Open to anyone signed in, and to everyone while DEBUG is on. Its figures are those of the imaginary Tidewell.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kith.ui import filters, render
from kith.ui.shell import NavItem, Shell, SpineStop

STEPS = (
    "Awareness",
    "Capture",
    "Qualify",
    "Engage",
    "Deal",
    "Convert & hand over",
    "Onboard",
    "Support & retain",
    "Advocate",
)
COMPANIES = (
    ("1", "Hotel Bellevue Group", "Gdańsk"),
    ("2", "Univerzitet Zagreb", "Zagreb"),
    ("3", "Bostad Väst", "Göteborg"),
)


def closed(request: HttpRequest) -> bool:
    """Whether this visitor has to sign in first."""
    return not settings.DEBUG and not getattr(getattr(request, "user", None), "is_authenticated", False)


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """All components; `?theme=dark` and `?density=compact` show them so without saving it."""
    if closed(request):
        return redirect_to_login(request.get_full_path())
    return render.page(request, "gallery/gallery.html", specimens(request))


@login_not_required
def options(request: HttpRequest) -> HttpResponse:
    """Rows for the specimen combobox."""
    if closed(request):
        return redirect_to_login(request.get_full_path())
    query = request.GET.get("q", "").casefold()
    found = [company for company in COMPANIES if query in company[1].casefold()]
    return render.fragment(request, "gallery/gallery.html", "options", {"found": found})


def specimens(request: HttpRequest) -> dict:
    """Everything the gallery template shows, as plain values."""
    now = timezone.now()
    chosen = {
        "theme": render.preference(request, "theme", render.THEMES),
        "density": render.preference(request, "density", render.DENSITIES, "normal"),
    }
    chosen |= {key: value for key, value in request.GET.items() if key in chosen}
    return chosen | {
        "shell": _shell(),
        "names": STEPS,
        "now": now,
        "moments": _moments(now),
        "amounts": [Decimal("12.5"), Decimal("99"), Decimal("1284600.49"), Decimal("-40250")],
        "people": _people(),
        "long_name": "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetriebsvermögensverwaltung GmbH",
        "months": ("Apr", "", "Jun", "", "Aug", "", "Oct", "", "Dec", "", "", "Mar"),
        "rates": (45, 46, 49, 43, 48, 51, 50, 49, 52, 53, 55, 56),
        "before": (43, 44, 43, 45, 44, 46, 45, 47, 46, 45, 49, 50),
        "quarters": [
            {"label": f"Q{n}", "value": v, "expected": e}
            for n, v, e in ((1, 98, 0), (2, 141, 0), (3, 120, 0), (4, 64, 52))
        ],
        "lifecycle": _lifecycle(),
        "icons": sorted(_icon_names()),
        "found": COMPANIES,
    }


def _shell() -> Shell:
    """The sidebar of the mocks, so that the gallery looks like the product even where nothing is registered."""
    counts = (None, 9, 14, 41, 27, 4, 12, 188, 23)
    places = (("Today", "sun", 3, "late"), ("Inbox", "inbox", 6, None), ("People", "people", None, None),
              ("Companies", "company", None, None), ("Deals", "deal", None, None), ("Tickets", "ticket", None, None))  # fmt: skip
    items = tuple(
        NavItem(label, "#", icon, n, tone, label == "People", label[0].lower()) for label, icon, n, tone in places
    )
    return Shell(
        brand="Tidewell", places=items, tabs=items[:1] + items[2:4],
        below=(NavItem("Process map", "#", "map"), NavItem("Insight", "#", "chart"), NavItem("Settings", "#", "settings")),
        new=(NavItem("New person", "#", "person"), NavItem("New deal", "#", "deal")),
        spine=tuple(SpineStop(n, name, "#", counts[n - 1]) for n, name in enumerate(STEPS, 1)),
        spine_title="In my care", spine_total=318, me=NavItem("Ines Okafor", "#", "person"), search="/find/",
    )  # fmt: skip


def _moments(now: datetime) -> list[tuple[str, datetime | date]]:
    noon = now.replace(hour=12, minute=0)
    return [("ago", now - timedelta(minutes=4)), ("ago", noon - timedelta(days=1)), ("ago", noon - timedelta(days=3)),
            ("ago", noon - timedelta(days=400)), ("due", now), ("due", noon + timedelta(days=1)),
            ("due", noon + timedelta(days=40)), ("full", now), ("ago", date(2025, 3, 12))]  # fmt: skip


def _people() -> list[dict]:
    rows = (("Marta Kowalczyk", "Hotel Bellevue Group", 7, "Front-desk training", "09:30", None, "71", 12400),
            ("Yusuf Demir", "Kadıköy Offices", 8, "Spring inspection", "2 Apr", None, "84", None),
            ("Katarzyna Lis", "Osiedle Zielone", 2, "First answer", "09:08", "late", None, None),
            ("Eva Ström", "Bostad Väst", 5, "Call about the board date", "late 8 d", "late", None, 212000),
            ("Paulo Ferreira", "Hospital de Sintra", 2, "First answer", "10:44", "warn", None, None))  # fmt: skip
    keys = ("name", "company", "step", "next", "due", "tone", "health", "value")
    return [{"pk": n, **dict(zip(keys, row, strict=True))} for n, row in enumerate(rows, 1)]


def _lifecycle() -> list[dict]:
    states = ("done", "done", "skipped", "done", "done", "done", "current", "ahead", "ahead")
    meta = (
        "Sep, webinar",
        "3 Oct",
        "skipped",
        "14 Oct, 37 days",
        "won 16 Feb",
        "2 Mar, 2 d late",
        "day 10 of 14",
        "from 16 Mar",
        "not yet",
    )
    stops = [{"step": n + 1, "name": STEPS[n], "meta": meta[n], "state": states[n], "href": "#"} for n in range(9)]
    stops[5]["tone"], stops[6]["progress"] = "warn", 71
    return stops


def _icon_names() -> list[str]:
    from kith.ui.bundles import HERE

    text = (HERE / filters.SPRITE.removeprefix("ui/")).read_text("utf-8")
    return [part.split('"', 1)[0] for part in text.split('<symbol id="')[1:]]
