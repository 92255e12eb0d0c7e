"""Bytes to a relay: `login` connects, secures and logs in; `connection` hands messages over."""
