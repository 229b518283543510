"""Plans a promotion: a model as one environment's branch has it now, put on the branch of the next."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from snitch.checking.commits import Misuse
from snitch.escape import for_terminal
from snitch.finding import Broken, Undecidable
from snitch.formats.scalars import Version
from snitch.model import Model
from snitch.moving.branches import Branches, Standing, literal_branch, new_branch, unknown_model
from snitch.moving.description import describe
from snitch.moving.files import Files, edits_for, files_beside, own_files, refuse_collisions
from snitch.moving.plan import NothingToMove, Plan, named_in_ref
from snitch.policy.policy import is_pattern
from snitch.repository import Repository


class Route(Struct, frozen=True):
    """From which branch to which, and the environment that the latter stands for."""

    source: str
    target: str
    environment: str


def plan_promotion(
    branches: Branches,
    word: str,
    place: str,
    *,
    to: str | None = None,
    source: str | None = None,
    branch: str | None = None,
) -> Plan:
    """How a model is promoted that is called `word`, or lies at `place`.

    `to` is an environment, or a branch of one; without it, the first environment going up that does not hold what it is
    promoted from. `source` is the branch to take the model from; without it, that of the environment which the policy
    has it come from.

    Raises:
        NothingToMove: every environment holds what it is promoted from.
        Misuse: there is no such model, environment or way, or the target has something else in its place.
        Undecidable, AbsentObject: a branch, or a file of it, is not in this clone.
    """
    held: list[str] = []
    seen: list[Standing] = []
    for route in _routes(branches, to, source):
        here, there = branches.standing(route.source), branches.standing(route.target)
        seen += [here, there]
        model = here.meant(word, place)
        if model is None:
            continue
        plan = _plan(branches, route, model, there, branch)
        if plan is not None:
            return plan
        held.append(f"{route.environment} holds {model.name} {model.version} just as {route.source} does")
    if held:
        raise NothingToMove(f"nothing to promote: {'; '.join(held)}")
    raise unknown_model(word, seen[::2])


def _routes(branches: Branches, to: str | None, source: str | None) -> Iterator[Route]:
    """The ways that a model may go, the lowest first."""
    if to is not None:
        yield _route_to(branches, to, source)
        return
    policy = branches.policy
    below = policy.environment_of(source) if source is not None else None
    routes = [
        Route(origin, target, environment.name)
        for environment in policy.environments
        if environment.promotes_from is not None
        and (source is None or below is None or environment.promotes_from == below.name)
        for origin in (policy.sources(environment) if source is None else (source,))
        for target in environment.branches
        if not is_pattern(target)
    ]
    if not routes:
        missing = (
            "the environment with --to"
            if source is not None
            else "the branch with --from and the environment with --to"
        )
        raise Misuse(f"by the policy nothing is promoted from {source or 'any one branch'}; name {missing}")
    yield from routes


def _route_to(branches: Branches, to: str, source: str | None) -> Route:
    policy = branches.policy
    named = policy.environment_of(to)
    if all(each.name != to for each in policy.environments) and named is not None and to in named.branches:
        environment, target = named, to
    else:
        environment = branches.environment(to)
        target = literal_branch(environment)
    if source is not None:
        return Route(source, target, environment.name)
    if environment.promotes_from is None:
        raise Misuse(f"by the policy nothing is promoted into {environment.name}; name the branch with --from")
    try:
        return Route(literal_branch(policy.environment(environment.promotes_from)), target, environment.name)
    except Misuse as error:
        raise Misuse(f"{error}, to promote from; name the branch with --from") from None


def _plan(branches: Branches, route: Route, model: Model, there: Standing, branch: str | None) -> Plan | None:
    """None where the target holds the model just as the source does."""
    _require_valid(model, route.source)
    present = there.named(model.name)
    own, beside = own_files(model), files_beside(model)
    kept = {path: entry for path, entry in beside.items() if model.repository.owner(path) is None}
    _refuse_lent({path: entry for path, entry in beside.items() if path not in kept}, there, route)
    edits = edits_for(own, kept, model.folder, there.repository, present)
    if not edits:
        return None
    refuse_collisions(branches.git, edits, there.repository, model.folder, own)
    version, commit = model.manifest.version, model.repository.commit
    origin = for_terminal(f"As it stands on {route.source} at {commit}; {_before(there.branch, present)}.")
    notes = tuple(_notes(route, model, present, there.repository, [path for path in kept if path in edits]))
    return Plan(
        model=model.name,
        version=version,
        present=present.version if present is not None else None,
        environment=route.environment,
        target=route.target,
        tip=there.tip.commit,
        remote=branches.remote,
        branch=new_branch(
            branch or f"promote/{model.name}-{version}-to-{named_in_ref(route.environment)}", branches.policy
        ),
        edits=edits,
        title=for_terminal(f"Promote {model.name} {version} to {route.environment}"),
        origin=origin,
        body=describe(model, present, [origin], route.environment, edits, notes),
        notes=notes,
    )


def _require_valid(model: Model, branch: str) -> None:
    try:
        model.manifest  # noqa: B018 - asked for to see whether it can be
    except Broken as error:
        raise Misuse(f"{error.reason} on {branch}; `snitch check --ref {branch}` tells why") from None


def _before(branch: str, present: Model | None) -> str:
    return f"{branch} had {present.version or 'another'}" if present is not None else f"it was not on {branch}"


def _refuse_lent(lent: Files, there: Standing, route: Route) -> None:
    """What the manifest names of another model's files is that one's to move."""
    for path, entry in lent.items():
        if there.repository.snapshot.entries.get(path) != entry:
            raise Misuse(
                f"the manifest names {path}, which is another model's and differs between {route.source} and "
                f"{route.target}; promote that model first"
            )


def _notes(route: Route, model: Model, present: Model | None, target: Repository, beside: list[str]) -> Iterator[str]:
    for path in beside:
        yield f"{path} changes too, which lies outside of the model's folder: other models may use it"
    if present is not None and _is_lower(model.version, present.version):
        yield f"{route.target} has {present.version}, which is above {model.version}: the gate lets no version fall"
    for name in _differing_benchmarks(model, target):
        yield (
            f"the benchmark {name} differs between {route.source} and {route.target}, and is not promoted: evaluations "
            "made on one do not count on the other; have its change approved and merged by itself"
        )


def _is_lower(version: str, other: str) -> bool:
    try:
        return Version(version).key < Version(other).key
    except ValueError:
        return False  # what is deployed gives no version


def _differing_benchmarks(model: Model, target: Repository) -> list[str]:
    """The benchmarks of a model that are otherwise on a target, or not there."""
    ours, theirs = model.repository, target
    found = []
    for each in ours.benchmarks_mentioning(model.name):
        try:
            if not each.names(model.name, model.manifest.task):
                continue
        except (Broken, Undecidable):
            continue
        here = {path: ours.snapshot.entries[path] for path in ours.below(each.folder)}
        there = {path: theirs.snapshot.entries[path] for path in theirs.below(each.folder)}
        if here != there:
            found.append(each.name)
    return sorted(found)
