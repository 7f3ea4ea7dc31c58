"""Who looks after a lead, and why."""
