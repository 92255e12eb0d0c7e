"""Build an internal announcement into a good HTML mail and deliver it to everyone, once."""
