"""A report as text: one module a format, imported when it is asked for. Nothing here prints."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from snitch.report.look import Look

if TYPE_CHECKING:
    from snitch.verdict import Report

#: The module of each format; each has `render(report, look) -> str`.
_MODULES = {
    "text": "snitch.report.text",
    "concise": "snitch.report.concise",
    "json": "snitch.report.json_format",
    "markdown": "snitch.report.markdown",
    "github": "snitch.report.github",
    "gitlab": "snitch.report.gitlab",
    "junit": "snitch.report.junit",
    "sarif": "snitch.report.sarif",
    "html": "snitch.report.html",
}

#: The formats that there are.
FORMATS = tuple(_MODULES)
#: Those for people, which say nothing of a clean run in a hook; the others always make a document.
_QUIETABLE = ("text", "concise", "github")
#: Those of which several reports may stand one after another; of the others each is a document of its own.
SUCCESSIVE = (*_QUIETABLE, "markdown")


def render(
    report: Report,
    format: str,
    *,
    width: int | None = None,
    color: bool = False,
    verbose: bool = False,
    unicode: bool = True,
    quiet: bool = False,
    full_report: str | None = None,
) -> str:
    """The report in one of `FORMATS`, ending in a newline.

    `width` is the terminal's in columns (None: lines may be any length); with `color` the text holds ANSI colours,
    without `unicode` it is ASCII. With `quiet` a run that has nothing to tell is the empty string.
    `full_report` is the HTTPS address of all of it, to which `markdown` links; what is no such address is ignored.

    Raises:
        KeyError: there is no such format.
    """
    module = import_module(_MODULES[format])
    if quiet and format in _QUIETABLE and not _tells(report):
        return ""
    text: str = module.render(report, Look(width, color, verbose, unicode, full_report))
    return text


def _tells(report: Report) -> bool:
    """Whether the run found anything, or could not look where it should have: at what is deployed."""
    return any(finding.waiver is None for finding in report.findings) or bool(report.models and not report.deployed)
