"""What we want to know before we promise anything."""
