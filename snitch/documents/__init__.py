"""YAML and JSON read within bounds, with the place of every value: what Snitch knows of files that people write."""

from snitch.documents.document import Document, read_document
from snitch.documents.problems import Problem, Span, Unreadable, join_pointer, split_pointer

__all__ = ["Document", "Problem", "Span", "Unreadable", "join_pointer", "read_document", "split_pointer"]
