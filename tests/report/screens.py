"""Screens that a page is shown on, and what is asked of it there."""

from __future__ import annotations

PHONE, DESK = 390, 1000
#: Every fold open: how wide the page is, and what reaches out of it, but for what scrolls within itself.
WIDTH = """
const all = selector => [...view.document.querySelectorAll(selector)];
all("details").forEach(each => each.open = true);
const leaves = box => box.right > view.innerWidth + 0.5 || box.left < -0.5;
const out = all("body *").filter(each => !each.closest(".scroll, pre") && leaves(each.getBoundingClientRect()));
return {shown: view.innerWidth, wide: view.document.documentElement.scrollWidth,
        out: out.map(each => each.outerHTML.slice(0, 120))};
"""
FETCHED = "return view.performance.getEntriesByType('resource').map(each => each.name)"
