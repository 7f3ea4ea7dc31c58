"""What a lead is worth: points by rules, each explained, kept right as things happen."""
