"""The sections Kith brings: each a small module with its one query."""
