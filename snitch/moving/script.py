"""A plan as commands for a shell: they make the same tree, with nothing but git, head and tail."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from snitch.escape import for_terminal
from snitch.git.building import index_record
from snitch.moving.plan import NewFile, Plan


def script(plan: Plan, *, existing: str | None, signs: bool, page: str | None) -> str:
    """The commands, each run only if the one before it went well, and remarks between them.

    `existing` is the commit of the plan's branch where that is there already; `page` is where a request is opened.
    """
    remarks = [f"# {for_terminal(plan.title)}", f"# {for_terminal(plan.origin)}"]
    remarks += [f"# mind: {for_terminal(note)}" for note in plan.notes]
    steps = [*(_making(plan, signs) if existing is None else [f"commit={existing}"])]
    if plan.remote is not None:
        steps.append(f'git push {quote(plan.remote)} "$commit":{quote(f"refs/heads/{plan.branch}")}')
    where = f": {for_terminal(page)}" if page else ""
    judge = f"snitch gate --target {for_terminal(quote(plan.target))} --head {quote(plan.branch)}"
    after = [
        f"# then ask for the merge of {for_terminal(plan.branch)} into {for_terminal(plan.target)}{where}",
        f"# what the gate would say: {judge}",
    ]
    return "\n".join([*remarks, " &&\n".join(steps), *after]) + "\n"


def _making(plan: Plan, signs: bool) -> Iterator[str]:
    yield 'index="$(mktemp -d)/index"'
    for file in plan.made:
        yield f"{{ {'; '.join(_content(file))}; }} | git hash-object -w --stdin >/dev/null"
    yield f'GIT_INDEX_FILE="$index" git read-tree {plan.tip}'
    yield f'{_records(plan)} | GIT_INDEX_FILE="$index" git update-index --index-info'
    yield 'tree="$(GIT_INDEX_FILE="$index" git write-tree --missing-ok)"'
    sign = "-S " if signs else ""
    message = " ".join(f"-m {quote(text)}" for text in (plan.title, plan.origin))
    yield f'commit="$(git commit-tree {sign}"$tree" -p {plan.tip} {message})"'
    yield f"git update-ref {quote(f'refs/heads/{plan.branch}')} \"$commit\" ''"


def _records(plan: Plan) -> str:
    """The command that prints the index's records of all edits, removals first, without a tab that a shell would take
    for the wish to complete a word.
    """
    edits = sorted(plan.edits.items(), key=lambda item: item[1] is not None)
    records = (f"{quote(index_record(entry, plan.tip))} {quote(_path(path))}" for path, entry in edits)
    return " \\\n  ".join(["printf '%s\\t%s\\n'", *records])


def _path(path: str) -> str:
    """A path, quoted as git quotes it where a line or a terminal could not hold it."""
    if path.isprintable() and not path.startswith('"'):
        return path
    quoted = _octal(path.encode("utf-8", "surrogateescape"), "\\", b'"\\')
    return f'"{quoted}"'


def _content(file: NewFile) -> Iterator[str]:
    """Commands that print a file: what it has of another one taken from that, line by line."""
    old, new = (content.split(b"\n") for content in (file.before, file.content))
    shorter = min(len(old), len(new))
    # The last is no line, or one that nothing ends.
    above = next((at for at in range(shorter - 1) if old[at] != new[at]), shorter - 1)
    below = next((at for at in range(shorter - above) if old[-1 - at] != new[-1 - at]), shorter - above)
    if file.base is None:
        above = below = 0
    if above:
        yield f"git cat-file blob {file.base} | head -n {above}"
    changed = new[above : len(new) - below]
    unended = changed.pop() if not below else b""
    if changed:
        yield _printed(changed, "\\n")
    if unended:
        yield _printed([unended], "")
    if below:
        yield f"git cat-file blob {file.base} | tail -n +{len(old) - below + 1}"


def _printed(lines: list[bytes], end: str) -> str:
    """The command that prints some lines, each ended so; what a terminal could not show is written in octal."""
    texts = [line.decode("utf-8", "surrogateescape") for line in lines]
    if all(map(str.isprintable, texts)):
        return f"printf '%s{end}' {' '.join(map(quote, texts))}"
    escaped = (_octal(line, "\\0", b"\\") for line in lines)
    return f"printf '%b{end}' {' '.join(map(quote, escaped))}"


def _octal(text: bytes, mark: str, odd: bytes) -> str:
    """Text in which `odd` characters, and all but ASCII that can be printed, are written in octal behind a mark."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte not in odd else f"{mark}{byte:03o}" for byte in text)
