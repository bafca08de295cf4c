"""Which roles there are, which one is taken, and what of the deployment goes into it."""

import hashlib
from pathlib import Path

import pytest

from ragbot.core.errors import ConfigError
from ragbot.core.ports import Role, Roles
from ragbot.core.types import Message, RoleSummary
from ragbot.prompts.render import shown
from ragbot.prompts.roles import RoleLibrary
from ragbot.prompts.settings import PromptSettings
from ragbot.settings import load_settings
from tests.prompts.kit import TINY, complaint, hits, library, write


def refused(roles: RoleLibrary, name: str) -> str:
    with pytest.raises(ConfigError) as caught:
        roles.get(name)
    return str(caught.value)


def test_the_library_and_its_roles_are_what_the_ports_ask_for(tmp_path: Path) -> None:
    write(tmp_path)
    roles: Roles = library(tmp_path)
    role: Role = roles.get("tiny")

    assert roles.names() == ["support", "tiny"]
    assert role.id.name == "tiny"
    assert role.id.version == "1"
    assert role.id.sha256 == hashlib.sha256(TINY.encode()).hexdigest()


def test_own_roles_stand_beside_the_shipped_ones_and_go_before_them(tmp_path: Path) -> None:
    write(tmp_path, TINY.replace("name: tiny", "name: support"), "support.yaml")
    write(tmp_path)
    (tmp_path / "notes.txt").write_text("no role")
    (tmp_path / ".#tiny.yaml").write_text("an editor's lock")

    assert library(tmp_path).describe() == [
        RoleSummary("support", "1", "A role for tests."),
        RoleSummary("tiny", "1", "A role for tests."),
    ]


def test_without_a_name_the_configured_role_is_taken(tmp_path: Path) -> None:
    write(tmp_path)
    assert library(tmp_path).get(None).id.name == "tiny"
    assert library(tmp_path, role="support").get(None).id.name == "support"
    assert RoleLibrary(PromptSettings.model_validate({})).get(None).id.name == "support"


def test_an_unknown_role_is_refused_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path)
    assert refused(library(tmp_path), "suport") == "There is no role called 'suport'. Did you mean 'support'?"
    assert "prompts.role names 'tini', which is no role. Did you mean 'tiny'?" in complaint(tmp_path, role="tini")


@pytest.mark.parametrize("name", ["../tiny", "/etc/passwd", "tiny.yaml", "TINY", "", "a\x00b", "..", "x" * 100_000])
def test_a_role_s_name_is_never_a_path(name: str, tmp_path: Path) -> None:
    write(tmp_path)
    said = refused(library(tmp_path), name)
    assert said.startswith("There is no role called ")
    assert len(said) < 200
    assert "\x00" not in said


@pytest.mark.parametrize("name", ["Tiny.yaml", "tiny.yml", "ti ny.yaml", "tiny.v2.yaml", "tïny.yaml", "tiny.YAML"])
def test_a_file_that_could_be_meant_for_a_role_and_is_none_is_an_error(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name=name)
    said = complaint(tmp_path, role="support")
    assert str(path) in said
    assert "Name it NAME.yaml" in said


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "gone", tmp_path / "file"):
        assert f"prompts.folder names {folder}, which is no folder" in complaint(folder)


def test_an_empty_folder_leaves_the_shipped_roles(tmp_path: Path) -> None:
    assert library(tmp_path, role="support").names() == ["support"]


def test_a_role_that_is_wrong_is_found_though_another_is_used(tmp_path: Path) -> None:
    write(tmp_path, TINY.replace("{{ who }}", "{{ whom }}"))
    assert "undefined variable whom" in complaint(tmp_path, role="support")


def test_variables_of_the_deployment_go_into_every_role_that_has_them(tmp_path: Path) -> None:
    write(tmp_path)
    roles = library(tmp_path, variables={"who": "Ann", "company": "Acme"})
    assert roles.get("tiny").system.startswith("You are Ann.")
    assert "assistant of Acme." in roles.get("support").system
    assert library(tmp_path).get("tiny").system.startswith("You are nobody.")


def test_a_variable_that_no_role_has_is_refused_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path)
    said = complaint(tmp_path, variables={"compny": "Acme"})
    assert said == "The setting prompts.variables.compny sets a variable that no role has. Did you mean 'company'?"


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"who": 7}, ("prompts.variables.who is 7", "of type string", "tiny.yaml, line 27", "Put it in quotes")),
        ({"times": "7"}, ("prompts.variables.times is '7'", "of type integer")),
        ({"times": 7.5}, ("of type integer",)),
        ({"times": True}, ("is True",)),
    ],
)
def test_a_variable_of_the_wrong_type_is_refused(
    variables: dict[str, object], says: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path)
    said = complaint(tmp_path, variables=variables)
    assert all(each in said for each in says), said


def test_a_role_says_the_usual_things_in_its_own_words(tmp_path: Path) -> None:
    write(tmp_path, TINY.replace("greeting: Hello.", "greeting: Hello from {{ who }}."))
    role = library(tmp_path).get("tiny")
    assert [role.say(what) for what in ("abstained", "greeting", "thanks", "goodbye")] == [
        "No idea.",
        "Hello from nobody.",
        "Welcome.",
        "Bye.",
    ]
    with pytest.raises(ConfigError, match=r"no wording for 'thank'. Did you mean 'thanks'\?"):
        role.say("thank")


def test_the_messages_are_rules_then_what_was_said_then_passages_and_question(tmp_path: Path) -> None:
    write(tmp_path)
    earlier = [Message("user", "Is it open?"), Message("assistant", "Yes. [1]")]
    messages = library(tmp_path).get("tiny").messages("Until when?", earlier, hits("Until six.", title="Hours"))

    assert shown(messages) == (
        "── system ──\n"
        "You are nobody. testers none Flat.\n"
        "- Hold still.\n"
        "It asks. It is data. Never move.\n"
        "Prose. Short. End with a marker. No idea.\n"
        "\n"
        "── user ──\nIs it open?\n"
        "\n"
        "── assistant ──\nYes.\n"
        "\n"
        "── user ──\n"
        "<passages>\n"
        '<passage n="1" source="p1.md" title="Hours">\n'
        "Until six.\n"
        "</passage>\n"
        "</passages>\n"
        "<question>\nUntil when?\n</question>"
    )


def test_without_passages_nothing_is_fenced(tmp_path: Path) -> None:
    write(tmp_path)
    last = library(tmp_path).get("tiny").messages("Why?", (), ())[-1]
    assert last == Message("user", "<question>\nWhy?\n</question>")


def test_a_passage_that_holds_a_placeholder_stays_a_passage(tmp_path: Path) -> None:
    write(tmp_path)
    last = library(tmp_path).get("tiny").messages("\0passages\0", (), hits("\0question\0 {{ question }}"))[-1].content
    assert "\npassages\n" in last
    assert "\nquestion {{ question }}\n" in last


def test_settings_of_the_environment_reach_the_role(tmp_path: Path) -> None:
    write(tmp_path)
    environ = {
        "RAGBOT_PROMPTS__ROLE": "tiny",
        "RAGBOT_PROMPTS__FOLDER": str(tmp_path),
        "RAGBOT_PROMPTS__VARIABLES": "{who: Ann, times: 3}",
    }
    sections = {"prompts": "ragbot.prompts.settings:PromptSettings"}
    role = RoleLibrary(load_settings(environ=environ, sections=sections).section(PromptSettings)).get(None)
    assert role.system.startswith("You are Ann.")
