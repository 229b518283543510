"""Lists what git knows and reads and parses every model's files, half of them in each of two processes."""

import ast
import json
import os
import subprocess
import sys

import yaml

_WINDOW = 200


def main() -> None:
    """Parses all; each process reads through a git of its own."""
    files = listing()
    middle = len(files) // 2
    child = os.fork()
    parse_all(files[:middle] if child else files[middle:])
    if not child:
        os._exit(0)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def listing() -> list[tuple[str, bytes]]:
    """Each file's object id and path."""
    told = subprocess.run(["git", "ls-files", "-s", "-z"], capture_output=True, check=True).stdout
    records = (record.partition(b"\t") for record in told.split(b"\0")[:-1])
    return [(head.split()[1].decode(), path) for head, _, path in records]


def parse_all(files: list[tuple[str, bytes]]) -> None:
    """Reads the files through one `git cat-file` and parses them."""
    with subprocess.Popen(["git", "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as git:
        assert git.stdin is not None
        assert git.stdout is not None
        for start in range(0, len(files), _WINDOW):
            window = files[start : start + _WINDOW]
            git.stdin.write("".join(f"{oid}\n" for oid, _ in window).encode())
            git.stdin.flush()
            for _, path in window:
                size = int(git.stdout.readline().split()[2])
                parse(path, git.stdout.read(size + 1)[:-1])
        git.stdin.close()


def parse(path: bytes, content: bytes) -> None:
    """Parses a file by its name; what has no structure is only decoded."""
    if path.endswith(b".yaml"):
        yaml.load(content, Loader=yaml.CSafeLoader)
    elif path.endswith(b".json"):
        json.loads(content)
    elif path.endswith(b".py"):
        ast.parse(content)
    else:
        content.decode()


main()
