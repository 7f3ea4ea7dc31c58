"""Kith measured at size, beside the bare SQL that fetches the same rows. `make bench` prints the table."""
