"""However a record or a benchmark is mangled, no rule crashes, and a model that got worse does not get through."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snitch.finding import Finding
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, SPOTLESS
from tests.rules.measured import DEPLOYED, scoring
from tests.rules.ruled import judged

#: roc_auc fell far, on the whole and on every slice.
WORSE = json.loads(scoring(SPOTLESS, 0.2)[EVALUATION])
LOST = [*(("slices", index, "metrics", 0, "value") for index in (0, 1)), ("metrics", 0, "value")]

numbers = st.floats() | st.integers() | st.sampled_from([10**400, -(10**400), 2**64, 1e308, -1e308, -0.0])
names = st.sampled_from(["roc_auc", "recall", "churn", "churn-holdout", "plan", "profit", "\ud800", "", "NaN", "a\nb"])
values = st.recursive(
    st.none() | st.booleans() | numbers | names | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)


def places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path] * bool(path) + [found for key, value in inner for found in places(value, (*path, key))]


def mangled(data: Any, path: tuple[str | int, ...], how: str, value: object) -> Any:
    """The data with one value replaced, removed, doubled or joined by another."""
    copy = json.loads(json.dumps(data))
    parent = copy
    for key in path[:-1]:
        parent = parent[key]
    if how == "remove":
        del parent[path[-1]]
    elif how == "double" and isinstance(parent, list):
        parent.append(parent[path[-1]])  # type: ignore[index]
    elif how == "join" and isinstance(parent, dict):
        parent[str(value)[:20]] = value
    else:
        parent[path[-1]] = value
    return copy


def must_not_pass(found: list[Finding]) -> None:
    assert [each.message for each in found if each.rule == "SNT002"] == []
    assert any(each.blocks for each in found)


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
hows = st.sampled_from(["replace", "remove", "double", "join"])


@quick
@given(st.data(), hows, values)
def test_a_worse_model_with_a_mangled_record(data: st.DataObject, how: str, value: object) -> None:
    path = data.draw(st.sampled_from([each for each in places(WORSE) if each != ("metrics", 0, "value")]))
    must_not_pass(judged({**SPOTLESS, EVALUATION: json.dumps(mangled(WORSE, path, how, value))}, DEPLOYED))


@quick
@given(values.filter(lambda value: not _is_a_score(value)))
def test_a_value_that_is_no_score(value: object) -> None:
    must_not_pass(judged({**SPOTLESS, EVALUATION: json.dumps(mangled(WORSE, LOST[2], "replace", value))}, DEPLOYED))


def _is_a_score(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e-9 <= value <= 1 + 1e-9


@quick
@given(st.data(), hows, values)
def test_a_worse_model_against_a_mangled_deployed_record(data: st.DataObject, how: str, value: object) -> None:
    """The deployed score itself may have been lower; nothing else excuses the loss."""
    record = json.loads(DEPLOYED[EVALUATION])
    path = data.draw(st.sampled_from([each for each in places(record) if each not in LOST]))
    deployed = {**DEPLOYED, EVALUATION: json.dumps(mangled(record, path, how, value))}
    must_not_pass(judged({**SPOTLESS, EVALUATION: json.dumps(WORSE)}, deployed))


@quick
@given(st.data(), st.sampled_from([BENCHMARK, MANIFEST]), st.text(max_size=6) | names)
def test_a_worse_model_with_a_mangled_benchmark_or_manifest(data: st.DataObject, path: str, text: str) -> None:
    content = str(SPOTLESS[path])
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    changed = (content[:start] + text + content[end:]).encode("utf-8", "surrogatepass")
    files = {**SPOTLESS, EVALUATION: json.dumps(WORSE), path: changed}
    found = judged(files, DEPLOYED)
    assert [each.message for each in found if each.rule == "SNT002"] == []
    if b"churn" in changed:
        assert any(each.blocks for each in found)
