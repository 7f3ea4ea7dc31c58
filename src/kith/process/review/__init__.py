"""The process review: a recurring meeting that Kith prepares, whose decisions are kept, carried out and measured."""
