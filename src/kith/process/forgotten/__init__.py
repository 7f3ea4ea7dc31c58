"""Nobody is ever forgotten: who is open and attended to by nobody stands on a list that everybody can see, and a nightly
proof works it all out again from scratch."""
