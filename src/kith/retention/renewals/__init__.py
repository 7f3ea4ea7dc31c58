"""Contracts that come up again: opened by themselves, decided by colleagues, and what orders bring from when on."""
