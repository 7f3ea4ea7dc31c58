"""Whether customers stay: recurring revenue month by month, retention, cohorts."""
