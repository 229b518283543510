"""What a clone lacks, fetched from where it came from: branches, the history behind them, the files of a commit.

The one place that lets git speak to a network. A full clone is never cut off: what is complete is left as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from snitch.git.command import Answer, Git
from snitch.git.errors import AbsentObject, GitError
from snitch.git.refs import is_partial, remotes

#: What a remote may be reached by. `ext` would run a command, and is not among them.
_PROTOCOLS = "https:http:ssh:git:file"
#: How the caller's git reaches servers, and asks for what they want to know.
_REACHING = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_PROXY_COMMAND", "GIT_SSL_CAINFO")
#: A server that sends less than this for so long is not there.
_PATIENCE = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60")
#: Trees are fetched before the files in them are known to be missing, so it takes some rounds; more mean no progress.
_ROUNDS = 5
_ALL_TREES = "blob:none"
#: What git says of a server that does not let it in. It asks nobody at a terminal.
_REFUSALS = ("could not read Username", "could not read Password", "Authentication failed", "returned error: 403")
_LOGIN = "Give the job a token that may read the repository (on GitHub, the permission `contents: read`)"


class Login(NamedTuple):
    """A header of authentication, and the URL of the server that it is for."""

    url: str
    header: str

    def __repr__(self) -> str:
        return f"Login({self.url!r})"


class Upstream:
    """The remote of a clone: `name` as git knows it. `url` is given where the clone is none that people could go to."""

    def __init__(self, git: Git, name: str = "origin", login: Login | None = None, *, url: str = "") -> None:
        self.git = git
        self.name = name
        self._url = url
        #: Why the last that was asked for did not come; None while all came.
        self.unfetched: GitError | None = None
        self._network = Git(git.directory, variables=_network(git, login), patience=None)

    @property
    def is_there(self) -> bool:
        """Whether the clone knows the remote."""
        return self.name in remotes(self.git)

    @property
    def is_filtered(self) -> bool:
        """Whether the clone was told to leave objects out."""
        return is_partial(self.git)

    @property
    def urls(self) -> tuple[str, ...]:
        """Its URL as it is written, and as git understands it; they may hold credentials."""
        written = self.git.ask(("config", "--null", "--get", f"remote.{self.name}.url")).out.split(b"\0")[0]
        understood = self.git.ask(("remote", "get-url", "--", self.name)).out.split(b"\n")[0]
        return tuple(dict.fromkeys(os.fsdecode(each) for each in (written, understood) if each))

    @property
    def push_urls(self) -> tuple[str, ...]:
        """Where what is pushed to it goes, if not to where it is fetched from; as it is written."""
        told = self.git.ask(("config", "--null", "--get-all", f"remote.{self.name}.pushurl")).out
        return tuple(map(os.fsdecode, told.split(b"\0")[:-1]))

    def fetch(self, *refspecs: str, options: Sequence[str] = ()) -> None:
        """Fetches these, and in a shallow clone the history behind them.

        Raises:
            AbsentObject: the remote does not have them, or cannot be reached; with the command to try.
        """
        unshallow = ("--unshallow",) if self.git.layout.is_shallow else ()
        command = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        answer = self._network.ask((*_PATIENCE, *command, *unshallow, *options, self.name, *refspecs))
        if answer.status:
            raise self._unfetched(refspecs, answer)
        self.git.forget_layout()

    def branch(self, name: str) -> None:
        """Brings a branch to where it is looked for: `refs/remotes/<remote>/<branch>`."""
        self.fetch(f"+refs/heads/{name}:refs/remotes/{self.name}/{name}")

    def complete(self, commits: Iterable[str]) -> None:
        """Brings every file of these commits that the clone was filtered not to have.

        Raises:
            AbsentObject: they cannot be had.
        """
        wanted = list(dict.fromkeys(commits))
        missing: list[str] = []
        for _ in range(_ROUNDS):
            missing = self._missing(wanted)
            if not missing:
                return
            self.supply(missing)
        raise AbsentObject(f"{self.name} does not hand over {missing[0]}", _command(self.name, ("--refetch",)))

    def supply(self, oids: Sequence[str]) -> None:
        """Brings objects by their ids.

        Raises:
            AbsentObject: they cannot be had.
        """
        wanted = "".join(f"{oid}\n" for oid in oids).encode("ascii")
        # Git would leave out what it takes the remote to know that we have: just that is what is missing.
        options = ("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
        command = (*_PATIENCE, *options, "--no-recurse-submodules", f"--filter={_ALL_TREES}", "--stdin", self.name)
        answer = self._network.ask(command, wanted)
        if answer.status:
            raise self._unfetched(("--refetch",), answer)

    def _unfetched(self, what: Sequence[str], answer: Answer) -> GitError:
        reason = _reason(answer)
        advice = _command(self.name, what)
        if any(phrase in reason for phrase in _REFUSALS):
            reason, advice = "it takes none of the credentials that are known here", _LOGIN
        elif self._url:
            advice = f"Once `git ls-remote {self._url}` shows what is asked for, run it again"
        self.unfetched = AbsentObject(f"{self._url or self.name} cannot be fetched from: {reason}", advice)
        return self.unfetched

    def push(self, commit: str, branch: str) -> None:
        """Makes a branch of the remote at a commit, or moves it forward to it; nothing else is pushed, nothing forced.

        Weights are not: the commit must hold none but those that the remote's server has. None of the clone's hooks
        run, Git LFS's among them.

        Raises:
            GitError: the remote does not take it, or cannot be reached.
        """
        options = ("--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no")
        command = (*_PATIENCE, "push", *options, self.name, f"{commit}:refs/heads/{branch}")
        answer = self._network.ask(command)
        if answer.status:
            raise _unpushed(self.name, branch, answer)

    def _missing(self, commits: Sequence[str]) -> list[str]:
        """The trees and files of these that are not here, not asking for them."""
        command = ("rev-list", "--no-walk", "--objects", "--no-object-names", "--missing=print", *commits, "--")
        lines = self.git.run(command).decode("ascii", "replace").splitlines()
        return [line[1:] for line in lines if line.startswith("?")]


def make_clone(folder: str, url: str, login: Login | None = None, authorities: str = "") -> Upstream:
    """An empty bare clone in an empty folder, that will fetch commits and trees at once and files when asked.

    `authorities` is a file of the certificates to trust for the URL; without one, those that git trusts anyway.

    Raises:
        GitError: it cannot be made.
    """
    git = Git(folder)
    git.called = url
    git.run(("init", "--quiet", "--bare", "--template=", "."))
    trusted = ((f"http.{url}.sslCAInfo", authorities),) if authorities else ()
    for key, value in (
        *trusted,
        ("remote.origin.url", url),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialCloneFilter", _ALL_TREES),
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
    ):
        git.run(("config", key, value))
    return Upstream(git, "origin", login, url=url)


def _network(git: Git, login: Login | None) -> dict[str, str]:
    reaching = {name: os.environ[name] for name in _REACHING if name in os.environ}
    variables = {**reaching, "GIT_ALLOW_PROTOCOL": _PROTOCOLS}
    if login is not None and not _has_header(git, login.url):
        variables |= _configuration(os.environ, f"http.{login.url}.extraheader", login.header)
    return variables


def _has_header(git: Git, url: str) -> bool:
    """Whether the clone authenticates by itself, as one of actions/checkout does: servers refuse two headers."""
    return git.ask(("config", "--get-urlmatch", "http.extraheader", url)).status == 0


def _configuration(environ: Mapping[str, str], key: str, value: str) -> dict[str, str]:
    """One more entry of configuration by the environment, where other programs cannot read it off a command line."""
    count = environ.get("GIT_CONFIG_COUNT", "")
    number = int(count) if count.isdecimal() else 0
    return {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": key,
        f"GIT_CONFIG_VALUE_{number}": value,
    }


def _unpushed(remote: str, branch: str, answer: Answer) -> GitError:
    if "[rejected]" in answer.err:
        reason = f"{remote} has a branch `{branch}` of other content"
        return GitError(reason, f"Delete it with `git push {remote} --delete {branch}`, or name another")
    refused = next((line for line in answer.err.splitlines() if "[remote rejected]" in line), None)
    reason = refused.strip(" !") if refused else _reason(answer)
    return GitError(f"{remote} does not take the branch `{branch}`: {reason}", "May you push to it?")


def _reason(answer: Answer) -> str:
    """Why a remote could not do what it was asked for, in its own words."""
    told = [line for line in answer.err.splitlines() if line.strip()]
    reason = next((line for line in told if line.startswith(("fatal: ", "error: "))), told[0] if told else "no reason")
    return reason.partition(": ")[2] or reason


def _command(remote: str, what: Sequence[str]) -> str:
    return f"Run `git fetch {' '.join([*(each for each in what if each.startswith('-')), remote])}" + (
        " ".join(["", *(each for each in what if not each.startswith("-"))]) + "`"
    )
