"""Training clips: synthesised from still images with masks, and cut from real annotated video.

Needs the ``train`` extra (OpenCV). Only :mod:`mobilevos.data.loader` imports PyTorch.
"""
