"""The machine that all runs on: its cores, what it is fast enough for, and whether the installation is sound."""
