"""Customers who leave: saying so, why, and what is learned from it."""
