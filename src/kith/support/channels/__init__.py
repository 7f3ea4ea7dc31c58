"""Channels: messages of other services (WhatsApp, SMS, social networks) as part of tickets, through a gateway that signs its calls."""
