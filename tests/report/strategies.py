"""Reports of any text and any numbers."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from snitch.finding import Comparison, Due, Finding, Side
from snitch.verdict import JudgedModel, Measured, MetricHistory, Report, Skipped, State
from tests.hostile_text import HOSTILE

TEXTS = st.one_of(HOSTILE, st.text(max_size=20))
PLACES = st.integers(1, 60)
STATES = st.builds(State, TEXTS, st.none() | TEXTS, st.none() | TEXTS)
SIDES = st.builds(
    Side, ref=TEXTS, commit=TEXTS, path=TEXTS, line=PLACES, column=PLACES, length=PLACES, excerpt=TEXTS, label=TEXTS
)
FINDINGS = st.builds(
    Finding,
    message=TEXTS,
    path=TEXTS,
    line=PLACES,
    column=PLACES,
    length=PLACES,
    excerpt=TEXTS,
    label=TEXTS,
    help=TEXTS,
    notes=st.tuples(TEXTS),
    rule=TEXTS,
    name=TEXTS,
    model=st.none() | TEXTS,
    deployed=st.none() | SIDES,
    waiver=st.none() | TEXTS,
    severity=st.sampled_from(["error", "warning"]),
    outcome=st.sampled_from(["fail", "inconclusive"]),
    blocks_next=st.booleans(),
)
NUMBERS = st.none() | st.floats()
COMPARISONS = st.builds(
    Comparison,
    benchmark=TEXTS,
    type=TEXTS,
    model=TEXTS,
    slice=st.none() | st.dictionaries(TEXTS, TEXTS | NUMBERS, max_size=2),
    args=st.none() | st.dictionaries(TEXTS, TEXTS | st.integers(), max_size=2),
    deployed=NUMBERS,
    candidate=NUMBERS,
    delta=NUMBERS,
    limit=NUMBERS,
    interval=st.none() | st.tuples(st.floats(), st.floats()),
    outcome=st.sampled_from(["pass", "fail", "inconclusive"]),
    greater_is_better=st.none() | st.booleans(),
)
HISTORIES = st.builds(
    MetricHistory,
    model=TEXTS,
    benchmark=TEXTS,
    type=TEXTS,
    args=st.none() | st.dictionaries(TEXTS, TEXTS | st.integers(), max_size=2),
    points=st.lists(st.builds(Measured, TEXTS, st.dates(), st.floats()), max_size=14).map(tuple),
)


def _with_the_history_of_what_was_compared(report: Report) -> Report:
    (compared,), (first, second) = report.comparisons, report.history
    same = replace(first, model=compared.model, benchmark=compared.benchmark, type=compared.type, args=compared.args)
    overall = replace(compared, slice=None)
    return replace(report, comparisons=(compared, overall), history=(same, second))


REPORTS = st.builds(
    Report,
    snitch=TEXTS,
    environment=TEXTS,
    now=st.dates(),
    candidate=STATES,
    base=st.none() | STATES,
    deployed=st.none() | STATES,
    policy=STATES,
    models=st.tuples(st.builds(JudgedModel, TEXTS, TEXTS, TEXTS, st.just("modified"), st.just("passed"))),
    findings=st.tuples(FINDINGS, FINDINGS),
    comparisons=st.tuples(COMPARISONS),
    skipped=st.tuples(st.builds(Skipped, TEXTS, st.none() | TEXTS, TEXTS)),
    due=st.tuples(st.builds(Due, on=st.dates(), message=TEXTS, rule=TEXTS, model=st.none() | TEXTS)),
    notes=st.tuples(TEXTS),
    history=st.tuples(HISTORIES, HISTORIES),
    next_environment=st.none() | TEXTS,
).map(_with_the_history_of_what_was_compared)
