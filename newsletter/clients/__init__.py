"""What mail programs make of a mail: what they do not support, and how it looks where they fail."""
