"""Child processes that open strangers' files, within limits, and may die."""

from songnet.sandbox.pool import (
    Sandbox,
    probe,
    read_blocks,
    read_cover,
    read_tags,
    signed,
    warm_up,
)
from songnet.sandbox.process import Resources

__all__ = [
    "Resources",
    "Sandbox",
    "probe",
    "read_blocks",
    "read_cover",
    "read_tags",
    "signed",
    "warm_up",
]
