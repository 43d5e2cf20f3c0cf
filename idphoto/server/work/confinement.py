"""Confine a worker: what it may use of the machine, and what it may open. The kernel enforces all of it.

A worker decodes files from strangers. If one takes it over, it finds no network, no file that it may write, and none of
the files of the ledger and the results: it may read programs and models only. The limits are those of Linux; where a
kernel lacks one, the worker runs without it, and says so when it starts.
"""

from __future__ import annotations

import ctypes
import math
import os
import resource
import site
import struct
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

from idphoto.backends.model_files import models_folder
from idphoto.spec.reference import specs_folder

__all__ = ["confine_files", "confine_network", "data_bytes", "limit_job", "limit_process"]

SYSTEM_PATHS = (
    "usr/lib", "usr/lib64", "usr/local/lib", "usr/share", "lib", "lib64", "etc/ld.so.cache", "etc/localtime",
    "etc/fonts", "proc/cpuinfo", "proc/meminfo", "proc/stat", "proc/sys/vm", "sys/devices", "sys/bus/pci",
    "dev/urandom",
)  # fmt: skip
"""Files and folders of the system that libraries read. `/etc` and `/proc` as a whole hold secrets of others."""

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
# System calls of Landlock; their numbers are the same on all architectures.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_NETWORK_RIGHTS = 0b11  # to bind and to connect TCP; from ABI 4
_SCOPES = 0b11  # abstract Unix sockets and signals to others; from ABI 6


def limit_process() -> None:
    """Forbid core dumps, which would write a picture to the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_job(base_bytes: int, memory_bytes: int, cpu_seconds: float) -> None:
    """Limit the memory and the computing time of the next job of this process.

    Beyond the memory, allocations fail. Beyond the time, the kernel ends the process by SIGXCPU.

    Parameters
    ----------
    base_bytes : int
        Memory of models and libraries, see `data_bytes`.
    memory_bytes : int
        Memory of the job in addition.
    cpu_seconds : float
        Computing time of all threads of the job.
    """
    _set_soft_limit(resource.RLIMIT_CPU, math.ceil(sum(os.times()[:2]) + cpu_seconds))
    if sys.platform == "linux":
        _set_soft_limit(resource.RLIMIT_DATA, base_bytes + memory_bytes)


def _set_soft_limit(kind: int, limit: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def data_bytes() -> int:
    """Return the private, writable memory of this process in bytes, which is what RLIMIT_DATA counts."""
    with suppress(OSError):
        fields = Path("/proc/self/status").read_text().split("VmData:")[1].split()
        return int(fields[0]) * 1024
    return 0


def confine_network() -> bool:
    """Take the network away from this process. Call it before any thread starts.

    The result is False if the kernel does not allow it, as in many containers. Then `confine_files` still forbids TCP,
    on kernels from 6.7.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0


def confine_files() -> bool:
    """Let this process open programs and models for reading, and nothing else; also forbid TCP where that is possible.

    The result is False if the kernel has no Landlock.

    References
    ----------
    .. [1] Linux, Documentation/userspace-api/landlock.rst.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return False
    files = _RIGHTS_BY_ABI[min(abi, 4)]
    attributes = struct.pack("<Q", files)
    if abi >= 4:
        attributes += struct.pack("<Q", _NETWORK_RIGHTS)
    if abi >= 6:
        attributes += struct.pack("<Q", _SCOPES)
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for path in (*_readable_paths(), Path(os.devnull)):
            with suppress(OSError):
                opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
                try:
                    allowed = _READ_FILE | (_READ_DIR | _EXECUTE if path.is_dir() else 0)
                    if path == Path(os.devnull):
                        allowed |= _WRITE_FILE
                    libc.syscall(_ADD_RULE, rules, _RULE_PATH_BENEATH, struct.pack("<Qi", allowed, opened), 0)
                finally:
                    os.close(opened)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _readable_paths() -> set[Path]:
    """Return the folders of Python, its packages, the system's libraries and the models, and files of the kernel.

    The folder in which the server was started is not among them: the ledger may be in it.
    """
    packages = {
        Path(name) for name in (*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages())
    }
    package = Path(__file__).parents[2]
    paths = {
        *packages, package, specs_folder(), models_folder(), Path(sys.prefix), Path(sys.base_prefix),
        *(Path("/") / name for name in SYSTEM_PATHS), Path("/proc/self"),
    }  # fmt: skip
    return {path.resolve() for path in paths}
