"""Learning from how things ended: values as they stood, weights in the open, figures of rows that were not learned from."""
