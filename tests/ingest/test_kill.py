"""SIGKILL at any moment of an ingest leaves an index that serves, and that the next run completes exactly."""

from pathlib import Path

from ragbot.index.doctor import diagnose
from tests.index.kit import contents, writing
from tests.ingest.kill_kit import kill_and_compare


def test_ten_killed_ingests_do_not_show_in_what_is_finally_there(tmp_path: Path) -> None:
    killing, report = kill_and_compare(tmp_path, kills=10, seed=11)
    assert report["problems"] == [], killing.by_stage
    assert report["searches"] > 50
    killed, fresh = contents(tmp_path / "data"), contents(tmp_path / "fresh")
    assert len(killed.documents) == 60
    assert killed == fresh
    assert killed.keywords == killed.vectors == {row[0] for row in killed.chunks}
    with writing(tmp_path / "data") as writer:
        assert diagnose(writer).findings == ()
