"""What the machine offers: its cores, and a place for what is kept."""
