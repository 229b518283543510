"""The rule about data that is no longer like what the model was trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, field
from msgspec.structs import replace

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.contents import content_at
from snitch.documents import Unreadable
from snitch.documents.decoding import suggest
from snitch.drift import CUSTOMARY_PSI, Drift, DriftLimit, FeatureDrift, Share, drift_between
from snitch.examples import data_content, usable
from snitch.finding import Finding, Measured, Note, Skip, Undecidable
from snitch.formats.manifest import Column
from snitch.formats.profile import Profile
from snitch.numbers import written
from snitch.postponed import Postponed
from snitch.references import Misnamed, missing_file, unknown_features
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.source import resolve
from snitch.training_profile import NamedProfile, named_profiles, read_profile

if TYPE_CHECKING:
    from snitch.model import Model

#: So many features are named in one message.
_MOST = 10
_HELP = "find out how it came about; train on data like it, or set `features` of drifted-feature in the policy"
_WHOLE = "make the profile of all that the model takes: `snitch profile DATA --model MODEL`, or `ignore` them"
_CORRECT = "correct `features` of drifted-feature in the policy"


class DriftedFeature(Rule, code="DAT004", severity=(None, "warning"), stage="gate"):
    """A feature is no longer distributed as it was in the training data.

    A model knows the world that it was trained on. The training profile that the manifest names
    (`training.data[].profile`, as `snitch profile` writes it) is held against the newest benchmark's data, feature by
    feature: by the population stability index (PSI) and by the Jensen-Shannon distance of the counts in the profile's
    own bins, missing values being a bin. Where the index is beyond its limit and the rows are too few to tell that from
    chance (B. Yurdakul, 2018; 2.5 %), the rule is inconclusive. Only the signature's inputs are compared, where there
    is one; of one that no profile knows, or has no bins of, or the data lacks, nothing is decided. Texts that hardly
    two rows share cannot be compared: a note names them. The profile has to be of the very data: its digest that of
    the `revision`, where that is one.

    Mend it: find out how the difference came about. Retrain on data like today's, or make a benchmark that is like what
    the model will see.

    Options:
        max_psi: the largest population stability index, 0.25 by default.
        max_distance: the largest Jensen-Shannon distance (0 to 1). None by default.
        features: other limits for single features, by name.
        ignore: features that are not compared.
        current: data to compare with instead of the benchmark's: the path of a Parquet or CSV file, or of a profile
            that was made of it with `snitch profile --like`, from the root of the repository.

    Example:
        drifted-feature: {max_psi: 0.2, features: {region: {max_psi: 0.5}}, ignore: [signup_month]}
    """

    loosened_by = {"max_psi": "more", "max_distance": "more", "ignore": "more"}
    max_psi: Annotated[float, Meta(ge=0)] | None = CUSTOMARY_PSI
    max_distance: Share | None = None
    features: dict[str, DriftLimit] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    current: str = ""

    def __post_init__(self) -> None:
        if self.current and resolve("", self.current) is None:
            raise ValueError(f"`current` must be a path in the repository, not `{self.current}`")

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The file that is not there."""
        return missing_file(repository, "/current", self.current)

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a feature, or one a fault of a profile."""
        named = list(named_profiles(change.candidate))
        if not named:
            raise Skip("the manifest names no profile of its training data")
        later, known, sound = Postponed(), set[str](), list[NamedProfile]()
        for each in named:
            with later:
                try:
                    profile = each.profile
                except Unreadable as error:
                    yield from _faults(each, error)
                    continue
                sound.append(each)
                known |= {feature.name for feature in profile.features}
                yield from _of_other_data(each, profile)
                yield from self.judge(change, each, profile)
        later.tell()
        if sound:
            yield from self.unknown_names(change, sound[0], known | {each.name for each in _inputs(change.candidate)})
        inputs = [column.name for column in _inputs(change.candidate) if column.name not in (*known, *self.ignore)]
        if inputs and sound:
            yield _unknown(sound[0], inputs, "the training profile does not know what the signature takes: ")

    def judge(self, change: Change, named: NamedProfile, profile: Profile) -> Iterator[Finding | Note]:
        """Holds the current data against one profile.

        Raises:
            Skip: there is none.
            Broken, Undecidable: it cannot be had.
        """
        against = _Against(change, self.current)
        names = _names(change.candidate, against.benchmark, profile)
        if not names:
            yield _unknown(named, (), "the training profile knows no feature")
        names -= set(self.ignore)
        training = replace(profile, features=tuple(each for each in profile.features if each.name in names))
        drift = against.drift(training, *self.limits)
        for each in drift.features:
            if each.outcome != "pass":
                yield _finding(named, profile, each, drift, against.name)
        yield from _uncompared(named, drift)
        inputs = _inputs(change.candidate)
        optional = {column.name for column in inputs if not column.required}
        missing = [name for name in drift.missing if name not in optional]
        # What a benchmark lacks of the signature, `schema-mismatch` tells.
        if missing and not (inputs and against.benchmark):
            yield _unknown(named, missing, f"{against.name} lacks what the model was trained on: ")

    def unknown_names(self, change: Change, named: NamedProfile, known: set[str]) -> Iterator[Finding | Note]:
        """The features of the options that no model has. A limit for one whose name is all but that of a feature here
        is meant for that feature, and holds for none.
        """
        strange = unknown_features(change.candidate, (*self.features, *self.ignore), known)
        near = {name: suggest(name, sorted(known), list_them=False) for name in strange}
        misspelt = [f"`{name}`, {near[name]}" for name in self.features if near.get(name)]
        if misspelt:
            yield _unknown(named, misspelt, "limits in the policy are for features that no model has: ", _CORRECT)
        others = [name for name in strange if name in self.ignore or not near[name]]
        if others:
            told = [f"`{name}`" + (f" ({near[name]})" if near[name] else "") for name in others]
            yield Note(f"drifted-feature names features that no model has: {_listed(told)}")

    @property
    def limits(self) -> tuple[DriftLimit, dict[str, DriftLimit]]:
        """The limit of every feature, and those of single ones."""
        general = DriftLimit(self.max_psi, self.max_distance)
        return general, {
            name: DriftLimit(
                general.max_psi if each.max_psi is None else each.max_psi,
                general.max_distance if each.max_distance is None else each.max_distance,
            )
            for name, each in self.features.items()
        }


class _Against:
    """The data that a profile is held against: a file that the policy names, else the newest benchmark's."""

    def __init__(self, change: Change, path: str) -> None:
        self.change = change
        self.path = resolve("", path) if path else None
        self.benchmark = None if path else _newest(change.benchmarks)

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.benchmark.name} {self.benchmark.version}" if self.benchmark else self.path or ""

    def drift(self, training: Profile, limit: DriftLimit, limits: dict[str, DriftLimit]) -> Drift:
        from snitch.measuring.drifting import drift_in
        from snitch.measuring.tables import Unusable

        if self.benchmark is not None:
            content = data_content(self.benchmark, self.change)
            with usable(self.benchmark):
                return drift_in(content, self.benchmark.definition.data.path, training, limit=limit, limits=limits)
        path, source = self.path or "", self.change.policy_files
        if path not in source.snapshot:
            raise _no_current(path, "is not in the tree")
        try:
            if path.endswith(".json"):
                current = read_profile(source, path)
                columns = [each.name for each in current.features]
                return drift_between(
                    training, current.features, current.data.rows, columns=columns, limit=limit, limits=limits
                )
            content = content_at(source, path, self.change.gate_or_none)
            return drift_in(content, path, training, limit=limit, limits=limits)
        except Unusable as error:
            raise _no_current(path, f"cannot be used: {error.reason}") from None
        except Unreadable as error:
            raise _no_current(path, f"is no profile: {error.problems[0].message}") from None


