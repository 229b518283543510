"""`listing_and_search.py COMMIT`: lists a commit, and finds all models' names and weights in it by one search."""

import subprocess
import sys

commit = sys.argv[1]
told = subprocess.run(["git", "ls-tree", "-r", "-z", "--full-tree", commit], capture_output=True, check=True).stdout
entries = {}
for record in told.decode().split("\0")[:-1]:
    head, _, path = record.partition("\t")
    entries[path] = head.split()[2]
search = ["git", "grep", "--text", "-z", "-E", "-e", "^name:", "-e", "^oid sha256:", commit]
globs = [":(glob)**/model.yaml", ":(glob)**/*.skops"]
found = subprocess.run([*search, "--", *globs], capture_output=True, check=True).stdout
lines = dict(line.split("\0") for line in found.decode().splitlines())
