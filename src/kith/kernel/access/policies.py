"""What each role may do: rights, row levels and columns. Defaults here, an organisation's own choices on top."""

from __future__ import annotations

from dataclasses import dataclass, field

LEVELS = ("none", "own", "team", "all")
ROW_VERBS = ("see", "edit", "archive")
RIGHTS = ("create", "import", "export", "bulk")

# role -> verb -> level
DEFAULT_LEVELS: dict[str, dict[str, str]] = {
    "system": {"see": "all", "edit": "all", "archive": "all"},
    "administrator": {"see": "all", "edit": "all", "archive": "all"},
    "manager": {"see": "all", "edit": "all", "archive": "all"},
    "member": {"see": "all", "edit": "all", "archive": "own"},
    "read_only": {"see": "all", "edit": "none", "archive": "none"},
}
DEFAULT_RIGHTS: dict[str, frozenset[str]] = {
    "system": frozenset(RIGHTS) | {"settings"},
    "administrator": frozenset(RIGHTS) | {"settings"},
    "manager": frozenset(RIGHTS),
    "member": frozenset({"create", "export", "bulk", "import"}),
    "read_only": frozenset(),
}


NEVER: set[str] = set()  # rights that no role has: making rows of a type whose rows come by themselves


@dataclass(frozen=True)
class Policies:
    """Resolved policies. Keys are (role, record); a missing key means the role's default."""

    levels: dict[tuple[str, str, str], str] = field(default_factory=dict)  # (role, record, verb) -> level
    rights: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)  # (role, record) -> rights
    hidden_columns: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    locked_columns: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def level(self, role: str, record: str, verb: str) -> str:
        given = self.levels.get((role, record, verb))
        return given or DEFAULT_LEVELS.get(role, {}).get(verb, "none")

    def can(self, role: str, need: str) -> bool:
        """Rights are "<record>.<verb>" or "settings.<area>"; row verbs are allowed when the level is above none."""
        subject, _dot, verb = need.rpartition(".")
        if need in NEVER:
            return False
        if subject == "settings":
            return "settings" in DEFAULT_RIGHTS.get(role, ())
        if verb in ROW_VERBS:
            return self.level(role, subject, verb) != "none"
        return verb in self.rights.get((role, subject), DEFAULT_RIGHTS.get(role, frozenset()))

    def hidden(self, role: str, record: str) -> frozenset[str]:
        return self.hidden_columns.get((role, record), frozenset())

    def read_only(self, role: str, record: str) -> frozenset[str]:
        return self.locked_columns.get((role, record), frozenset())


OPEN = Policies()
