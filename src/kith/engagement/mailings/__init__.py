"""Mail to many: campaign mail to segments, checked before it leaves, handed over once each, with its result."""
