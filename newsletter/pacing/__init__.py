"""When to try again, how many at once, how fast, until when. Pure: the caller brings the clock."""
