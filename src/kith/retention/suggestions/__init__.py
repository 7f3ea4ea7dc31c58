"""What more a customer could use, with the reason."""
