"""The views that analysts open first; each is one SELECT in warehouse/views, and a test compares its columns with these."""

from schemas.base import Table

VIEWS: tuple[type[Table], ...] = ()
