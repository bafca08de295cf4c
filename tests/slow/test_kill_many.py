"""The same as ``tests/ingest/test_kill.py``, two hundred times."""

from pathlib import Path

import pytest

from ragbot.index.doctor import diagnose
from tests.index.kit import contents, writing
from tests.ingest.kill_kit import kill_and_compare


@pytest.mark.slow
def test_two_hundred_killed_ingests_do_not_show_in_what_is_finally_there(tmp_path: Path) -> None:
    killing, report = kill_and_compare(tmp_path, kills=200, seed=12)
    assert report["problems"] == [], killing.by_stage
    assert len(killing.by_stage) > 5, f"the kills hit too few stages: {killing.by_stage}"
    killed, fresh = contents(tmp_path / "data"), contents(tmp_path / "fresh")
    assert killed == fresh
    with writing(tmp_path / "data") as writer:
        assert diagnose(writer).findings == ()
