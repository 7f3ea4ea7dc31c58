"""What we do for customers who may leave, and whether it helps."""
