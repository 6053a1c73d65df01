"""What annotators, editors and researchers use: one file for each kind of format, behind `Format`."""
