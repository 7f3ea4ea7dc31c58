"""What to know before picking a customer up: a page of sentences, each with the event that it rests on."""
