"""Issue trackers and customers: how far an issue is comes in, and how many customers wait for it goes out."""
