"""What all tests share: nothing of the machine they run on, and the option that writes golden files anew."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is that does other things besides says nothing of the code.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew, to be read by a person")


def pytest_configure() -> None:
    # Whoever starts the tests in the background of a script has their interrupts ignored, and those of all children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
