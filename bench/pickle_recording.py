"""Writes down the pickles that fickling's own tests hold against its scanner, and what each test expects of them.

`python pickle_recording.py TESTS OUT` runs in the peers' environment: TESTS is the folder `test` of fickling's source.
A pickle is `bad` where the test expects more than "likely safe", `good` where it expects no more; others are left out.
"""

from __future__ import annotations

import os
import sys
import unittest
from importlib import import_module
from typing import Any

MODULES = ("test_bypasses", "test_analysis", "test_scanner_deactivation_analysis")


class Recorder:
    """Stands between the tests and the scanner."""

    def __init__(self, out: str) -> None:
        self.out = out
        self.analysis: Any = import_module("fickling.analysis")
        self.checked = self.analysis.check_safety
        self.latest: dict[str, bytes] = {}
        self.count = 0

    def check(self, pickled: Any, *arguments: Any, **options: Any) -> Any:
        self.latest["pickle"] = pickled.dumps()
        return self.checked(pickled, *arguments, **options)

    def expect(self, kind: str) -> None:
        content = self.latest.pop("pickle", None)
        if content is not None:
            self.count += 1
            with open(os.path.join(self.out, f"{kind}-{self.count:03}.pkl"), "wb") as file:
                file.write(content)

    def more(self, case: Any, first: Any, second: Any, msg: Any = None) -> None:
        self.expect("bad")

    def equal(self, case: Any, first: Any, second: Any, msg: Any = None) -> None:
        severity = self.analysis.Severity
        for each in (first, second):
            if isinstance(each, severity):
                self.expect("good" if each == severity.LIKELY_SAFE else "bad")
                return


def main() -> None:
    tests, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    recorder = Recorder(out)
    recorder.analysis.check_safety = recorder.check
    case: Any = unittest.TestCase
    case.assertGreater = lambda *told, **more: recorder.more(*told, **more)
    case.assertGreaterEqual = lambda *told, **more: recorder.more(*told, **more)
    case.assertEqual = lambda *told, **more: recorder.equal(*told, **more)
    sys.path.insert(0, tests)
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(loader.loadTestsFromModule(import_module(name)) for name in MODULES)
    unittest.TextTestRunner(stream=open(os.devnull, "w")).run(suite)  # noqa: SIM115
    print(recorder.count)


if __name__ == "__main__":
    main()
