"""The branches that stand for environments, as their remote has them now, and the policy that names them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from snitch.change import Catalogue, Environment
from snitch.checking.catalogue import begin_search, catalogue_of
from snitch.checking.commits import Misuse
from snitch.checking.naming import folders_named
from snitch.documents.decoding import suggest
from snitch.finding import Undecidable
from snitch.gating.proposal import policy_on
from snitch.git.absence import how_to_have, surroundings
from snitch.git.command import Git
from snitch.git.errors import AbsentObject
from snitch.git.fetching import Upstream
from snitch.git.refs import Revision, branch_tip
from snitch.git.snapshots import GitSnapshot, tree_snapshot
from snitch.model import Model
from snitch.policy.policy import Policy, is_pattern
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.source import Source


class Standing(Struct, frozen=True):
    """A branch's tip and what it holds."""

    branch: str
    tip: Revision
    repository: Repository

    def meant(self, word: str, place: str) -> Model | None:
        """The model that a person means by a word, which as a path would be `place` (from the top); None where there is
        none.

        Raises:
            Misuse: there are several.
        """
        return self._only(word, folders_named(word, place, catalogue_on(self), self.repository.model_folders))

    def named(self, name: str) -> Model | None:
        """The model of a name; None where there is none.

        Raises:
            Misuse: there are several.
        """
        return self._only(name, catalogue_on(self).folders.get(name, ()))

    def _only(self, word: str, folders: tuple[str, ...]) -> Model | None:
        if len(folders) > 1:
            raise Misuse(f"`{word}` is the name of several models on {self.branch}: {', '.join(folders)}")
        return Model(self.repository, folders[0]) if folders else None


class Branches:
    """The branches of a clone. With `fetches`, each is brought up to date when it is first asked for.

    The policy is that of the deployed branch's tip: what a work tree makes of it counts for nothing.
    """

    def __init__(self, git: Git, *, fetches: bool) -> None:
        self.git = git
        self._fetches = fetches
        self._fetched: set[str] = set()
        #: What could not be fetched, in words.
        self.notes: list[str] = []
        self._remote = "origin"
        first = self._policy_of_head()
        self._remote = first.remote
        self.fetch([first.deployed_branch])
        tip = branch_tip(git, first.deployed_branch, remote=self._remote)
        self.policy: Policy = first if tip is None else policy_on(git, self._whole(tip))
        self._remote = self.policy.remote

    @property
    def remote(self) -> str | None:
        """The remote that the branches are on; None where the clone has none of the policy's name."""
        return self._remote if self.upstream.is_there else None

    @property
    def upstream(self) -> Upstream:
        return Upstream(self.git, self._remote)

    def _policy_of_head(self) -> Policy:
        """What is committed where the user is; without a commit, the preset."""
        head = self.git.layout.head
        if head is None:
            return read_policy(Source(MemorySnapshot({})))
        return policy_on(self.git, self._whole(Revision("HEAD", head)))

    def _whole(self, tip: Revision) -> Revision:
        """The same, once a clone that was told to leave files out has those of it.

        Raises:
            AbsentObject: they cannot be had.
        """
        upstream = self.upstream
        if upstream.is_there and upstream.is_filtered:
            self.git.objects.supplier = upstream.supply
            upstream.complete([tip.commit])
        return tip

    def fetch(self, branches: Iterable[str]) -> None:
        """Brings branches up to date, as far as their remote has them and can be reached; else `notes` says so."""
        upstream = self.upstream
        wanted = [each for each in dict.fromkeys(branches) if each not in self._fetched]
        self._fetched.update(wanted)
        if not self._fetches or not wanted or not upstream.is_there:
            return
        for branch in wanted:
            try:
                upstream.branch(branch)
            except AbsentObject as error:
                if branch_tip(self.git, branch, remote=self._remote) is not None:
                    self.notes.append(f"{error.message}; {branch} is taken as it was fetched last")

    def has(self, branch: str) -> bool:
        """Whether the branch is here."""
        self.fetch([branch])
        return branch_tip(self.git, branch, remote=self._remote) is not None

    def standing(self, branch: str) -> Standing:
        """What a branch holds.

        Raises:
            Undecidable: it is not in this clone, nor to be had.
            AbsentObject: the clone lacks files of it.
        """
        self.fetch([branch])
        tip = branch_tip(self.git, branch, remote=self._remote)
        if tip is None:
            help_text = how_to_have(branch, self._remote, surroundings(self.git))
            raise Undecidable(f"the branch `{branch}` is not in this clone", help=help_text)
        self._whole(tip)
        snapshot = tree_snapshot(self.git, tip.commit, ref=branch, commit=tip.commit)
        return Standing(branch, tip, Repository(snapshot, self.policy.exclude))

    def environment(self, name: str) -> Environment:
        """The environment of a name.

        Raises:
            Misuse: there is none.
        """
        try:
            return self.policy.environment(name)
        except KeyError:
            near = suggest(name, [each.name for each in self.policy.environments])
            raise Misuse(f"there is no environment `{name}`; {near}") from None


def new_branch(name: str, policy: Policy) -> str:
    """The short name of the branch to be made, of one that a person gave.

    Raises:
        Misuse: it stands for an environment, or names a ref of another kind.
    """
    short = name.removeprefix("refs/heads/")
    if short.startswith("refs/"):
        raise Misuse(f"`{name}` is a full ref and no branch's; choose another with --branch, such as `rollback/churn`")
    for environment in policy.environments:
        if short in environment.branches:
            raise Misuse(f"the branch `{short}` is that of {environment.name}; choose another with --branch")
    return short


def catalogue_on(standing: Standing) -> Catalogue:
    """The models of a branch by their names."""
    repository = standing.repository
    assert isinstance(repository.snapshot, GitSnapshot)
    search = begin_search(repository.snapshot)
    return catalogue_of(repository, search.found() if search else None, weights=False)


def literal_branch(environment: Environment) -> str:
    """The one branch that an environment stands for.

    Raises:
        Misuse: it has none, or several.
    """
    found = [branch for branch in environment.branches if not is_pattern(branch)]
    if len(found) == 1:
        return found[0]
    what = f"the branches {', '.join(found)}" if found else f"no one branch, but `{environment.branches[0]}`"
    raise Misuse(f"{environment.name} has {what}")


def unknown_model(word: str, places: Iterable[Standing]) -> Misuse:
    """What to say of a model that is on none of some branches."""
    where = list(places)
    names = sorted({name for each in where for name in catalogue_on(each).folders})
    near = suggest(word, names) or ("there is none at all" if not names else "")
    branches = " or ".join(dict.fromkeys(each.branch for each in where))
    return Misuse(f"there is no model `{word}` on {branches}" + (f"; {near}" if near else ""))
