"""Implementations by name: known early, loaded late."""

import sys
from pathlib import Path

import pytest

from ragbot.adapters.embedders.providers import EMBEDDERS
from ragbot.core.errors import ConfigError, MissingExtraError
from ragbot.index.stores import STORES
from ragbot.registry import Registry, load, nearest
from ragbot.settings import SECTIONS


def test_names_are_known_without_loading_anything() -> None:
    registry = Registry("ragbot.tests", {"one": "no.such.module:One", "two": "neither:Two"})
    assert registry.names() == ["one", "two"]


def test_a_name_gives_the_implementation() -> None:
    assert Registry("ragbot.tests", {"path": "pathlib:Path"}).get("path") is Path


def test_an_unknown_name_is_answered_with_the_nearest_or_all() -> None:
    registry = Registry("ragbot.embedders", {"onnx": "x:y", "torch": "x:z"})
    with pytest.raises(ConfigError, match=r"There is no embedders called 'onxn'. Did you mean 'onnx'\?"):
        registry.get("onxn")
    with pytest.raises(ConfigError, match="There are: onnx, torch"):
        registry.get("something else")
    assert nearest("x", []) == "There are: none."


def test_a_missing_package_is_named_with_its_install_line() -> None:
    with pytest.raises(MissingExtraError, match=r"needs the package 'no_such_package'.*pip install no_such_package"):
        load("no_such_package.part:Thing")


def test_an_error_inside_an_installed_package_is_not_disguised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_plugin.py").write_text("raise ValueError('broken inside')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="broken inside"):
        load("broken_plugin:Thing")
    with pytest.raises(ModuleNotFoundError):
        load("ragbot.no_such_module:Thing")
    with pytest.raises(AttributeError):
        load("ragbot.registry:no_such_thing")


def test_another_package_adds_its_own_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "some_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[ragbot.vector_stores]\nmine = some_plugin:Store\nchroma = some_plugin:No\n"
    )
    (tmp_path / "some_plugin.py").write_text("class Store: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry("ragbot.vector_stores", {"chroma": "pathlib:Path"})
    assert registry.names() == ["chroma", "mine"]
    assert registry.get("mine").__module__ == "some_plugin"
    assert registry.get("chroma") is Path, "an installed package cannot quietly replace a built-in"
    sys.modules.pop("some_plugin")


@pytest.mark.parametrize("registry", [EMBEDDERS, STORES, Registry("ragbot.settings", SECTIONS)])
def test_every_built_in_can_be_loaded(registry: Registry) -> None:
    for name in registry.names():
        assert callable(registry.get(name))
