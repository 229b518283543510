"""A feature's distribution as SVG within HTML: for each bin a hollow bar of the training data, a full one of now.

Hollow and full, so that no colour is needed to tell them apart. Lengths are in units of about a pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.escape import for_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.drift import FeatureDrift

_WIDTH, _TOP, _BASE, _HEIGHT = 360, 24, 124, 142
#: More bars than these cannot be told apart; the rest of the values stand together.
_MOST_BARS = 20
_LONGEST_LABEL, _LONGEST_TITLE = 22, 600


def histogram(each: FeatureDrift) -> str:
    """The chart; empty where there is nothing to draw."""
    bars = shares(each)
    if not bars:
        return ""
    highest = max(max(was, now) for _, was, now in bars) or 1.0
    step = _WIDTH / len(bars)
    parts = [*_legend(), f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{_BASE}" y2="{_BASE}"/>']
    for at, (_, was, now) in enumerate(bars):
        parts.append(_bar("deployed", at * step + 1, step - 2, was / highest))
        parts.append(_bar("candidate", at * step + step * 0.3, step * 0.4, now / highest))
    parts += _labels([label for label, _, _ in bars], step)
    told = "; ".join(f"{label} {was:.0%} and {now:.0%}" for label, was, now in bars)
    title = for_html(_cut(f"{each.name}, training and current: {told}", _LONGEST_TITLE))
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">{"".join(parts)}</svg>'


def shares(each: FeatureDrift) -> list[tuple[str, float, float]]:
    """The bins with the shares of the training data and of the current; of many the last ones together."""
    totals = sum(bin.expected for bin in each.bins), sum(bin.actual for bin in each.bins)
    if not all(totals):
        return []
    found = [(bin.label, bin.expected / totals[0], bin.actual / totals[1]) for bin in each.bins]
    kept, rest = found[: _MOST_BARS - 1], found[_MOST_BARS - 1 :]
    if len(rest) < 2:
        return found
    return [*kept, (f"{len(rest)} more", sum(was for _, was, _ in rest), sum(now for _, _, now in rest))]


def _legend() -> Iterator[str]:
    yield '<text x="0" y="11" class="deployed-text">□ training</text>'
    yield '<text x="70" y="11" class="candidate-text">■ current</text>'


def _bar(kind: str, left: float, width: float, height: float) -> str:
    tall = (_BASE - _TOP) * height
    return f'<rect class="{kind}" x="{left:.1f}" y="{_BASE - tall:.1f}" width="{width:.1f}" height="{tall:.1f}"/>'


def _labels(labels: list[str], step: float) -> Iterator[str]:
    """The names of the bins beneath them: those that fit, from the first on, and the last."""
    end, last = -1.0, _cut(labels[-1], _LONGEST_LABEL)
    last_begins = _WIDTH - 6.2 * len(last)
    for at, label in enumerate(labels[:-1]):
        name, left = _cut(label, _LONGEST_LABEL), at * step
        if left > end and left + 6.2 * len(name) < last_begins - 8:
            end = left + 6.2 * len(name) + 8
            yield f'<text x="{left:.1f}" y="138">{for_html(name)}</text>'
    yield f'<text x="{_WIDTH}" y="138" text-anchor="end">{for_html(last)}</text>'


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
