"""YAML and JSON read within bounds, with the place of every value: what Snitch knows of files that people write."""

from snitch.documents.document import Document, Problem, Span, Unreadable, read_document

__all__ = ["Document", "Problem", "Span", "Unreadable", "read_document"]
