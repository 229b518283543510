"""Rules about what weights may do to whoever loads them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from snitch.change import Change
from snitch.finding import Broken, Finding, Note, Skip, Undecidable
from snitch.model import Model
from snitch.pickles.files import PICKLED, PLAIN, SKOPS, digest_of, judge_file, judge_stream
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.stored import Stored, loadable_weights

if TYPE_CHECKING:
    from snitch.gate import Gate
    from snitch.pickles.source import Limits

#: What can be judged at all: pickles, archives of them, and formats that run no code.
KNOWN_FORMATS = frozenset((*PICKLED, *PLAIN, SKOPS))
#: Real bytes in Git that are larger are not read: that they are there is a finding already.
MAX_BYTES = 64 * 1024 * 1024

_ALLOWED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)
_FORMAT = re.compile(r"\.[A-Za-z0-9][A-Za-z0-9._-]{0,30}", re.ASCII)


class UnsafePickle(Rule, code="SAF001", severity=("error", "error")):
    """Loading the weights can run code: they import something that no model needs.

    A pickle is a program. Whoever can put one into the repository runs whatever they like on every machine that loads
    it. So every name that the file imports is held against an exact list of what models are made of, and what it does
    with each against what the name's own library does: which arguments it gives, which attributes it sets. A file that
    cannot be read to its end is no better. Nothing of it is loaded to find out.

    It judges the weights that the manifest names, and every other pickle in the model's folder, where their bytes are
    on this machine: in Git LFS's local store or in the work tree. Where they are not, the gate decides, which fetches
    them; those that it cannot have keep it from passing. It can't be waived.

    Mend it: save the model in a format that runs no code (skops, safetensors, ONNX). If the class is your own or a
    library's that is trusted, have the policy add it to `allow`.

    Options:
        allow: what may be imported beside the built-in list, each exactly, as `module.name`. Calling it with any
            arguments has to be harmless. Default: nothing.

    Example:
        unsafe-pickle: {allow: [acme_models.trees.Forest]}
    """

    loosened_by = {"allow": "more"}
    allow: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.allow:
            if not _ALLOWED.fullmatch(name):
                raise ValueError(f"`{name}` is no name to import: write it in full, such as `package.module.Class`")

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a file."""
        from snitch.pickles.source import Limits

        later, model = Postponed(), change.candidate
        absent: list[Stored] = []
        trusted = frozenset((module, name) for module, _, name in (each.rpartition(".") for each in self.allow))
        for weights in loadable_weights(model, later):
            with later:
                reasons = _reasons(weights, model, Limits(trusted=trusted))
                if reasons is None and change.is_gated:
                    raise _unfetched(weights, change.gate)
                if reasons is None:
                    absent.append(weights)
                elif reasons:
                    yield _unsafe(weights, reasons)
        later.tell()
        if absent:
            yield Note("SAF001 looked into no weights whose bytes are not here (`git lfs pull`); the gate decides")
            names = ", ".join(weights.name for weights in absent[:3])
            awaited = ((weights.path, weights.pointer) for weights in absent if weights.pointer is not None)
            raise Skip(f"the bytes of {names} are not here; the gate decides", awaited)


def _unfetched(weights: Stored, gate: Gate) -> Broken | Undecidable:
    """Why the gate does not have the bytes of weights."""
    pointer = weights.pointer
    assert pointer is not None
    if pointer.digest in gate.unfetched:
        return gate.unfetched[pointer.digest].with_traceback(None)
    if pointer.digest in gate.weights_server.missing([pointer]):
        return Broken(f"the Git LFS server does not have {weights.path}", reported_by="LFS005", path=weights.path)
    reason = f"the bytes of {weights.path} are not here, and nobody can tell what loading them runs"
    return Undecidable(reason, path=weights.path, help="fetch them: `git lfs fetch`, then run the gate again")


def _unsafe(weights: Stored, reasons: list[str]) -> Finding:
    mend = "save the model in a format that runs no code, such as skops, safetensors or ONNX"
    return Finding(
        message=f"loading it can run code: {reasons[0]}",
        path=weights.path,
        notes=tuple(reasons[1:10]),
        help=mend,
        role="weights",
        key=weights.name,
    )


def _reasons(weights: Stored, model: Model, limits: Limits) -> list[str] | None:
    """Why weights are not certain to be harmless; None where their bytes are not on this machine.

    Raises:
        Broken: they cannot be judged, and another rule tells why.
    """
    if weights.suffix not in KNOWN_FORMATS:
        raise Broken(f"Snitch cannot judge {weights.suffix or 'such'} files", reported_by="SAF002", path=weights.path)
    pointer = weights.pointer
    if pointer is not None:
        local = model.repository.snapshot.local_file(weights.path)
        # Other bytes than the committed ones prove nothing about those.
        if local is None or digest_of(local) != pointer.digest:
            return None
        return judge_file(local, name=weights.path, limits=limits)
    if weights.is_pointer:
        raise Broken(f"{weights.path} is a malformed LFS pointer", reported_by="LFS002", path=weights.path)
    if weights.size > MAX_BYTES:
        raise Broken(f"{weights.path} is too large to be read out of Git", reported_by="LFS001", path=weights.path)
    from io import BytesIO

    return judge_stream(BytesIO(model.repository.snapshot[weights.path]), weights.path, limits=limits)


class DisallowedFormat(Rule, code="SAF002"):
    """A weights file is of a format that the policy does not list.

    Each format needs a loader that is trusted, served and kept up to date; of one that nobody knows, nobody can say
    what loading it does.

    Mend it: save the model in a format that is listed, best one that runs no code (skops, safetensors, ONNX).

    Options:
        formats: the file endings that weights may have. Default: those that Snitch can judge.

    Example:
        disallowed-format: {formats: [.skops, .onnx]}
    """

    loosened_by = {"formats": "more"}
    formats: tuple[str, ...] = tuple(sorted(KNOWN_FORMATS))

    def __post_init__(self) -> None:
        for each in self.formats:
            if not _FORMAT.fullmatch(each):
                raise ValueError(f"`{each}` is no file ending such as `.skops`")

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a file, where the manifest names it."""
        model, listed = change.candidate, _lowered(self.formats)
        for index, name in enumerate(model.manifest.weights):
            if not name.lower().endswith(listed):
                suffix = posixpath.splitext(name)[1].lower()
                message = f"{suffix or 'a file without an ending'} is not one of the policy's formats for weights"
                mend = (
                    f"save the model as one of {', '.join(self.formats)}" if self.formats else "the policy lists none"
                )
                yield model.finding(f"/weights/{index}", message, help=mend, role="weights", about=name)


@lru_cache(maxsize=8)  # it is asked for with each model
def _lowered(formats: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.lower() for each in formats)
