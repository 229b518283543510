"""A pull request's comment as a picture: Markdown in, a PNG as a browser shows it out.

The colours and sizes are close to a forge's. The forge draws Mermaid itself; here its line charts are drawn by hand.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from html import escape
from itertools import pairwise
from pathlib import Path

_CHART = re.compile(r'<pre><code class="language-mermaid">(.*?)</code></pre>', re.DOTALL)
_WIDTH, _HEIGHT = 760, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 24, 28, 28

_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px; background: #fff; color: #1f2328; width: 900px;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif }}
.comment {{ border: 1px solid #d1d9e0; border-radius: 6px }}
.head {{ background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; border-radius: 6px 6px 0 0 }}
.body {{ padding: 16px }}
h2 {{ margin: 0 0 12px; padding-bottom: 6px; border-bottom: 1px solid #d1d9e0; font-size: 21px }}
h3 {{ margin: 20px 0 8px; font-size: 17px }}
table {{ border-collapse: collapse; margin: 8px 0 12px }}
td, th {{ border: 1px solid #d1d9e0; padding: 5px 12px }}
tr:nth-child(2n) td {{ background: #f6f8fa }}
code {{ background: #eff1f3; border-radius: 5px; padding: 2px 5px; font: 12px "DejaVu Sans Mono", monospace }}
pre {{ background: #f6f8fa; border-radius: 6px; padding: 12px; overflow: hidden }}
pre code {{ background: none; padding: 0 }}
svg text {{ font: 11px "DejaVu Sans", sans-serif; fill: #59636e }}
summary {{ cursor: pointer }}
</style><div class="comment"><div class="head"><b>github-actions</b> commented</div><div class="body">{body}</div></div>
"""


def browser() -> str | None:
    """The program that takes the picture; None where there is none."""
    return next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)


def picture(markdown: str, target: Path, *, height: int = 1500) -> None:
    """Writes the picture of a comment; `height` in pixels is as much of it as is shown.

    Raises:
        RuntimeError: there is no browser, or it takes no picture.
    """
    program = browser()
    if program is None:
        raise RuntimeError("no Chromium is installed")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "comment.html"
        page.write_text(as_page(markdown), encoding="utf-8")
        command = [program, "--headless=new", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/profile"]
        command += ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        command += [f"--screenshot={target}", f"--window-size=932,{height}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode or not target.exists():
        raise RuntimeError(f"{program} took no picture: {done.stderr.strip()[-300:]}")


def as_page(markdown: str) -> str:
    """The comment as a page."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return _PAGE.format(body=_CHART.sub(lambda found: _chart(found[1]), html))


def _chart(source: str) -> str:
    """The lines of an `xychart-beta`, as SVG."""
    title = re.search(r"title &quot;(.*?)&quot;", source)
    labels = re.findall(r"&quot;(.*?)&quot;", _line_of(source, "x-axis"))
    low, high = (
        float(number) for number in re.findall(r"-?[0-9.]+", _line_of(source, "y-axis").partition("y-axis")[2])
    )
    lines = [[float(value) for value in each.split(",")] for each in re.findall(r"line \[(.*?)\]", source)]
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(labels) - 1, 1)
    xs = [_LEFT + step * index for index in range(len(labels))]

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [f'<text x="{_WIDTH / 2}" y="14" text-anchor="middle">{title[1] if title else ""}</text>']
    parts += [
        f'<text x="{x}" y="{_HEIGHT - 8}" text-anchor="middle">{name}</text>'
        for x, name in zip(xs, labels, strict=True)
    ]
    parts += [
        f'<text x="{_LEFT - 10}" y="{y(value) + 4}" text-anchor="end">{value:.4g}</text>' for value in (low, high)
    ]
    for values, color in zip(lines, ("#2f7de1", "#c4620a"), strict=False):
        points = list(zip(xs, map(y, values), strict=True))
        parts += [
            f'<line x1="{a[0]}" y1="{a[1]}" x2="{b[0]}" y2="{b[1]}" stroke="{color}" stroke-width="2"/>'
            for a, b in pairwise(points)
        ]
    name = escape(title[1] if title else "")
    return f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{name}">{"".join(parts)}</svg>'


def _line_of(source: str, word: str) -> str:
    return next((line for line in source.splitlines() if word in line), "")
