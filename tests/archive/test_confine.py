"""Whatever an archive makes the rerun do: nothing outside its folder, no network, an end to it."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from surveykit.archive import confine
from surveykit.archive.confine import protections
from surveykit.archive.rerun import run_confined


@pytest.fixture(scope="module")
def available(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The protections that this machine can give."""
    return run(tmp_path_factory.mktemp("probe"), "pass")[2]


def run(folder: Path, script: str, timeout: float = 20) -> tuple[int | None, str, tuple[str, ...]]:
    """A hostile script under confinement: exit status (None: stopped), what it said, what held."""
    own = folder / "own"
    own.mkdir(exist_ok=True)
    done = run_confined([sys.executable, "-I", "-c", script], [own], timeout, own / "told.json")
    held = protections(own / "told.json")
    return (None, "", held) if done is None else (*done, held)


def needs(kind: str, available: tuple[str, ...]) -> None:
    if kind not in available:
        pytest.skip(f"this machine cannot confine: {kind}")


OUTSIDE = {
    "writes a new file": "open({out!r} + '/new', 'w')",
    "overwrites a file": "open({out!r} + '/victim', 'w')",
    "adds to a file": "open({out!r} + '/victim', 'a').write('x')",
    "cuts a file off": "import os; os.truncate({out!r} + '/victim', 0)",
    "removes a file": "import os; os.remove({out!r} + '/victim')",
    "makes a folder": "import os; os.mkdir({out!r} + '/new')",
    "moves a file in": "import os; os.rename({out!r} + '/victim', 'mine')",
    "goes through a link": "import os; os.symlink({out!r} + '/victim', 'link'); open('link', 'w')",
    "lets a child do it": "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', "
    "'open(' + repr({out!r} + '/new') + ', \"w\")']))",
    "unloads its chains": "import ctypes; ctypes.CDLL(None).unshare(0x10000000 | 0x20000); "
    "open({out!r} + '/new', 'w')",
}


@pytest.mark.parametrize("deed", OUTSIDE)
def test_nothing_is_written_outside_the_folder(tmp_path: Path, available: tuple[str, ...], deed: str) -> None:
    needs("files", available)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("untouched", encoding="utf-8")
    status, said, _ = run(tmp_path, OUTSIDE[deed].format(out=str(outside)))
    assert status not in (0, None)
    assert "Error" in said
    assert [path.name for path in outside.iterdir()] == ["victim"]
    assert (outside / "victim").read_text(encoding="utf-8") == "untouched"


def test_its_own_folder_is_its_own(tmp_path: Path) -> None:
    status, said, _ = run(
        tmp_path, "import os; os.mkdir('a'); open('a/b', 'w').write('x'); os.rename('a', 'c')"
    )
    assert (status, said) == (0, "")
    assert (tmp_path / "own" / "c" / "b").read_text(encoding="utf-8") == "x"


def test_there_is_no_network(tmp_path: Path, available: tuple[str, ...]) -> None:
    needs("network", available)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        status, said, _ = run(tmp_path, f"import socket; socket.create_connection(('127.0.0.1', {port}), 3)")
    assert status != 0
    assert "unreachable" in said


def test_memory_and_files_have_limits(tmp_path: Path, available: tuple[str, ...]) -> None:
    needs("limits", available)
    status, said, _ = run(tmp_path, f"bytearray({confine.MEMORY} + 1)")
    assert status != 0
    assert "MemoryError" in said
    status, said, _ = run(
        tmp_path, f"f = open('big', 'wb'); f.seek({confine.FILE_SIZE}); f.write(b'xx'); f.close()"
    )
    assert status != 0
    assert "too large" in said


def test_a_script_that_never_ends_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pid', 'w').write(str(p.pid))\nwhile True: pass"
    )
    begun = time.monotonic()
    assert run(tmp_path, script, timeout=3)[0] is None
    assert time.monotonic() - begun < 15
    child = int((tmp_path / "own" / "pid").read_text(encoding="utf-8"))
    for _ in range(50):
        if not alive(child):
            break
        time.sleep(0.1)
    assert not alive(child)


def alive(pid: int) -> bool:
    """Whether the process runs still (one that ended and was not yet collected does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def test_the_callers_environment_and_home_are_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "token")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seen = "(os.environ.get('A_SECRET'), 'PYTHONPATH' in os.environ, os.environ['HOME'])"
    _, said, _ = run(tmp_path, f"import os, sys; sys.exit(repr({seen}))")
    assert said == repr((None, False, str(tmp_path / "own")))
    assert "A_SECRET" in os.environ


def test_what_could_not_be_had_is_told(tmp_path: Path) -> None:
    assert protections(tmp_path / "nowhere.json") == ()
    (tmp_path / "told.json").write_text("no json", encoding="utf-8")
    assert protections(tmp_path / "told.json") == ()