def _newest(benchmarks: tuple[Benchmark, ...]) -> Benchmark:
    """The benchmark that was collected last; of several the first by name.

    Raises:
        Skip: there is none.
    """
    if not benchmarks:
        raise Skip("no benchmark names the model, and the policy names no `current` data")

    def collected(benchmark: Benchmark) -> date:
        period = benchmark.definition.collected
        return (period and (period.end or period.start)) or date.min

    return max(sorted(benchmarks, key=lambda each: each.name), key=collected)


def _names(model: Model, benchmark: Benchmark | None, profile: Profile) -> set[str]:
    """The features to compare: the signature's inputs, else all that the profile has but what is no feature."""
    inputs = _inputs(model)
    if inputs:
        return {column.name for column in inputs}
    others: set[str] = set()
    if benchmark is not None:
        definition = benchmark.definition
        targets = (definition.target,) if isinstance(definition.target, str) else definition.target
        others = {definition.id, *targets, *((definition.group,) if definition.group else ())}
    return {each.name for each in profile.features} - others


def _inputs(model: Model) -> tuple[Column, ...]:
    signature = model.manifest.signature
    return signature.inputs if signature is not None else ()


def _faults(named: NamedProfile, error: Unreadable) -> Iterator[Finding]:
    for problem in error.problems:
        yield named.file.finding(
            problem.pointer,
            f"the training profile {problem.as_predicate}",
            span=problem.span,
            about=f"{problem.pointer} {problem.message}",
            role="profile",
            help=problem.help or "make it again: `snitch profile DATA --out FILE`",
        )


