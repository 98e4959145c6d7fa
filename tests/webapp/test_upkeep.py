"""Checkpoints are noted outside the database as well."""

from pathlib import Path

from webapp.upkeep import ANCHORS, anchor, anchors
from workflow.history import Checkpoint


def test_what_is_noted_is_read_back_and_a_line_cut_short_is_passed_over(tmp_path: Path) -> None:
    assert anchors(tmp_path) == {}
    anchor(tmp_path, Checkpoint(1, b"\x01" * 32))
    anchor(tmp_path, Checkpoint(2, b"\x02" * 32))
    with open(tmp_path / ANCHORS, "a") as handle:
        handle.write('{"seq": 3, "dig')
    assert anchors(tmp_path) == {1: b"\x01" * 32, 2: b"\x02" * 32}
    assert (tmp_path / ANCHORS).stat().st_mode & 0o077 == 0
