"""MobileVOS: real-time semi-supervised video object segmentation on the device you already have."""

__version__ = "0.1.0"
