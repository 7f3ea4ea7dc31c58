"""When we speak with whom: who is overdue, occasions to write, and whether care goes on after payment."""
