"""A filter of system calls: no sockets, no new namespaces, nothing done to other processes. Needs no privilege.

Numbers: the kernel's tables of system calls of x86_64 and of the generic one, which aarch64 has; the instructions are
those of classic BPF (include/uapi/linux/bpf_common.h, seccomp.h).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Sequence

from snitch.evaluating.kernel import call

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SET_MODE_FILTER = 1
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
#: Where struct seccomp_data holds the number, the architecture and the low halves of the arguments.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000

#: name: (x86_64, aarch64); None: there is none.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "socketpair": (53, 199),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "prlimit64": (302, 261),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "clone": (56, 220), "clone3": (435, 435), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "open": (2, None), "openat": (257, 56), "openat2": (437, 437), "truncate": (76, 45),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}  # fmt: skip

_REFUSED = (
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "ptrace", "process_vm_readv", "process_vm_writev"),
    *("kcmp", "pidfd_getfd", "pidfd_send_signal", "unshare", "setns", "mount", "umount2", "pivot_root", "chroot"),
    *(
        "open_tree",
        "move_mount",
        "fsopen",
        "fsconfig",
        "fsmount",
        "fspick",
        "mount_setattr",
        "open_tree_attr",
        "keyctl",
        "add_key",
    ),
    *("request_key", "bpf", "perf_event_open", "userfaultfd", "shmget", "semget", "msgget", "mq_open"),
    *("setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr"),
    *("removexattrat", "file_setattr", "truncate"),
)
#: Said to be unknown to the kernel, so that libraries fall back: their arguments lie in memory, where no filter looks.
_UNKNOWN = ("clone3", "openat2", "memfd_create", "memfd_secret")
#: Done without effect: Landlock does not keep the modes, owners and times of files, and copying a file sets them.
_WITHOUT_EFFECT = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "futimesat", "utimensat"),
)
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE = 1, 1, 0xF
_NEW_NAMESPACES = 0x7E020000
_O_TRUNC, _O_ACCMODE = 0o1000, 0o3

Instruction = tuple[int, int, int, int]


def supported(machine: str) -> bool:
    """Whether there is a filter for a machine, as `os.uname()` names it."""
    return machine in _SECCOMP


def install(protected: Sequence[int]) -> None:
    """Has the filter hold for this process and its children, for good. It must have no_new_privs set.

    Raises:
        OSError: the kernel has no such filters, or none for this machine.
    """
    machine = os.uname().machine
    if not supported(machine):
        raise OSError(errno.ENOSYS, f"no filter for {machine}")
    content = b"".join(struct.pack("=HBBI", *each) for each in program(machine, protected))
    held = ctypes.create_string_buffer(content, len(content))
    # struct sock_fprog: how many instructions, and where they are
    filter = struct.pack("@HP", len(content) // 8, ctypes.addressof(held))
    call(_SECCOMP[machine], _SET_MODE_FILTER, 0, ctypes.create_string_buffer(filter, len(filter)))


def program(machine: str, protected: Sequence[int] = ()) -> list[Instruction]:
    """The filter's instructions. `protected` are processes that may not be signalled."""
    column = list(_SECCOMP).index(machine)
    made: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        # The numbers of another way of calling, which would go round this table.
        *([(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL_PROCESS)] if machine == "x86_64" else []),
    ]
    for name, body in _bodies(protected):
        number = _CALLS[name][column]
        if number is not None:
            made += [(_EQUAL, 0, len(body), number), *body]
    return [*made, (_RETURN, 0, 0, _ALLOW)]


def _bodies(protected: Sequence[int]) -> Iterable[tuple[str, list[Instruction]]]:
    """For each call that is not simply allowed, instructions that end in a verdict."""
    denied = _verdict(errno.EACCES)
    for names, number in ((_REFUSED, errno.EPERM), (_UNKNOWN, errno.ENOSYS), (_WITHOUT_EFFECT, 0)):
        yield from ((name, [_verdict(number)]) for name in names)
    # Not even sockets in files: those of services such as Docker's are nothing that Landlock keeps.
    yield "socket", [denied]
    # Connected pairs are pipes; a pair of datagrams could be sent to a socket in a file.
    stream = [_argument(1), (_AND, 0, 0, _SOCK_TYPE), (_EQUAL, 0, 1, _SOCK_STREAM), _verdict(None), denied]
    yield "socketpair", [_argument(0), (_EQUAL, 1, 0, _AF_UNIX), denied, *stream]
    yield (
        "clone",
        [_argument(0), (_AND, 0, 0, _NEW_NAMESPACES), (_EQUAL, 0, 1, 0), _verdict(None), _verdict(errno.EPERM)],
    )
    # Before Landlock's version 3 a file could be emptied that may only be read.
    for name, at in (("open", 1), ("openat", 2)):
        emptied = [_argument(at), (_AND, 0, 0, _O_TRUNC | _O_ACCMODE), (_EQUAL, 0, 1, _O_TRUNC), denied, _verdict(None)]
        yield name, emptied
    yield "prlimit64", [_argument(0), (_EQUAL, 0, 1, 0), _verdict(None), _verdict(errno.EPERM)]
    for name in ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        yield name, [_argument(0), *_signalling(protected)]


def _signalling(protected: Sequence[int]) -> list[Instruction]:
    """Neither all processes nor a group of others, nor one of those that are protected."""
    refused = _verdict(errno.EPERM)
    tests = [part for pid in protected for part in ((_EQUAL, 0, 1, pid), refused)]
    return [(_AT_LEAST, 0, 1, 0x80000000), refused, *tests, _verdict(None)]


def _argument(at: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * at)


def _verdict(number: int | None) -> Instruction:
    return (_RETURN, 0, 0, _ALLOW if number is None else _ERRNO | number)
