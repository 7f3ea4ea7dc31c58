"""Customers' health: what it is made of, how it is worked out and kept, and how well it told who left."""
