"""The teacher that tests make themselves."""

from tests.support.teachers import ear

__all__ = ["ear"]
