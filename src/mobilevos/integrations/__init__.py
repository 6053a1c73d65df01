"""For the Python interfaces of others; each needs their package, an extra of the same name."""
