"""Which mappings `kith import --map` may name: a file, one that is kept, one that Kith brings; and their list."""

from __future__ import annotations

import argparse
from typing import Any


def read_mapping(given: str, target: Any) -> Any:
    """A file before a kept mapping, and that before one that Kith brings."""
    from pathlib import Path

    from kith.kernel.errors import Invalid
    from kith.kernel.intake import keeping, mapping
    from kith.kernel.intake.shipped import named, shipped

    path = Path(given).expanduser()
    if path.is_file():
        return mapping.read_mapping(path.read_bytes(), path.name)
    kept = {o.name: o.key for o in keeping.offers(target) if o.saved}
    if given in kept:
        return keeping.use(target, kept[given])
    if given in shipped():
        return named(given)
    known = ", ".join([*(f"“{name}”" for name in kept), *shipped()])
    raise Invalid(f"There is no mapping {given}; there are: {known}.")


def list_mappings(args: argparse.Namespace, by: Any) -> int:
    """What `--map` may name: kept mappings, then those that Kith brings."""
    from kith.kernel.intake import keeping
    from kith.kernel.intake.shipped import shipped

    kept = [{"name": m.name, "type": m.target, "kept_by": str(m.user or "Kith"), "used_at": m.used_at.isoformat() if m.used_at else None}
            for m in keeping.kept(by)]  # fmt: skip
    brought = [{"name": key, "type": m.type, "kept_by": None, "used_at": None} for key, m in sorted(shipped().items())]
    found = [m for m in kept + brought if args.type in ("", m["type"])]
    if args.json:
        import json

        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    for m in found:
        used = f", last used {m['used_at'][:10]}" if m["used_at"] else ""
        print(f"{m['name']} ({m['type']}): " + (f"kept by {m['kept_by']}{used}" if m["kept_by"] else "comes with Kith"))
    return 0


def write_mapping(name: str, document: dict[str, Any]) -> None:
    import json
    from pathlib import Path

    Path(name).write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
