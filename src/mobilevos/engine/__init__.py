"""The streaming engine: what is followed, remembered, looked at and dropped. It knows nothing of files and models."""
