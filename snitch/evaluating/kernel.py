"""Calls of Linux's kernel that Python's library does not have."""

from __future__ import annotations

import ctypes
import os

# prctl(2)
SET_PDEATHSIG, SET_DUMPABLE, CAPBSET_DROP, SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS = 1, 4, 24, 36, 38

# unshare(2)
NEWIPC, NEWUSER, NEWPID, NEWNET = 0x8000000, 0x10000000, 0x20000000, 0x40000000

_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITIES_V3 = 0x20080522
_LAST_CAPABILITY = 63


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: object) -> int:
    """A system call by its number.

    Raises:
        OSError: it failed.
    """
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *wide))


def prctl(option: int, value: int = 0) -> int:
    """prctl(2) of one argument.

    Raises:
        OSError: it failed.
    """
    return _checked(
        _libc().prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    )


def unshare(flags: int) -> None:
    """unshare(2), which `os` has from Python 3.12 on.

    Raises:
        OSError: it failed.
    """
    _checked(_libc().unshare(ctypes.c_int(flags)))


def drop_capabilities() -> None:
    """Gives up every capability for good: what root may do beyond its own files.

    Raises:
        OSError: it failed.
    """
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(CAPBSET_DROP, capability)
        except OSError:  # there is none of this number, or this is not root
            break
    number = _CAPSET.get(os.uname().machine)
    if number is None:
        return
    # struct __user_cap_header_struct, and two of __user_cap_data_struct
    call(number, (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)())


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
