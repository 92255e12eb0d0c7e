"""The same newsletters as others would make them, built by their tools and held to our checks."""
