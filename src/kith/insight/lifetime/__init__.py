"""What customers were worth and will be: repeat purchases by BG/NBD and Gamma-Gamma, subscriptions by survival."""
