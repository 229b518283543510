"""`one_model.py MANIFEST EVALUATION`: one git call, one file through the C YAML loader, one through JSON."""

import json
import subprocess
import sys

import yaml

subprocess.run(["git", "diff-index", "--cached", "--name-only", "-z", "HEAD", "--"], capture_output=True, check=True)
with open(sys.argv[1], "rb") as manifest:
    yaml.load(manifest.read(), Loader=yaml.CSafeLoader)
with open(sys.argv[2], "rb") as evaluation:
    json.loads(evaluation.read())
