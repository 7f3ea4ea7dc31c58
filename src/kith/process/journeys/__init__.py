"""Journeys: how they open, move, close, and stay in agreement with their customers."""
