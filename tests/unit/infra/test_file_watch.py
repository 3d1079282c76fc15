from __future__ import annotations

from pathlib import Path

from infra.file_watch import LOOK_S, FileWatch


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        """See FileWatch."""
        return self.now


def test_each_change_is_told_once(tmp_path: Path) -> None:
    """A file that is written, replaced, removed or made again has changed, and has not when it is asked for again."""
    path, clock = tmp_path / "file", Clock()
    watch = FileWatch(tmp_path / "other", path, clock=clock)
    for change in (
        lambda: path.write_text("a"),
        lambda: path.write_text("longer"),
        lambda: _made(tmp_path / "new").replace(path),
        path.unlink,
    ):
        change()
        clock.now += LOOK_S
        assert watch.has_changed()
        clock.now += LOOK_S
        assert not watch.has_changed()


def test_files_are_looked_at_once_a_second(tmp_path: Path) -> None:
    """What changes within a second of the last look is told afterwards."""
    clock = Clock()
    watch = FileWatch(tmp_path / "file", clock=clock)
    _made(tmp_path / "file")
    clock.now += LOOK_S / 2
    assert not watch.has_changed()
    clock.now += LOOK_S / 2
    assert watch.has_changed()


def _made(path: Path) -> Path:
    path.write_text("new")
    return path
