"""Real files that lie beside the checkout, for tests that read what other programs write."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[6]
FOLDER = Path(os.environ.get("KITH_SHARED_DATA") or CHECKOUT.parent / "shared" / "data")

needs_shared_data = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the shared sample files are not beside the checkout (set KITH_SHARED_DATA)"
)


def files(pattern: str) -> list:
    """Parameters for the files that match; one skipped parameter when the folder is absent."""
    found = sorted(FOLDER.glob(pattern)) if FOLDER.is_dir() else []
    return [pytest.param(path, id=path.name) for path in found] or [
        pytest.param(None, id="absent", marks=pytest.mark.skip(reason=f"no shared sample files {pattern}"))
    ]
