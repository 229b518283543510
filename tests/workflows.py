"""The files of a job, as its runner has them."""

from __future__ import annotations

from datetime import date

from snitch.template import for_ci, render, template_files


def files_of(ci: str) -> dict[str, str]:
    """The CI's own files as `snitch init` writes them."""
    files = render(for_ci(template_files(), ci), date(2031, 3, 1))
    common = render(for_ci(template_files(), "none"), date(2031, 3, 1))
    return {path: content.decode() for path, content in files.items() if path not in common}
