"""The verbs of the command line, each a few lines over the library."""
