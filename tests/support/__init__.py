"""What many tests need: a center of a few lines, driven by hand."""

from tests.support.lab import Desk, Lab, Phone, center_of

__all__ = ["Desk", "Lab", "Phone", "center_of"]
