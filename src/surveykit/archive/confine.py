"""A process kept to its own folder, without network, within limits: as far as the platform allows.

Run as ``python -I -m surveykit.archive.confine ORDERS COMMAND...`` it takes rights
away from itself and then becomes the command; what it has taken away cannot be had
back. On Linux: writing outside the given folders (Landlock), the network (a network
namespace of its own), memory, size of files and processor time (resource limits).
On macOS the resource limits alone; on Windows none of it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

MEMORY = 8 * 2**30
FILE_SIZE = 2 * 2**30
PROTECTIONS = ("files", "network", "limits")

# Linux: numbers of system calls and flags, the same on every architecture that Python runs on.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
NO_NEW_PRIVILEGES = 38
NEW_USER, NEW_NET = 0x10000000, 0x40000000
# Landlock's rights by the version of its interface: what writes, removes or makes.
WRITE, REMOVE_AND_MAKE, REFER, TRUNCATE = 1 << 1, sum(1 << bit for bit in range(4, 13)), 1 << 13, 1 << 14


def confined(command: Sequence[str], writable: Sequence[Path], seconds: float, told: Path) -> list[str]:
    """The command that runs `command` confined; `told` gets the protections that could be had."""
    if sys.platform == "win32":
        told.write_text("[]", encoding="utf-8")
        return list(command)
    orders = {"writable": [str(one) for one in writable], "seconds": seconds, "told": str(told)}
    return [sys.executable, "-I", "-m", "surveykit.archive.confine", json.dumps(orders), *command]


def protections(told: Path) -> tuple[str, ...]:
    """Which of "files", "network", "limits" were in force; none where nothing was told."""
    try:
        return tuple(json.loads(told.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return ()


def _limit(seconds: float) -> None:
    import resource

    wanted = {
        resource.RLIMIT_CPU: int(seconds) + 2,
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def _cut_network() -> None:
    """A network namespace with nothing in it; who is not root needs a user namespace for it."""
    _call("unshare", NEW_NET if os.geteuid() == 0 else NEW_USER | NEW_NET)


def _keep_to(folders: Sequence[str]) -> None:
    """Nothing can be written, made or removed but below these folders (and the null device)."""
    version = _call("syscall", CREATE_RULESET, None, 0, 1)
    handled = WRITE | REMOVE_AND_MAKE | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    rights = ctypes.c_uint64(handled)
    ruleset = _call("syscall", CREATE_RULESET, ctypes.byref(rights), ctypes.sizeof(rights), 0)
    file_rights = WRITE | (TRUNCATE if version >= 3 else 0)
    for path, allowed in [*((one, handled) for one in folders), ("/dev/null", file_rights)]:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        # struct { u64 rights; s32 descriptor; }, packed
        beneath = ctypes.create_string_buffer(
            allowed.to_bytes(8, sys.byteorder) + descriptor.to_bytes(4, sys.byteorder), 12
        )
        _call("syscall", ADD_RULE, ruleset, 1, beneath, 0)
        os.close(descriptor)
    _call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _call("syscall", RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _call(name: str, *arguments: object) -> int:
    """A function of the C library; its failure as OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    done = int(getattr(library, name)(*arguments))
    if done < 0:
        raise OSError(ctypes.get_errno(), name)
    return done


def _main(orders: str, *command: str) -> None:
    wanted = json.loads(orders)
    steps: dict[str, Callable[[], None]] = {
        "files": lambda: _keep_to(wanted["writable"]),
        "network": _cut_network,
        "limits": lambda: _limit(wanted["seconds"]),
    }
    done = []
    with Path(wanted["told"]).open("w", encoding="utf-8") as told:  # opened before writing is taken away
        # The namespace first: Landlock's rules hold in it, not the other way round.
        for name in ("network", "files", "limits"):
            with contextlib.suppress(OSError, AttributeError, ImportError, ValueError):
                steps[name]()
                done.append(name)
        json.dump([name for name in PROTECTIONS if name in done], told)
    os.execv(command[0], command)


if __name__ == "__main__":
    _main(*sys.argv[1:])
