"""The steps of a campaign, each callable; the doors talk to this room, and wiring happens here.

`drafting` renders and checks, `mailing` gathers the people, `sending` delivers, `accounts` tells
what happened.
"""
