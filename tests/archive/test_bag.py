"""Bags: the same bytes each time, valid for bagit's own validator, opened only after every check."""

import hashlib
import io
import stat
import tracemalloc
import zipfile
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveykit.archive.bag import bag_bytes, read_bag
from surveykit.errors import SurveykitError

PAYLOAD = {"a.txt": b"one", "folder/\u8abf\u67fb.csv": b"x,y\n1,2\n"}


def made(payload: dict[str, bytes] | None = None) -> bytes:
    return bag_bytes("study", payload or PAYLOAD, {"codecheck.yml": b"version: 1\n"}, {"Contact-Name": "us"})


def test_a_bag_is_the_same_bytes_each_time_and_reads_back(tmp_path: Path) -> None:
    assert made() == made()
    (tmp_path / "bag.zip").write_bytes(made())
    files = read_bag(tmp_path / "bag.zip")
    assert files["data/a.txt"] == b"one"
    assert {"bagit.txt", "bag-info.txt", "codecheck.yml"} <= set(files)


def test_bagits_own_validator_accepts_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(made())) as archive:
        archive.extractall(tmp_path)
    bagit.Bag(str(tmp_path / "study")).validate()


def rezipped(changes: dict[str, bytes | None], extra: list[tuple[zipfile.ZipInfo, bytes]] = []) -> bytes:  # noqa: B006
    """The bag with members replaced (None: left out), and others put in."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made())) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = changes.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for info, content in extra:
            new.writestr(info, content)
    return buffer.getvalue()


def overruled(manifest: str, more: str, payload: bytes = b"two") -> bytes:
    """A changed payload file, and lines more in a manifest that is otherwise made anew."""
    with zipfile.ZipFile(io.BytesIO(made())) as archive:
        lines = archive.read(f"study/{manifest}").decode() + more
        tags = archive.read("study/tagmanifest-sha256.txt").decode()
        before = hashlib.sha256(archive.read(f"study/{manifest}")).hexdigest()
    changes: dict[str, bytes | None] = {"study/data/a.txt": payload, f"study/{manifest}": lines.encode()}
    if manifest == "manifest-sha256.txt":
        renewed = tags.replace(before, hashlib.sha256(lines.encode()).hexdigest())
        changes["study/tagmanifest-sha256.txt"] = renewed.encode()
    return rezipped(changes)


def listed(content: bytes, name: str) -> str:
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("study/data/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


HOSTILE = {
    "not a zip": (b"hello", "A040"),
    "truncated": (made()[:200], "A040"),
    "zip-slip": (rezipped({}, [(zipfile.ZipInfo("study/../../evil"), b"x")]), "A041"),
    "absolute": (rezipped({}, [(zipfile.ZipInfo("/etc/evil"), b"x")]), "A041"),
    "drive": (rezipped({}, [(zipfile.ZipInfo("C:/evil"), b"x")]), "A041"),
    "symlink": (rezipped({}, [(link(), b"/etc/passwd")]), "A041"),
    "no manifest": (rezipped({"study/manifest-sha256.txt": None}), "A043"),
    "no declaration": (rezipped({"study/bagit.txt": None}), "A043"),
    "missing file": (rezipped({"study/data/a.txt": None}), "A044"),
    "extra file": (rezipped({}, [(zipfile.ZipInfo("study/data/new"), b"x")]), "A044"),
    "one digit changed": (rezipped({"study/data/a.txt": b"two"}), "A045"),
    "payload in the tag manifest": (
        overruled("tagmanifest-sha256.txt", listed(b"two", "data/a.txt")), "A045"),
    "payload in the tag manifest, unchanged": (
        overruled("tagmanifest-sha256.txt", listed(b"one", "data/a.txt"), b"one"), "A075"),
    "twice with different hashes": (
        overruled("manifest-sha256.txt", listed(b"two", "data/a.txt")), "A075"),
    "tag file in the payload manifest": (
        overruled("manifest-sha256.txt", listed(b"version: 1\n", "codecheck.yml"), b"one"), "A075"),
    "manifest changed": (rezipped({"study/bag-info.txt": b"Contact-Name: them\n"}), "A045"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_or_changed_archive_is_refused_with_a_code(tmp_path: Path, kind: str) -> None:
    content, code = HOSTILE[kind]
    (tmp_path / "bag.zip").write_bytes(content)
    with pytest.raises(SurveykitError, match=code):
        read_bag(tmp_path / "bag.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["bag.zip"]


def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveykit.archive.bag.LARGEST_MEMBER", 1_000)
    (tmp_path / "bag.zip").write_bytes(made({"zeros": bytes(1_000_000)}))
    with pytest.raises(SurveykitError, match="A042"):
        read_bag(tmp_path / "bag.zip")


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The directory says 10 bytes, the stream unfolds to 50 MB: no more than was said is unfolded."""
    zeros = 50_000_000
    content = made({"zeros": bytes(zeros)}).replace(zeros.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (tmp_path / "bag.zip").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(SurveykitError, match=r"A04[0245]"):
        read_bag(tmp_path / "bag.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_members_that_stand_twice_are_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = rezipped({}, [(zipfile.ZipInfo("study/data/a.txt"), b"another")])
    (tmp_path / "bag.zip").write_bytes(content)
    with pytest.raises(SurveykitError, match="A041"):
        read_bag(tmp_path / "bag.zip")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_code_never_an_exception(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bag.zip"
        path.write_bytes(content)
        with pytest.raises(SurveykitError):
            read_bag(path)


def test_a_member_that_no_longer_unpacks_is_refused(tmp_path: Path) -> None:
    """zlib's own error is no BadZipFile."""
    whole = bytearray(bag_bytes("b", {"a.txt": b"surveykit " * 500}, {}, {}))
    member = next(
        one for one in zipfile.ZipFile(io.BytesIO(whole)).infolist() if one.filename.endswith("a.txt")
    )
    at = member.header_offset + 30 + len(member.filename)
    whole[at : at + 4] = b"\xff" * 4
    path = tmp_path / "broken.zip"
    path.write_bytes(whole)
    with pytest.raises(SurveykitError) as caught:
        read_bag(path)
    assert caught.value.code == "A040"
