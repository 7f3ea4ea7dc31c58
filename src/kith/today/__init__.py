"""Whom to turn to now: the day of one colleague, or of their team."""
