"""Which files a model's move takes with it, and what becomes of the target's files by it."""

from __future__ import annotations

from collections.abc import Mapping

from snitch.checking.commits import Misuse
from snitch.git.building import Edits
from snitch.git.command import Git
from snitch.git.history import EntriesSnapshot
from snitch.model import Model
from snitch.repository import BENCHMARKS, POLICY, Repository
from snitch.snapshot import Entry, in_git_order

#: Files by their paths.
Files = Mapping[str, Entry]


def own_files(model: Model) -> Files:
    """The files that a model owns."""
    entries = model.repository.snapshot.entries
    return {path: entries[path] for path in model.files}


def files_beside(model: Model) -> Files:
    """The files that its manifest names and that it does not own; not what judges it, which is moved by itself.

    Raises:
        Broken: the manifest is not valid.
        Undecidable: it is not in this clone.
    """
    entries, own = model.repository.snapshot.entries, set(model.files)
    paths = {path for _, _, path in model.named_files if path is not None and path in entries and path not in own}
    return {path: entries[path] for path in sorted(paths) if path != POLICY and not path.startswith(f"{BENCHMARKS}/")}


def edits_for(own: Files, beside: Files, folder: str, target: Repository, present: Model | None) -> Edits:
    """What makes of a target's files those in which a model has just these: its own, in its `folder`, and others.

    `present` is the model as the target has it, which may lie in another folder.

    Raises:
        Misuse: the target has another model's files where its own would lie, or there is no room for them.
    """
    here = target.snapshot.entries
    ours = (None, present.folder if present is not None else None)
    for path, entry in {**own, **beside}.items():
        owner = target.owner(path)
        is_taken = path in here if path in own else here.get(path) != entry
        if is_taken and owner not in ours:
            other = Model(target, owner or "").name
            raise Misuse(f"{path} is of the model {other} on {target.ref}; move that one first")
    gone = set(present.files) if present is not None else set()
    gone |= {path for path in target.below(folder) if target.owner(path) in ours and not target.is_unowned(path)}
    wanted = {**own, **beside}
    edits: dict[str, Entry | None] = {path: None for path in gone if path not in wanted}
    edits |= {path: entry for path, entry in wanted.items() if here.get(path) != entry}
    return dict(sorted(edits.items(), key=lambda item: in_git_order(item[0])))


def refuse_collisions(git: Git, edits: Edits, target: Repository, folder: str, own: Files) -> None:
    """Sees that the edits can be made, and that the model of a folder owns just its own files afterwards.

    Raises:
        Misuse: they cannot, or it does not.
    """
    entries = {path: entry for path, entry in target.snapshot.entries.items() if path not in edits}
    entries |= {path: entry for path, entry in edits.items() if entry is not None}
    after = Repository(EntriesSnapshot(git, entries, ref=target.ref, commit=None), target.exclude)
    for path in (path for path, entry in edits.items() if entry is not None):
        above = next((each for each in _above(path) if each in entries), None)
        if above is not None:
            raise Misuse(f"{path} cannot lie on {target.ref}, where {above} is a file; remove that first")
        if next(after.below(path), None) is not None:
            raise Misuse(f"{path} cannot lie on {target.ref}, where it is a folder; remove that first")
    differing = set(after.files_by_model.get(folder, ())) ^ set(own)
    if differing:
        path = min(differing)
        raise Misuse(f"{path} would be another model's on {target.ref} than it should; move one of the two first")


def _above(path: str) -> list[str]:
    """The folders that a path lies in."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
