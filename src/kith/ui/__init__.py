"""How Kith looks and answers to the hand: tokens, components, behaviours, generic pages and their gallery.

Components are macros that take plain values and never query; see docs/components.md.
"""
