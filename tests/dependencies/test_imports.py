"""What code imports, and who provides it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snitch.dependencies.declared import normalised
from snitch.dependencies.distributions import _PROVIDERS, distributions_of
from snitch.dependencies.imports import MAX_BYTES, UnreadableCode, imported_modules, is_standard_library


def names(source: str) -> list[str]:
    return [found.name for found in imported_modules(source.encode(), "train.py")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy", ["numpy"]),
        ("import numpy as np, pandas.core as core", ["numpy", "pandas.core"]),
        ("from sklearn.linear_model import Ridge, Lasso", ["sklearn.linear_model"]),
        ("from google.cloud import storage, bigquery", ["google.cloud.storage", "google.cloud.bigquery"]),
        ("from google.cloud import *", ["google.cloud"]),
        ("from . import features", []),
        ("from .features import x", []),
        ("def f():\n    import numpy", ["numpy"]),
        ("class A:\n  async def f(self):\n    for x in y:\n      while z:\n        import numpy", ["numpy"]),
        ("match x:\n  case 1:\n    import numpy", ["numpy"]),
        ("if x:\n  pass\nelif y:\n  import a\nelse:\n  import b", ["a", "b"]),
        ("import importlib\nx = importlib.import_module('numpy.linalg')", ["importlib", "numpy.linalg"]),
        ("def f(): return [import_module('numpy')]", ["numpy"]),
        ("__import__('numpy')", ["numpy"]),
        ("__import__(name); __import__('.x'); __import__(); __import__(1)", []),
        ("# import numpy\n'import pandas'", []),
        ("", []),
    ],
)
def test_finds_absolute_imports(source: str, expected: list[str]) -> None:
    assert names(source) == expected


def test_the_top_level_module_stands_beside_the_full_name() -> None:
    (found,) = imported_modules(b"import os.path", "train.py")
    assert (found.module, found.name) == ("os", "os.path")


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (b"import os, numpy", (1, 12, 5)),
        (b"\r\n  # x\r\nif 1:\r\n    from   numpy.linalg import x", (4, 12, 12)),
        ("é = 'é'; import numpy".encode(), (1, 17, 5)),
        (b"\xef\xbb\xbfimport numpy", (1, 8, 5)),
        (b"x = __import__('numpy')", (1, 16, 7)),
        (b"from \\\n  numpy import x", (1, 6, 5)),
    ],
)
def test_places_count_characters_from_one(source: bytes, place: tuple[int, int, int]) -> None:
    found = imported_modules(source, "train.py")[-1]
    assert (found.line, found.column, found.length) == place


@pytest.mark.parametrize(
    "source",
    [
        "try:\n  import numpy\nexcept ImportError:\n  numpy = None",
        "try:\n  import numpy\nexcept (KeyError, ModuleNotFoundError):\n  pass",
        "try:\n  import numpy\nexcept Exception:\n  pass",
        "try:\n  import numpy\nexcept:\n  pass",
        "try:\n  if x:\n    import numpy\nexcept ImportError:\n  pass",
        "try:\n  pass\nexcept ImportError:\n  import numpy",
        "try:\n  x = __import__('numpy')\nexcept ImportError:\n  pass",
        "if TYPE_CHECKING:\n  import numpy",
        "if typing.TYPE_CHECKING:\n  import numpy",
        "if not TYPE_CHECKING:\n  pass\nelse:\n  import numpy",
        "with suppress(ImportError):\n  import numpy",
        "with contextlib.suppress(KeyError, ImportError):\n  import numpy",
    ],
)
def test_what_may_be_missing_is_optional(source: str) -> None:
    (found,) = imported_modules(source.encode(), "train.py")
    assert found.optional


@pytest.mark.parametrize(
    "source",
    [
        "import numpy",
        "try:\n  import numpy\nexcept KeyError:\n  pass",
        "try:\n  import numpy\nexcept ImportError:\n  raise RuntimeError('install it')",
        "try:\n  import numpy\nfinally:\n  pass",
        "try:\n  pass\nexcept ImportError:\n  pass\nfinally:\n  import numpy",
        "if not TYPE_CHECKING:\n  import numpy",
        "if TYPE_CHECKING:\n  pass\nelse:\n  import numpy",
        "with suppress(KeyError):\n  import numpy",
        "with open(x) as f:\n  import numpy",
        "if __name__ == '__main__':\n  import numpy",
    ],
)
def test_what_is_needed_is_not_optional(source: str) -> None:
    (found,) = imported_modules(source.encode(), "train.py")
    assert not found.optional


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"import numpy\nimport", 2),
        (b"x = \0", 1),
        (b"# coding: no-such-coding\n", 1),
        (b"\xff\xfe", 1),
        (b"x = " + b"(" * 5000, 1),
        (b"x = " + b"-" * 100_000 + b"1", 1),
        (b"x = " + b"9" * 10_000, 1),
        (b"#" * (MAX_BYTES + 1), 1),
    ],
)
def test_code_that_cannot_be_read_is_told_with_its_line(source: bytes, line: int) -> None:
    with pytest.raises(UnreadableCode) as caught:
        imported_modules(source, "train.py")
    assert caught.value.line == line
    assert caught.value.message


@pytest.mark.parametrize("beside", [b"", b"\nimport_module('numpy')"], ids=["alone", "with a call"])
def test_code_that_some_pythons_find_too_deep_is_told_or_read(beside: bytes) -> None:
    try:
        found = imported_modules(b"a" + b".a" * 100_000 + beside, "train.py")
    except UnreadableCode as error:
        assert (error.line, error.message) == (1, "is nested too deeply to be read")
    else:
        assert [each.module for each in found] == ["numpy"] * bool(beside)


def test_odd_code_warns_nobody(recwarn: pytest.WarningsRecorder) -> None:
    assert names("import numpy\nx = '\\d'\nassert (x, 'y')\n") == ["numpy"]
    assert not recwarn.list


@settings(deadline=None)
@given(
    st.one_of(st.binary(max_size=100), st.text(alphabet="import frmxasy.,*()\n :'\\\t#é", max_size=80).map(str.encode))
)
def test_no_bytes_raise_anything_else(source: bytes) -> None:
    try:
        imported_modules(source, "train.py")
    except UnreadableCode as error:
        assert error.line >= 1


@pytest.mark.parametrize("module", ["os", "json", "tomllib", "distutils", "imp", "annotationlib", "__future__"])
def test_the_standard_library_of_every_python_is_known(module: str) -> None:
    assert is_standard_library(module)


def test_a_third_party_module_is_not_standard() -> None:
    assert not is_standard_library("numpy")


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("numpy", "numpy"),
        ("my_Package.part", "my-package"),
        ("sklearn.linear_model", "scikit-learn"),
        ("PIL", "pillow"),
        ("cv2", "opencv-python-headless"),
        ("yaml", "pyyaml"),
        ("torch", "pytorch"),
        ("tensorflow", "tensorflow-cpu"),
        ("google.protobuf.message", "protobuf"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("google.cloud.kms", "google-cloud-kms"),
        ("google.cloud.kms_v1.Client", "google-cloud"),
        ("azure.storage.blob", "azure-storage-blob"),
        ("google", "protobuf"),
    ],
)
def test_modules_lead_to_their_distributions(module: str, distribution: str) -> None:
    assert distribution in distributions_of(module)


@pytest.mark.parametrize(
    ("module", "distribution"),
    [("sklearn.linear_model", "sklearn"), ("google.cloud.storage", "protobuf"), ("numpy.linalg", "numpy-linalg")],
)
def test_a_module_does_not_lead_elsewhere(module: str, distribution: str) -> None:
    assert distribution not in distributions_of(module)


def test_the_table_is_sorted_normalised_and_says_no_more_than_it_must() -> None:
    assert list(_PROVIDERS) == sorted(_PROVIDERS, key=lambda name: (name.lower(), name))
    for module, providers in _PROVIDERS.items():
        found = providers.split()
        assert found == list(dict.fromkeys(map(normalised, found)))
        assert found != [normalised(module)] or "." in module
