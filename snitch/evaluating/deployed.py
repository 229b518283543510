"""What the deployed model scored on the same benchmark, to be read beside a new number. It decides nothing."""

from __future__ import annotations

from functools import lru_cache

from snitch.checking.catalogue import catalogue_of
from snitch.documents import Unreadable
from snitch.evaluating.evaluate import record_path
from snitch.evaluating.subjects import Subject
from snitch.finding import Broken, Undecidable
from snitch.git.command import Git
from snitch.git.errors import GitError
from snitch.git.refs import branch_tip
from snitch.git.snapshots import tree_snapshot
from snitch.model import Model
from snitch.policy.policy import Policy
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile


class Deployed:
    """The models at the tip of the deployed branch, where that is in this clone."""

    def __init__(self, git: Git, policy: Policy) -> None:
        self._git = git
        self._policy = policy

    def values(self, subject: Subject) -> dict[str, float]:
        """The recorded metrics of the deployed model by identity; none where they cannot be compared."""
        try:
            model = self._model(subject.model.manifest.name)
            path = record_path(Subject(model, subject.benchmark)) if model else ""
            if model is None or path not in model.repository.snapshot:
                return {}
            record = model.evaluation(path)
            is_same = record.measures(subject.benchmark)
            return {key: each.value for key, each in record.measurements.items() if is_same and each.value is not None}
        except (Broken, Undecidable, Unreadable, UnreadableFile, GitError):
            return {}

    def _model(self, name: str) -> Model | None:
        repository = self._repository()
        if repository is None:
            return None
        folders = _folders(repository).get(name, ())
        return Model(repository, folders[0]) if folders else None

    @lru_cache(maxsize=1)  # noqa: B019 - lives as long as the run
    def _repository(self) -> Repository | None:
        tip = branch_tip(self._git, self._policy.deployed_branch, remote=self._policy.remote)
        if tip is None:
            return None
        return Repository(tree_snapshot(self._git, tip.commit, ref=tip.ref, commit=tip.commit), self._policy.exclude)


@lru_cache(maxsize=1)
def _folders(repository: Repository) -> dict[str, tuple[str, ...]]:
    return catalogue_of(repository).folders
