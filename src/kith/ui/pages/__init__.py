"""The generic pages, one module a face: list, board, calendar, record, form, act, bulk, import, export, search, history.

Each reads the registry and never asks which record it has in hand; a page that needs more is a view in its package.
"""
