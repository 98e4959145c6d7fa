"""The faster dlib: asked for only on purpose, and nothing happens when something is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from integrations.faces import accelerate


def test_missing_requirements_are_named_and_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(accelerate.AccelerationFailed, match=r"cmake, g\+\+"):
        accelerate.accelerate(tmp_path / "dlib", say=lambda text: None)
    assert list((tmp_path / "dlib").iterdir()) == []


def test_wheel_kept_is_that_of_this_python(tmp_path: Path) -> None:
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    (tmp_path / "dlib-20.0.1-cp27-cp27mu-linux_x86_64.whl").touch()
    (tmp_path / f"dlib-19.24.9-{tag}-{tag}-linux_x86_64.whl").touch()
    assert accelerate.kept_wheel(tmp_path) is None
    right = tmp_path / f"dlib-20.0.1-{tag}-{tag}-linux_x86_64.whl"
    right.touch()
    assert accelerate.kept_wheel(tmp_path) == right
