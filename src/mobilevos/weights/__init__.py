"""Weights that ship with the package, and the store through which models are found."""
