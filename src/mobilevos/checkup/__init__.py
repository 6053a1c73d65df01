"""What an installation is capable of: whether it is sound, and how much it can do in a frame's time."""
