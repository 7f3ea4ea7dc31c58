"""What really happened, from an event log of any system: who did what in which order, how often, and what was waited for.

    log = read_log("helpdesk.csv")
    found = mine(log)

Nothing here touches the database. A log is read once, as a stream, and kept in 20 bytes an event.
"""

from kith.process.mining.figures import Found, Pair, Rework, Spread, Variant, mine
from kith.process.mining.log import Choice, Log, read_log

__all__ = ["Choice", "Found", "Log", "Pair", "Rework", "Spread", "Variant", "mine", "read_log"]
