"""The filter of system calls, run here as the kernel runs it: for machines that this one is not, too."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
from pathlib import Path

import pytest

from snitch.evaluating import seccomp

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, KILLED = 0x7FFF0000, 0x80000000
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter says of a call: classic BPF, as the kernel's documentation has it."""
    data = {0: number, 4: MACHINES[machine] if architecture is None else architecture}
    for at in range(6):
        value = (arguments[at] if at < len(arguments) else 0) & 0xFFFFFFFFFFFFFFFF
        data |= {16 + 8 * at: value & 0xFFFFFFFF, 20 + 8 * at: value >> 32}
    held, at, program = 0, 0, seccomp.program(machine, protected=(77,))
    while True:
        code, if_so, if_not, value = program[at]
        at += 1
        if code == 0x20:
            held = data[value]
        elif code == 0x54:
            held &= value
        elif code == 0x15:
            at += if_so if held == value else if_not
        elif code == 0x35:
            at += if_so if held >= value else if_not
        else:
            assert code == 0x06
            return value


def call(machine: str, name: str, *arguments: int) -> str:
    """The name of the error that a call ends with; empty: it is made."""
    number = seccomp._CALLS[name][list(MACHINES).index(machine)]
    assert number is not None
    said = verdict(machine, number, *arguments)
    return "" if said == ALLOWED else errno.errorcode.get(said & 0xFFFF, "nothing")


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_refused(machine: str) -> None:
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 40):
        assert call(machine, "socket", family, socket.SOCK_STREAM) == "EACCES"
    assert call(machine, "socketpair", socket.AF_UNIX, socket.SOCK_STREAM | 0o2000000) == ""
    assert call(machine, "socketpair", socket.AF_UNIX, socket.SOCK_DGRAM) == "EACCES"
    assert call(machine, "socketpair", 16, socket.SOCK_STREAM) == "EACCES"
    assert call(machine, "clone", 0x003D0F00) == ""  # a thread
    assert call(machine, "clone", signal.SIGCHLD) == ""
    assert call(machine, "clone", 0x10000000 | signal.SIGCHLD) == "EPERM"
    assert call(machine, "clone3") == "ENOSYS"
    assert call(machine, "ptrace") == "EPERM"
    assert call(machine, "fchmodat", -100, 0, 0o777) == "nothing"


@pytest.mark.parametrize("machine", MACHINES)
def test_who_may_be_signalled(machine: str) -> None:
    for name in ("kill", "tgkill", "rt_sigqueueinfo"):
        assert call(machine, name, 77) == "EPERM"
        assert call(machine, name, -1) == "EPERM"
        assert call(machine, name, 78) == call(machine, name, 0) == ""
    assert call(machine, "prlimit64", 0) == ""
    assert call(machine, "prlimit64", 77) == "EPERM"


@pytest.mark.parametrize("machine", MACHINES)
def test_how_files_are_opened(machine: str) -> None:
    assert call(machine, "openat", -100, 0, os.O_RDONLY) == ""
    assert call(machine, "openat", -100, 0, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) == ""
    assert call(machine, "openat", -100, 0, os.O_RDONLY | os.O_TRUNC) == "EACCES"


def test_other_ways_of_calling_end_the_process() -> None:
    assert verdict("x86_64", 41, architecture=0x40000003) == KILLED
    assert verdict("x86_64", 41 | 0x40000000) == KILLED
    assert verdict("aarch64", 198, architecture=0x40000028) == KILLED


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_have_the_numbers_of_the_kernels_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not here")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", HEADERS[machine].read_text()))
    known = {name: numbers[list(MACHINES).index(machine)] for name, numbers in seccomp._CALLS.items()}
    assert {name: int(found[name]) for name in known if name in found} == {
        name: number for name, number in known.items() if name in found
    }


def test_every_call_is_judged_once() -> None:
    names = [name for name, _ in seccomp._bodies(())]
    assert sorted(names) == sorted(seccomp._CALLS)
