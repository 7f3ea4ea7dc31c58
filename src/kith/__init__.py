"""Kith: a CRM that runs the customer relationship process and shows where it leaks."""

__version__ = "0.1.0"