def _of_other_data(named: NamedProfile, profile: Profile) -> Iterator[Finding]:
    revision = named.data.revision or ""
    if revision.startswith("sha256:") and revision != profile.data.digest:
        yield named.file.finding(
            "/data/digest",
            f"the profile is of other data than {named.data.name}, whose revision is {revision[:15]}…",
            about="digest",
            role="profile",
            help="make it again, of the data that the model was trained on: `snitch profile DATA --out FILE`",
        )


def _finding(named: NamedProfile, profile: Profile, each: FeatureDrift, drift: Drift, name: str) -> Finding:
    index = next(at for at, feature in enumerate(profile.features) if feature.name == each.name)
    was, now = each.nulls
    notes = [f"{drift.rows[0]:,} rows of {named.data.name}, {drift.rows[1]:,} of {name}"]
    notes += [f"missing values: {was:.1%} then, {now:.1%} now"] if was or now else []
    message, outcome = _message(each), each.outcome
    return named.file.finding(
        f"/features/{index}/name",
        f"{each.name} {message}",
        outcome="inconclusive" if outcome == "inconclusive" else "fail",
        about=each.name,
        role="profile",
        notes=(*notes, *each.notes),
        measured=None if each.psi is None else Measured(each.psi),
        help=_HELP,
    )


def _uncompared(named: NamedProfile, drift: Drift) -> Iterator[Note]:
    """Features that pass only since there is nothing to count."""
    by_reason: dict[str, list[str]] = {}
    for each in drift.features:
        if each.outcome == "pass" and each.psi is None:
            by_reason.setdefault(each.reason, []).append(each.name)
    for reason, names in by_reason.items():
        yield Note(f"not held against {named.data.name}, as {reason}: {_listed(names)}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"


def _unknown(named: NamedProfile, names: Sequence[str], told: str, help_text: str = _WHOLE) -> Finding:
    """Of features that nothing is held against, nobody knows whether they have moved."""
    return named.file.finding(
        "/features",
        f"{told}{_listed(names)}",
        outcome="inconclusive",
        about=told,
        role="profile",
        help=help_text,
    )


def _message(each: FeatureDrift) -> str:
    if each.psi is None or each.distance is None:
        return f"cannot be compared with the training data: {each.reason}"
    limit, how_far = each.limit, "" if each.status == "STABLE" else f" ({(each.status or '').lower()})"
    state = f"has moved away from the training data{how_far}: "
    if limit.max_psi is not None and each.psi > limit.max_psi:
        told = f"PSI {written(each.psi)}; the limit is {written(limit.max_psi)}"
    else:
        told = f"Jensen-Shannon distance {written(each.distance)}; the limit is {written(limit.max_distance or 0)}"
    return state + told + (", and so few rows do not tell it from chance" if each.outcome == "inconclusive" else "")


def _no_current(path: str, reason: str) -> Undecidable:
    return Undecidable(
        f"the policy's current data {path} {reason}", path=path, help="correct `current` of drifted-feature"
    )
