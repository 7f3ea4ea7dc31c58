"""Service levels: which policy a ticket falls under, what its clocks say, and who is told as time runs out."""
