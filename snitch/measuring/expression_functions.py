"""The functions that an expression may use, by DuckDB's names for them, and the names that are functions in disguise.

DuckDB tells which of its functions always say the same of the same, but what it tells differs between its versions, and
is not so of some: `age(x)` and `localtimestamp` read the clock, `current_setting(x)` the machine, and
`reservoir_quantile(x, q)` draws lots. So a function is one of these, each looked at, and steady by DuckDB's word, too.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

#: By what they are for.
FUNCTIONS = {
    "arithmetic": (
        "+ - * / // % ** ^ @ abs add cbrt ceil ceiling degrees divide exp fdiv floor fmod greatest isfinite isinf "
        "isnan least ln log log10 log2 mod multiply pi pow power radians round sign sqrt subtract trunc "
        "acos asin atan atan2 cos sin tan"
    ),
    "conditions": "if nullif",
    "text": (
        "|| ^@ ~~ !~~ ~~* !~~* ~~~ char_length character_length concat concat_ws contains ends_with ilike_escape instr "
        "lcase left len length levenshtein like_escape lower lpad ltrim not_ilike_escape not_like_escape overlay "
        "position prefix regexp_extract regexp_full_match regexp_matches regexp_replace repeat replace reverse right "
        "rpad rtrim split_part starts_with strlen strpos substr substring suffix trim ucase upper"
    ),
    "dates and times": (
        "date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth "
        "dayofweek dayofyear days_in_month epoch epoch_ms hour isodow isoyear last_day make_date make_time "
        "make_timestamp minute month monthname quarter second strftime strptime time_bucket to_days to_hours "
        "to_milliseconds to_minutes to_months to_quarters to_seconds to_weeks to_years try_strptime week weekday "
        "weekofyear year yearweek"
    ),
    "over all examples": (
        "arg_max arg_min argmax argmin avg bool_and bool_or corr count count_if count_star countif covar_pop "
        "covar_samp favg fsum geomean geometric_mean kahan_sum kurtosis kurtosis_pop mad max max_by mean median min "
        "min_by mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept "
        "regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp string_agg sum "
        "sumkahan var_pop var_samp variance wavg weighted_avg"
    ),
}
NAMES = frozenset(name for names in FUNCTIONS.values() for name in names.split())
#: What SQL lets one call without parentheses, as if it were a column.
WRITTEN_AS_COLUMNS = frozenset(
    (
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "session_user",
        "user",
    )
)


def usable(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Those of them that this DuckDB has, and that it calls steady itself. Of a macro of its own it does not say."""
    query = (
        "SELECT lower(function_name), coalesce(bool_and(stability = 'CONSISTENT' OR function_type = 'macro'), false) "
        "FROM duckdb_functions() WHERE internal GROUP BY ALL"
    )
    steady = {name for name, is_steady in connection.execute(query).fetchall() if is_steady}
    return NAMES & steady


def near(name: str, names: Collection[str]) -> str:
    """The names that a wrong one may stand for, as the end of a sentence; empty where none is near."""
    found = get_close_matches(name.lower(), sorted(names), n=3)
    return f"; near it: {', '.join(f'`{each}`' for each in found)}" if found else ""
