"""How likely a lead becomes business, learned from the organisation's own outcomes, explained, and silent when unsure."""
