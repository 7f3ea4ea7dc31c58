"""Opens and clicks of mail, noted of those alone who agreed to it."""
