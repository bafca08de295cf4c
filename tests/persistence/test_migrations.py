"""What the migrations make is what the code expects."""

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from ragbot.persistence import migrating
from ragbot.persistence.migrating import HEAD, migrate, migrations_config
from ragbot.persistence.tables import metadata


def test_the_tables_and_the_migrations_agree(tmp_path: Path) -> None:
    migrate(tmp_path / "new.db", 5)
    engine = create_engine(f"sqlite:///{tmp_path}/new.db")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        checks = {check["name"] for table in metadata.tables for check in inspect(engine).get_check_constraints(table)}
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    assert checks == {"turns_end", "feedback_rating"}


def test_the_package_may_lie_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(migrating.SCRIPTS, tmp_path / "100% odd; place:" / "migrations")
    monkeypatch.setattr(migrating, "SCRIPTS", tmp_path / "100% odd; place:" / "migrations")
    migrate(tmp_path / "new.db", 5)
    migrate(tmp_path / "new.db", 5)


def test_the_version_the_code_names_is_that_of_the_newest_migration() -> None:
    scripts = ScriptDirectory.from_config(migrations_config())
    assert scripts.get_heads() == [HEAD]
    assert scripts.get_bases() == ["0001"]
