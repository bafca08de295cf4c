"""Damage planted in each structure is found, named, and mended from the catalog without embedding again."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import chromadb
import pytest
from chromadb.config import Settings

from ragbot.core.errors import IndexDamagedError
from ragbot.index.doctor import Diagnosis, diagnose, repair
from ragbot.index.keywords import KeywordEntry, KeywordIndex
from ragbot.index.layout import DataDir
from ragbot.testing.embedder import HashModel
from tests.index.kit import (
    Contents,
    by_keyword,
    by_vector,
    contents,
    delete,
    embed,
    publish,
    reading,
    stage,
    writing,
)

TEXTS = {f"{i}.md": f"animal{i} lives here\n\nanimal{i} eats there" for i in range(6)}


@pytest.fixture
def sound(tmp_path: Path) -> Contents:
    """The contents of a sound index in ``tmp_path``: most of it in the collection, some in the tail."""
    with writing(tmp_path) as writer:
        publish(writer, TEXTS, gather=True)
        publish(writer, {"late.md": "a late animal"})
        assert diagnose(writer).findings == ()
    return contents(tmp_path)


def _examined(folder: Path, *, mend: bool = False) -> Diagnosis:
    with writing(folder, mend=mend) as writer:
        return repair(writer) if mend else diagnose(writer)


def _collection(folder: Path) -> tuple[object, chromadb.Collection]:
    settings = Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(DataDir(folder).vectors / "gen-000001"), settings=settings)
    return client, client.get_collection("chunks", embedding_function=None)


def _remove_keyword_entry(folder: Path) -> None:
    keywords = KeywordIndex(DataDir(folder).keywords, writable=True)
    keywords.remove_revisions({next(each for each in sorted(keywords.ids()) if each.endswith("-00001")).split("-")[0]})
    keywords.commit()
    keywords.close()


def _add_orphan_keyword_entry(folder: Path) -> None:
    keywords = KeywordIndex(DataDir(folder).keywords, writable=True)
    keywords.add([KeywordEntry("f" * 24 + "-00000", "f" * 24, "ghost", "", "animal ghost")])
    keywords.commit()
    keywords.close()


def _delete_vector(folder: Path) -> None:
    client, collection = _collection(folder)
    collection.delete(ids=[min(collection.get(include=[])["ids"])])
    client.close()  # type: ignore[attr-defined]


def _add_foreign_vector(folder: Path) -> None:
    client, collection = _collection(folder)
    collection.add(ids=["ghost-00000"], embeddings=[[1.0] + [0.0] * 63])
    client.close()  # type: ignore[attr-defined]


def _delete_vectors_folder(folder: Path) -> None:
    shutil.rmtree(DataDir(folder).vectors)


def _delete_keywords_folder(folder: Path) -> None:
    shutil.rmtree(DataDir(folder).keywords)


DAMAGE: list[tuple[Callable[[Path], None], str, str, int]] = [
    (_remove_keyword_entry, "keywords", "keyword entries missing", 2),
    (_add_orphan_keyword_entry, "keywords", "keyword entries of nothing in the catalog", 1),
    (_delete_vector, "vectors", "vectors missing", 1),
    (_add_foreign_vector, "vectors", "vectors of nothing in the catalog", 1),
    (_delete_vectors_folder, "vectors", "missing", 1),
    (_delete_keywords_folder, "keywords", "keyword entries missing", 13),
]


@pytest.mark.parametrize(("plant", "part", "problem", "count"), DAMAGE, ids=lambda each: getattr(each, "__name__", ""))
async def test_planted_damage_is_found_and_mended(
    tmp_path: Path, sound: Contents, plant: Callable[[Path], None], part: str, problem: str, count: int
) -> None:
    plant(tmp_path)
    found = _examined(tmp_path)
    assert not found.ok
    assert [(each.part, each.count, each.damage) for each in found.findings] == [(part, count, True)]
    assert problem in found.findings[0].problem
    assert "--repair" in found.findings[0].remedy
    mended = _examined(tmp_path, mend=True)
    assert (mended.ok, mended.findings, mended.repaired) == (True, (), (part,))
    assert contents(tmp_path) == sound
    with reading(tmp_path) as reader:
        assert (await by_keyword(reader, "animal3 eats"))[0] == "animal3 eats there"
        assert (await by_vector(reader, "animal3 eats there"))[0] == "animal3 eats there"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in DataDir(folder).keywords.iterdir() if path.is_file() and path.stat().st_size)


@pytest.mark.parametrize("kept", [0.0, 0.5], ids=["emptied", "halved"])
@pytest.mark.parametrize("kind", ["meta.json", ".managed.json", ".store", ".term", ".idx", ".fieldnorm", ".fast"])
def test_a_truncated_keyword_file_is_found_or_harmless_and_mended(
    tmp_path: Path, sound: Contents, kind: str, kept: float
) -> None:
    files = [path for path in _files(tmp_path) if path.name.endswith(kind)]
    if not files:
        pytest.skip(f"tantivy writes no {kind} file here")
    for path in files:
        content = path.read_bytes()
        # A new file: cutting one that Tantivy still has mapped in this process kills the process.
        path.unlink()
        path.write_bytes(content[: int(len(content) * kept)])
    said = ""
    try:
        _examined(tmp_path)
    except IndexDamagedError as error:
        said = error.remedy
    assert "--repair" in (said or "--repair")
    mended = _examined(tmp_path, mend=True)
    assert mended.ok
    assert contents(tmp_path) == sound


async def test_vectors_of_the_wrong_length_are_found_and_named_to_readers(tmp_path: Path, sound: Contents) -> None:
    catalog = sqlite3.connect(DataDir(tmp_path).catalog)
    with catalog:
        catalog.execute(
            "UPDATE vectors SET vector = substr(vector, 1, 40) WHERE key IN (SELECT key FROM vectors LIMIT 2)"
        )
    catalog.close()
    found = _examined(tmp_path)
    assert [(each.part, each.count, each.damage) for each in found.findings] == [("catalog", 2, True)]
    with reading(tmp_path) as reader:
        assert await by_keyword(reader, "late") == ["a late animal"]
        with pytest.raises(IndexDamagedError, match="different lengths"):
            await reader.cosines(sorted(reader.catalog.live_ids()), HashModel().embed_query("late"))


async def test_vectors_of_the_wrong_length_are_forgotten_by_repair_and_made_again(
    tmp_path: Path, sound: Contents
) -> None:
    catalog = sqlite3.connect(DataDir(tmp_path).catalog)
    with catalog:
        catalog.execute("UPDATE vectors SET vector = substr(vector, 1, 41)")
    catalog.close()
    mended = _examined(tmp_path, mend=True)
    assert mended.ok
    assert [each.damage for each in mended.findings] == [False]
    with writing(tmp_path) as writer:
        assert writer.pending_count() == 13
        embed(writer, HashModel())
    assert contents(tmp_path) == sound
    with reading(tmp_path) as reader:
        assert (await by_vector(reader, "a late animal"))[0] == "a late animal"


def test_unfinished_work_is_told_apart_from_damage(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, TEXTS, gather=True)
        stage(writer, {"0.md": "animal0 moved"})
        writer.publish_listed()
    found = _examined(tmp_path)
    assert found.ok
    assert [(each.part, each.damage) for each in found.findings] == [("catalog", False)]
    assert "next ingest" in found.findings[0].remedy


def test_what_died_since_the_collection_was_built_is_no_damage(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, TEXTS, gather=True)
        delete(writer, "0.md", "1.md")
        publish(writer, {"2.md": "animal2 moved"})
        assert diagnose(writer).findings == ()


def test_several_damages_are_all_found_and_mended_in_one_go(tmp_path: Path, sound: Contents) -> None:
    for plant in (_remove_keyword_entry, _add_orphan_keyword_entry, _delete_vectors_folder):
        plant(tmp_path)
    assert sorted(each.part for each in _examined(tmp_path).findings) == ["keywords", "keywords", "vectors"]
    mended = _examined(tmp_path, mend=True)
    assert (mended.ok, mended.repaired) == (True, ("keywords", "vectors"))
    assert contents(tmp_path) == sound


def test_looking_changes_nothing(tmp_path: Path, sound: Contents) -> None:
    _remove_keyword_entry(tmp_path)
    before = contents(tmp_path)
    assert _examined(tmp_path) == _examined(tmp_path)
    assert contents(tmp_path) == before
