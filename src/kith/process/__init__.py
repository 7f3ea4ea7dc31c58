"""How the customer relationship process is meant to run, and how it runs."""
