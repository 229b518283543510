"""Expressions over a table: what they come to, and what may not stand in one."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest

from snitch.measuring.expression import Asked, Evaluating, Outcome

TABLE = pa.table(
    {
        "id": [f"c{at:03}" for at in range(200)],
        "plan": ["premium" if at % 5 == 0 else "basic" for at in range(200)],
        "month": ["2026-10" if at % 2 else "2026-09" for at in range(200)],
        "total": [100.0 + (at % 2) for at in range(200)],
        "prediction": [int(at % 25 == 0) for at in range(200)],
        "score": [None if at == 7 else at / 200 for at in range(200)],
        "name": ["O'Brien; --"] * 200,
        "user": ["someone"] * 200,
    }
)


@pytest.fixture(scope="module")
def evaluating() -> Evaluating:
    return Evaluating(TABLE, Asked((), ("prediction", "score"), 20.0, 256 << 20))


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("avg(prediction) <= 0.05", True),
        ("avg(prediction) < 0.04", False),
        ('avg("prediction") <= 0.05 -- a share', True),
        ("AVG(Prediction) BETWEEN 0 AND 0.05", True),
        ("count(*) FILTER (WHERE plan = 'premium' AND score IS NULL) = 0", True),
        ("count(*) FILTER (WHERE plan = 'basic' AND score IS NULL) = 0", False),
        ("coalesce(max(score), 0) < 1", True),
        (
            "abs(sum(total) FILTER (WHERE month = '2026-10') / sum(total) FILTER (WHERE month = '2026-09') - 1) <= 0.1",
            True,
        ),
        ("sum(total) FILTER (WHERE month = (SELECT max(month) FROM examples)) > 10099", True),
        ("(SELECT avg(prediction) FROM examples WHERE plan = 'premium') <= 0.2", True),
        ("EXISTS (SELECT 1 FROM examples WHERE prediction = 1)", True),
        ("'gold' IN (SELECT plan FROM examples)", False),
        ("bool_and(prediction IN (0, 1))", True),
        ("NOT (count(*) > 1000 OR count(DISTINCT plan) <> 2)", True),
        ("CASE WHEN count(*) > 1 THEN max(total) < 200 ELSE false END", True),
        ("(SELECT max(double) FROM (SELECT total * 2 AS double FROM examples)) = 202", True),
        ("count(*) FILTER (WHERE name = 'O''Brien; --') = 200", True),
        ("quantile_cont(total, 0.5) > 100", True),
        ("max(examples.total) = 101", True),
        ("max(month || '-01')::date = date '2026-10-01'", True),
        ("max((month || '-01')::date) - min((month || '-01')::date) = 30", True),
        ("min((month || '-01')::date) + interval 3 days > DATE '2026-09-03'", True),
        ("bool_and((total > 1) IS TRUE)", True),
        ("sum(total) / nullif(sum(prediction), 0) > 2000", True),
        ("max(total::decimal(10, 2)) = 101.00", True),
        ("max(if(plan LIKE 'prem%', total, 0)) = 100.0", False),
        ("date_part('month', max(month || '-01')::date) = 10", True),
        ("quantile_cont(total, 0.5) = percentile_cont(0.5) WITHIN GROUP (ORDER BY total)", True),
        ("max(examples.user) = 'someone'", True),
        ("(SELECT max(l) FROM (SELECT length(plan) AS l FROM examples)) = 7", True),
    ],
)
def test_what_holds(evaluating: Evaluating, expression: str, holds: bool) -> None:
    outcome = evaluating.outcome(expression)
    assert (outcome.holds, outcome.reason) == (holds, "")


def test_both_sides_are_told(evaluating: Evaluating) -> None:
    told = evaluating.outcome("avg(prediction) <= 0.02 AND NOT max(total) BETWEEN min(total) AND 200")
    assert not told.holds
    assert [(each.text, each.value) for each in told.sides] == [
        ("avg(prediction)", "0.04"),
        ("max(total)", "101"),
        ("min(total)", "100"),
    ]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("avg(score) < 1", "`score` is missing in 1 examples: say what of those, `score IS NULL`"),
        ("avg(Score) < 1 AND count(*) FILTER (WHERE prediction IS NULL) = 0", "`score` is missing in 1 examples"),
        ("prediction = 1", "true or false of each example"),
        ("total", "true or false of each example"),
        ("avg(prediction)", "it is 0.04, not true or false"),
        ("count(*)", "it is 200, not true or false"),
        ("max(plan)", "it is premium, not true or false"),
        ("max(nosuch) > 1", "there is no column `nosuch`"),
        ("max(totl) > 1", "there is no column `totl`; near it: `total`"),
        ("averag(total) > 1", "`averag` is no function that an expression may use; near it: `avg`"),
        ("max(user) = 'someone'", "write `examples.user` for the column"),
        ("max(plan) > 1", "Cannot compare"),
        ("max(total) > NULL", "it is NULL"),
        ("sum(total) FILTER (WHERE plan = 'gold') < 1", "it is NULL"),
        ("sum(total) / 0.0 >= 1", "no finite number"),
        ("count(*) > 1 OR 0 * sum(total) / 0.0 >= 1", "no finite number"),
        ("true", "says nothing of the examples"),
        ("1 = 1", "says nothing of the examples"),
        ("", ""),
        ("avg(prediction) <=", "no SQL expression"),
        ("avg(prediction) <= 1, true", "`row` is no function"),
        ("count(*) > 1 /*", "no SQL expression"),
        ("$1 > max(total)", "parameter"),
        ("COLUMNS('t.*') > 1", "star"),
        ("max(total) OVER () > 1", "window"),
    ],
)
def test_what_is_not_understood_is_no_pass(evaluating: Evaluating, expression: str, reason: str) -> None:
    outcome = evaluating.outcome(expression)
    assert outcome.holds is None
    assert reason in outcome.reason


#: Revenue of no customers, and a share that nobody has measured.
UNEVEN = pa.table({"prediction": [0.0, 1.0, 1.0], "customers": [0.0, 2.0, 1.0], "share": [float("nan"), 2.0, 3.0]})


@pytest.fixture(scope="module")
def uneven() -> Evaluating:
    return Evaluating(UNEVEN, Asked((), ("prediction",), 20.0, 256 << 20))


@pytest.mark.parametrize(
    "expression",
    [
        "bool_and(prediction / customers > 0.1)",
        "bool_and(0.1 < prediction / customers)",
        "bool_and(share > 1)",
        "bool_and(share <> 1)",
        "bool_and(share NOT IN (1, 4))",
        "bool_and(NOT share BETWEEN 4 AND 5)",
        "count(*) FILTER (WHERE prediction / customers < 0.1) = 0",
        "count(*) FILTER (WHERE share < 5) = 2",
        "sum(CASE WHEN share > 1 THEN 0 ELSE 1 END) = 0",
        "(SELECT count(*) FROM examples WHERE share < 2) = 0",
        "min(share) > 1",
        "min(share) FILTER (WHERE customers < 2) > 1",
        "median(share) < 4",
        "least(avg(share), 1) <= 1",
        "sign(avg(share)) < 1",
        "CASE WHEN avg(share) > 2 THEN true ELSE false END",
        "if(avg(share) > 1, true, false)",
        "avg(share) = ANY (SELECT avg(share) FROM examples)",
        "bool_and((share > 1) = (customers < 9))",
    ],
)
def test_what_hangs_on_no_number_does_not_hold(uneven: Evaluating, expression: str) -> None:
    outcome = uneven.outcome(expression)
    assert outcome.holds is None
    assert "no finite number" in outcome.reason


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("bool_and(prediction / customers > 0.1) FILTER (WHERE customers > 0)", True),
        ("count(*) FILTER (WHERE customers > 0 AND prediction / customers < 0.1) = 0", True),
        ("bool_and(CASE WHEN customers > 0 THEN prediction / customers > 0.1 ELSE true END)", True),
        ("bool_and(customers = 0 OR prediction / customers > 0.1)", True),
        ("bool_and(prediction / nullif(customers, 0) > 0.1)", True),
        ("count(*) FILTER (WHERE NOT isfinite(share)) = 1", True),
        ("min(share) FILTER (WHERE customers > 0) = 2", True),
        ("least(min(customers), 1) = 0", True),
        ("(SELECT max(share) FROM examples WHERE isfinite(share)) = 3", True),
        ("count(*) FILTER (WHERE share > 2.5) = 0", False),
    ],
)
def test_what_is_never_looked_at_is_no_matter(uneven: Evaluating, expression: str, holds: bool) -> None:
    outcome = uneven.outcome(expression)
    assert (outcome.holds, outcome.reason) == (holds, "")


HOSTILE = [
    "(SELECT count(*) FROM read_csv('{file}')) > 0",
    "(SELECT count(*) FROM '{file}') > 0",
    "(SELECT content FROM read_text('{file}')) > ''",
    "(SELECT count(*) FROM read_blob('{file}')) > 0",
    "(SELECT count(*) FROM glob('/*')) > 0 AND count(*) > 0",
    "(SELECT count(*) FROM read_parquet('https://example.com/x.parquet')) > 0",
    "(SELECT count(*) FROM sniff_csv('{file}')) > 0",
    "count(*) > 0; COPY examples TO '{file}.out'",
    "count(*) > 0) FROM examples; ATTACH '{file}.db' AS other; SELECT (count(*) > 0",
    "count(*) > 0) FROM examples; INSTALL httpfs; SELECT (count(*) > 0",
    "count(*) > 0) FROM examples; LOAD '{file}'; SELECT (count(*) > 0",
    "count(*) > 0) FROM examples; SET lock_configuration = false; SELECT (count(*) > 0",
    "count(*) > 0) FROM examples UNION ALL SELECT (count(*) > 0",
    "count(*) > 0) FROM examples; DROP TABLE examples; --",
    "getenv('SECRET') > '' AND count(*) > 0",
    "current_setting('home_directory') > max(plan)",
    "(SELECT count(*) FROM duckdb_settings()) > 0",
    "(SELECT count(*) FROM duckdb_secrets()) > 0",
    "(SELECT count(*) FROM information_schema.tables) > 0",
    "(SELECT count(*) FROM sqlite_master) > 0",
    "(SELECT count(*) FROM TABLE) > 0",
    "(SELECT count(*) FROM query('SELECT 1')) > 0",
    "(SELECT count(*) FROM query_table('examples')) > 0",
    "(SELECT count(*) FROM pragma_database_list()) > 0",
    "(WITH RECURSIVE t(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM t) SELECT max(v) FROM t) > 0",
    "(SELECT count(*) FROM examples a, examples b, examples c, examples d) > 0",
    "(SELECT count(*) FROM examples a CROSS JOIN examples b) > 0",
    "(SELECT count(*) FROM range(1000000000000)) > 0",
    "(SELECT count(*) FROM examples TABLESAMPLE 10%) > 0",
    "(SELECT 1 UNION SELECT 2) > max(total)",
    "random() < max(total)",
    "uuid() < max(plan)",
    "now() > max(month || '-01')::timestamp",
    "localtimestamp > max(month || '-01')::timestamp",
    "current_localtimestamp() > max(month || '-01')::timestamp",
    "(SELECT localtime FROM (SELECT 1 AS localtime)) IS NULL AND count(*) > 0",
    "current_timestamp > max(month || '-01')::timestamp",
    "age(max(month || '-01')::timestamp) > interval 3 days",
    "max('today'::timestamp) > max(month || '-01')::timestamp",
    "max('now'::date) > max(month || '-01')::date",
    "reservoir_quantile(score, 0.5) > 0 AND count(*) > 0",
    "current_user = max(plan)",
    "current_role = max(plan)",
    "session_user = max(plan)",
    "version() = max(plan)",
    "getvariable('a') = max(plan)",
    "parse_path(max(plan)) IS NULL",
    "current_date > max(month || '-01')::date",
    "today() > max(month || '-01')::date",
    "nextval('s') > max(total)",
    "sleep_ms(100000) > max(total)",
    "write_log(max(plan)) IS NULL",
    "list_reduce([max(total)], lambda x, y: x + y) = 3",
    "variable > max(total)",
]


@pytest.mark.parametrize("expression", HOSTILE)
def test_it_can_reach_nothing(
    evaluating: Evaluating, expression: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = [1, 2, 3]
    monkeypatch.setenv("SECRET", "open sesame")
    folder = tmp_path_factory.mktemp("here")
    file = folder / "secret.csv"
    file.write_text("a\nopen sesame\n")
    outcome = evaluating.outcome(expression.replace("{file}", str(file)))
    assert outcome.holds is None and outcome.reason
    assert "sesame" not in str(outcome)
    assert os.listdir(folder) == ["secret.csv"] and len(variable) == 3


def test_even_unlooked_at_it_can_reach_nothing(
    evaluating: Evaluating, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The database itself is shut: what is looked for in an expression is not the only guard."""
    file = tmp_path_factory.mktemp("here") / "secret.csv"
    file.write_text("a\n1\n")
    variable = TABLE
    for statement in (
        f"SELECT * FROM read_csv('{file}')",
        f"SELECT * FROM '{file}'",
        f"COPY examples TO '{file}.out'",
        f"ATTACH '{file}.db' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SELECT * FROM variable",
    ):
        with pytest.raises(evaluating._error):
            evaluating._connection.execute(statement).fetchall()
    assert len(variable) == 200


def test_the_same_bits_again() -> None:
    draws = np.random.default_rng(0).normal(0, 1e6, 100_000)
    table = pa.table({"total": draws})
    told = {
        Evaluating(table, Asked((), (), 20.0, 256 << 20)).outcome(f"sum(total) = {draws.sum()!r} OR sum(total) > 0")
        for _ in range(3)
    }
    assert len(told) == 1


def test_it_ends_in_time_and_memory() -> None:
    """A subquery for each row of each row: nothing that is refused, and more than anybody waits for."""
    table = pa.table({"total": np.arange(200_000.0)})
    slow = "max((SELECT count(*) FROM examples b WHERE sin(b.total) > sin(examples.total) * cos(b.total))) > 0"
    assert Evaluating(table, Asked((), (), 0.3, 256 << 20)).outcome(slow) == Outcome(None, "it takes longer than 0.3 s")
    large = "len(string_agg(repeat('x', 10000) || total, ',')) > 0"
    assert Evaluating(table, Asked((), (), 20.0, 64 << 20)).outcome(large) == Outcome(
        None, "it takes more memory than is allowed"
    )
