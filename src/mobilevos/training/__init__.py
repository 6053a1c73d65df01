"""Training (needs the ``train`` extra): a `recipe`, the `loop`, what a clip goes through, and its state on disk."""
