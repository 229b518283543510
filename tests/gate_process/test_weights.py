"""Weights that are on the Git LFS server alone, or nowhere: the gate asks with its token, and looks into them."""

from __future__ import annotations

import os
import pickle
import re
from typing import Any

from tests.gate_process.models import BETTER, DEPLOYED, WEIGHTS, Weights, with_weights
from tests.gate_process.site import Ran, Site
from tests.judging import DATA, EVALUATION, FOLDER, MANIFEST, Files, edit

PICKLE = f"{FOLDER}/model.pkl"


class Runs:
    """Pickled as a call of a function."""

    def __reduce__(self) -> tuple[Any, tuple[str, ...]]:
        return os.system, ("touch was-run",)


def pickled(shipped: Weights) -> Files:
    """The better model, as a pickle."""
    files = edit({**BETTER}, MANIFEST, "weights: [model.skops]", "weights: [model.pkl]")
    files[".gitattributes"] = f"{files['.gitattributes']!s}*.pkl filter=lfs diff=lfs merge=lfs -text\n"
    del files[WEIGHTS]
    return with_weights(files, shipped, PICKLE)


def judged(site: Site, files: Files) -> tuple[Ran, list[str]]:
    """What the gate says of the files, and the rules that block."""
    site.repo.remove(*{*DEPLOYED} - {*files})
    site.repo.commit(files)
    site.propose()
    ran = site.gate_7()
    assert not list(site.root.glob("**/was-run"))
    return ran, re.findall(r"^(?:error|inconclusive)\[(\w+)\]", ran.out, re.MULTILINE)


def test_a_pickle_that_is_on_the_server_is_looked_into(site: Site) -> None:
    harmless = Weights(pickle.dumps({"coefficients": [1.0, 2.0]}))
    site.host.put(harmless.digest, harmless.content)
    ran, codes = judged(site, pickled(harmless))
    assert (ran.code, codes) == (0, []), ran
    downloads = [path for method, path, _ in site.host.requests if method == "GET" and "/objects/storage/" in path]
    assert {f"sha256:{path.rpartition('/')[2]}" for path in downloads} == {harmless.digest, DATA}


def test_one_that_runs_code_is_blocked_and_not_run(site: Site) -> None:
    hostile = Weights(pickle.dumps(Runs()))
    site.host.put(hostile.digest, hostile.content)
    ran, codes = judged(site, pickled(hostile))
    assert (ran.code, codes) == (1, ["SAF001"]), ran
    assert "system" in ran.out and "SAF001" in site.comments[0]


def test_what_was_never_pushed_is_blocked(site: Site) -> None:
    """A pointer is three lines of text; nothing need be behind it."""
    missing = Weights(b"nobody has these")
    ran, codes = judged(site, {**with_weights(BETTER, missing)})
    assert (ran.code, codes) == (1, ["LFS005"]), ran
    assert missing.digest.removeprefix("sha256:") in ran.out


def test_other_bytes_than_the_pointer_says_decide_nothing(site: Site) -> None:
    """The server hands over what is not what was committed."""
    hostile = pickle.dumps(Runs())
    honest = Weights(b"x" * len(hostile))
    site.host.put(honest.digest, hostile)
    ran, codes = judged(site, pickled(honest))
    assert (ran.code, codes) == (3, ["SNT003"]), ran


def test_a_server_that_the_author_names_is_not_asked(site: Site) -> None:
    missing = Weights(b"only the author has these")
    lfsconfig = f"[lfs]\n\turl = {site.host.url}/mallory/models.git/info/lfs\n\tfetchexclude = *\n"
    _, codes = judged(site, {**with_weights(BETTER, missing), ".lfsconfig": lfsconfig})
    assert codes == ["LFS005"]
    assert not [path for _, path, _ in site.host.requests if "mallory" in path]


def test_a_server_that_is_down_is_no_pass(site: Site) -> None:
    site.host.lfs_outage = "503 Service Unavailable"
    ran, codes = judged(site, BETTER)
    assert (ran.code, set(codes)) == (3, {"SNT003"}), ran
    assert EVALUATION not in ran.out
