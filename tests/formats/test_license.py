"""Which texts name a license."""

import pytest

from snitch.formats.license import is_license


@pytest.mark.parametrize(
    "text",
    ["apache-2.0", "Apache-2.0", "MIT", "proprietary", "Proprietary", "EUPL-1.2", "mit OR apache-2.0", "GPL-2.0+"],
)
def test_licenses(text: str) -> None:
    assert is_license(text)


@pytest.mark.parametrize(
    "text",
    [
        "Apache 2",
        "apache",
        "TODO",
        "mit OR",
        "(mit",
        "mit mit",
        " ",
        "",
        "MİT",
        "mit OR " * 40 + "mit",
        "(" * 150,
        "\0",
        "__import__('os')",
    ],
)
def test_no_licenses(text: str) -> None:
    assert not is_license(text)


def test_the_longest_expression() -> None:
    expression = "mit OR " * 28
    assert len(expression + "isc ") == 200
    assert is_license(expression + "isc ")
    assert not is_license(expression + "isc  ")
