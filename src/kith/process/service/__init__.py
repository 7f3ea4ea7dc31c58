"""Where the steps after the sale meet: what a ticket shows of the whole relationship, how customers reach the desk."""
