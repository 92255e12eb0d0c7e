"""A campaign's way through the relay: `sender` hands over, `supply` brings, `refusals` doubts."""
