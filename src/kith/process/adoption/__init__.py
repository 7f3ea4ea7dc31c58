"""What people really use: how often each field is filled, and which steps and needs are passed over, by team."""
