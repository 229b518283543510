"""The report of `snitch drift`: how far data has moved, as text, JSON, Markdown or HTML. Nothing here prints."""

from __future__ import annotations

from importlib import import_module
from math import isfinite
from typing import Any

from msgspec import Struct

from snitch.divergence import Status
from snitch.drift import Drift, FeatureDrift
from snitch.report.look import Look
from snitch.report.strict_json import written
from snitch.report.wording import counted

_MODULES = {
    "text": "snitch.report.drift_text",
    "markdown": "snitch.report.drift_markdown",
    "html": "snitch.report.drift_html",
}
#: The formats that there are.
DRIFT_FORMATS = ("text", "json", "markdown", "html")
HEADER = ("feature", "type", "PSI", "distance", "status", "missing", "limit")
_WORDS = {"pass": "passed", "fail": "blocked", "inconclusive": "inconclusive"}
_STATUSES: tuple[Status, ...] = ("STABLE", "MODERATE DRIFT", "HIGH DRIFT")


class DriftReport(Struct, frozen=True, kw_only=True):
    """How far the data at `current` has moved from what `profile` tells of a model's training data."""

    snitch: str
    model: str
    version: str
    profile: str
    #: The training data's name in the manifest; empty where the profile was named by hand.
    data: str
    current: str
    drift: Drift

    @property
    def verdict(self) -> str:
        """`passed`, `blocked` or `inconclusive`."""
        return _WORDS[self.drift.outcome]


def render_drift(report: DriftReport, format: str, **look: Any) -> str:
    """The report in one of `DRIFT_FORMATS`, ending in a newline; `look` is of a `Look`'s fields.

    Raises:
        KeyError: there is no such format.
    """
    if format == "json":
        return written(_plain(report))
    text: str = import_module(_MODULES[format]).render(report, Look(**look))
    return text


def subject(report: DriftReport) -> str:
    """What was held against what."""
    model = f"{report.model} {report.version}".rstrip()
    rows = [counted_rows(number) for number in report.drift.rows]
    named = f" of {report.data}" if report.data else ""
    return f"{model}: `{report.current}` ({rows[1]}) against `{report.profile}`{named} ({rows[0]})"


def summary(report: DriftReport) -> str:
    """What it comes to, to follow the verdict."""
    drift = report.drift
    beyond = sum(each.outcome == "fail" for each in drift.features)
    open_ = sum(each.outcome == "inconclusive" for each in drift.features)
    told = [f"{beyond} of {counted(len(drift.features), 'feature')} beyond the limits"]
    told += [f"{open_} undecided"] if open_ else []
    told += [f"{counted(len(drift.missing), 'feature')} missing"] if drift.missing else []
    told += [f"{counted(len(drift.unknown), 'feature')} that the profile does not know"] if drift.unknown else []
    told += [f"{number} {name.lower()}" for name in _STATUSES if (number := drift.counted(name))]
    told += [f"mean PSI {number_text(drift.total)}"] if drift.total is not None else ["nothing could be compared"]
    return ", ".join(told)


def remarks(report: DriftReport) -> list[str]:
    """What is to be known besides: columns that are missing or new, and what is odd about single features."""
    drift = report.drift
    told = [f"`{name}` is missing" for name in drift.missing]
    told += [f"`{name}` is in the signature, and the profile does not know it" for name in drift.unknown]
    for each in in_order(drift):
        notes = [*([f"is not compared: {each.reason}"] if each.reason else []), *each.notes]
        notes += ["is beyond its limit, and so few rows do not tell that from chance"] * _is_open(each)
        told += [f"`{each.name}`: {note}" for note in notes]
    if drift.new:
        names = ", ".join(f"`{name}`" for name in drift.new[:_FEW])
        more = len(drift.new) - _FEW
        told.append(f"not in the profile: {names}{f' and {more} more' if more > 0 else ''}")
    return told


_FEW = 10


def _is_open(each: FeatureDrift) -> bool:
    return each.outcome == "inconclusive" and each.psi is not None


def in_order(drift: Drift) -> list[FeatureDrift]:
    """The features, what is beyond its limit first, and what moved further first."""
    ranks = {"fail": 0, "inconclusive": 1, "pass": 2}
    return sorted(drift.features, key=lambda each: (ranks[each.outcome], -(each.psi or 0.0), each.name))


def cells(each: FeatureDrift) -> tuple[str, ...]:
    """One feature as a row beneath `HEADER`."""
    was, now = (f"{share:.1%}" for share in each.nulls)
    limits = [
        *([f"PSI {number_text(each.limit.max_psi)}"] if each.limit.max_psi is not None else []),
        *([f"distance {number_text(each.limit.max_distance)}"] if each.limit.max_distance is not None else []),
    ]
    missing = was if was == now else f"{was} → {now}"
    state = each.status or "not compared"
    return each.name, each.type, number_text(each.psi), number_text(each.distance), state, missing, ", ".join(limits)


def number_text(value: float | None) -> str:
    """A number of four digits after the point at most; a dash for none."""
    return "-" if value is None or not isfinite(value) else f"{value:.4g}"


def counted_rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _plain(report: DriftReport) -> dict[str, Any]:
    """The report for other programs; keys are only ever added."""
    drift = report.drift
    return {
        "version": 1,
        "snitch": report.snitch,
        "verdict": report.verdict,
        "model": {"name": report.model, "version": report.version},
        "training": {"profile": report.profile, "name": report.data, "rows": drift.rows[0]},
        "current": {"path": report.current, "rows": drift.rows[1]},
        "total": {
            "status": drift.status,
            "mean_psi": drift.total,
            "features": {name: drift.counted(name) for name in _STATUSES},
        },
        "features": [_feature(each) for each in drift.features],
        "missing": list(drift.missing),
        "unknown": list(drift.unknown),
        "new": list(drift.new),
    }


def _feature(each: FeatureDrift) -> dict[str, Any]:
    return {
        "name": each.name,
        "type": each.type,
        "psi": each.psi,
        "jensen_shannon": each.distance,
        "status": each.status,
        "outcome": each.outcome,
        "reason": each.reason or None,
        "limit": {"psi": each.limit.max_psi, "jensen_shannon": each.limit.max_distance},
        "nulls": {"training": each.nulls[0], "current": each.nulls[1]},
        "notes": list(each.notes),
        "bins": [{"label": bin.label, "training": bin.expected, "current": bin.actual} for bin in each.bins],
    }
