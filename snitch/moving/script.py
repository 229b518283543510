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
    return "\n".join([*remarks, _chained(steps), *after]) + "\n"


def _chained(steps: list[str]) -> str:
    """Each after the one before it. What a step reads from below its command stands after the link to the next."""
    chained = []
    for at, step in enumerate(steps):
        command, newline, below = step.partition("\n")
        link = " &&" if at < len(steps) - 1 else ""
        chained.append(f"{command}{link}{newline}{below}")
    return "\n".join(chained)


def _making(plan: Plan, signs: bool) -> Iterator[str]:
    yield 'index="$(mktemp -d)/index"'
    for file in plan.made:
        yield f"{{ {'; '.join(_content(file))}; }} | git hash-object -w --stdin >/dev/null"
    yield f'GIT_INDEX_FILE="$index" git read-tree {plan.tip}'
    removals = sorted(plan.edits.items(), key=lambda item: item[1] is not None)
    records = [_record(path, index_record("", entry, plan.tip)) for path, entry in removals]
    listed = "\n".join(["GIT_INDEX_FILE=\"$index\" git update-index --index-info <<'END'", *records, "END"])
    yield listed
    yield 'tree="$(GIT_INDEX_FILE="$index" git write-tree --missing-ok)"'
    sign = "-S " if signs else ""
    message = " ".join(f"-m {quote(text)}" for text in (plan.title, plan.origin))
    yield f'commit="$(git commit-tree {sign}"$tree" -p {plan.tip} {message})"'
    yield f"git update-ref {quote(f'refs/heads/{plan.branch}')} \"$commit\" ''"


def _record(path: str, head: str) -> str:
    """A line of the index's, its path quoted as git quotes it where a line or a terminal could not hold it."""
    if path.isprintable() and not path.startswith('"'):
        return head + path
    quoted = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in path.encode("utf-8", "surrogateescape")
    )
    return f'{head}"{quoted}"'


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
    for at, line in enumerate(changed):
        is_last = below == 0 and at == len(changed) - 1
        if line or not is_last:
            yield _printed(line, "" if is_last else "\\n")
    if below:
        yield f"git cat-file blob {file.base} | tail -n +{len(old) - below + 1}"


def _printed(line: bytes, end: str) -> str:
    text = line.decode("utf-8", "surrogateescape")
    if text.isprintable():
        return f"printf '%s{end}' {quote(text)}"
    octal = "".join(chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\0{byte:03o}" for byte in line)
    return f"printf '%b{end}' {quote(octal)}"
