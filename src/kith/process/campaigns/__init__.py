"""What campaigns brought, in the steps of the process: leads, qualified, customers, those who stay, and the money."""
