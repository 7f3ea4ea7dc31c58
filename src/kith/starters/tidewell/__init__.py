"""Tidewell, the sample company: it sells leak sensors for buildings. Eighteen months of its work, from a seed."""
