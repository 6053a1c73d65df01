"""Masks for videos that have none: a promptable teacher finds objects, a tracker holds them, each checks the other."""
