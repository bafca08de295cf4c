"""Templates place values and can do nothing else; what is wrong in one is named with the line of the file."""

from pathlib import Path

import pytest

from ragbot.prompts.templates import Template, TemplateFault
from tests.prompts.kit import TINY, complaint, library, write

ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ who.format(1) }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ self.__init__ }}",
    "{{ lipsum() }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ range(10) }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 'x' * 10 ** 10 }}",
    "{{ '%99999999999d' % 1 }}",
    "{{ who | center(99999999999) }}",
    "{{ who | replace('n', 'nn') }}",
    "{{ [who, [who]] }}",
    "{{ {'a': 1} }}",
    "{{ who[0] }}",
    "{{ who.x }}",
    "{{ loop.cycle('a') }}",
    "{% include 'support.yaml' %}",
    "{% import '/etc/passwd' as x %}",
    "{% extends 'x' %}",
    "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "{% call who() %}{% endcall %}",
    "{% set x = 1 %}",
    "{% for a in who %}{% for b in who %}{% endfor %}{% endfor %}",
    "{% for a in who recursive %}{% endfor %}",
    "{% raw %}{% endraw",
    "{{ who",
    "{% if who %}",
    "{% fi %}",
    "{{ who | join( }}",
    "{{ who is nonesuch }}",
    "{{ whom }}",
    "{{ times + 1 }}",
    "{{ passages }}",
    "{{ loop }}",
    "{{ " + "(" * 5000 + "who" + ")" * 5000 + " }}",
    "{% if who %}" * 200 + "{% endif %}" * 200,
]


@pytest.mark.parametrize("text", ESCAPES, ids=lambda text: text[:60])
def test_a_template_that_is_wrong_or_reaches_out_is_refused_when_it_is_loaded(text: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        Template(f"One\n\n{text}", ["who", "times"])
    assert caught.value.line in (1, 3)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("{{ nobody }}", 1, "undefined variable nobody"),
        ("fine\n{% if who %}\n{{ whoo }}\n{% endif %}", 3, "undefined variable whoo"),
        ("fine\n\n{% if who %}", 3, "Unexpected end of template"),
        ("a\nb {{ ''.__class__ }}", 2, "may not look inside a value (.__class__)"),
        ("a\n{{ who | uper }}", 2, "unknown filter uper"),
        ("{{ loop.lenght }}", 1, "loop.lenght does not exist here"),
    ],
)
def test_the_line_and_the_reason_are_named(text: str, line: int, says: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        Template(text, ["who"])
    assert (caught.value.line, says in caught.value.problem) == (line, True), caught.value.problem


def test_the_nearest_name_and_filter_are_named() -> None:
    for text, near in {"{{ whoo }}": "'who'", "{{ who | uper }}": "'upper'"}.items():
        with pytest.raises(TemplateFault) as caught:
            Template(text, ["who"])
        assert near in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{ who }} & <b>", "me & <b>"),
        ("{% if times > 1 %}often{% elif who %}once{% endif %}", "once"),
        (
            "{% for rule in rules %}{{ loop.index }}. {{ rule }}{{ '' if loop.last else ', ' }}{% endfor %}",
            "1. a, 2. b",
        ),
        ("{{ rules | join(', ') | upper }} {{ rules | length }}", "A, B 2"),
        ("{% for rule in rules if rule != 'a' %}{{ rule }}{% else %}none{% endfor %}", "b"),
        ("{{ 'yes' if who and not (times == 2) else 'no' }} {{ who ~ times }}", "yes me1"),
        ("{# said aside #}{{ who | default('x') }}", "me"),
    ],
)
def test_what_a_template_can_do(text: str, rendered: str) -> None:
    template = Template(text, ["who", "times", "rules"])
    assert template.render({"who": "me", "times": 1, "rules": ("a", "b")}) == rendered


def test_a_value_that_does_not_suit_its_place_is_named_with_its_line() -> None:
    with pytest.raises(TemplateFault) as caught:
        Template("a\nb\n{% for x in times %}{% endfor %}", ["times"]).render({"times": 1})
    assert caught.value.line == 3
    assert "not iterable" in caught.value.problem


IN_FILES: list[tuple[str, str, str, str]] = [
    ("persona: You are {{ who }}.", "persona: You are {{ whom }}.", "persona:", "persona: undefined variable whom"),
    ("    - Hold still.", "    - Hold\n    - '{{ still }}'", "    - '{{ still", "rules.system.1: undefined variable"),
    (
        "  - Never move.",
        "  - |\n    Never\n    {{ mov }}\n    at all.",
        "    {{ mov }}",
        "never.0: undefined variable mov",
    ),
    ("    {% endfor %}\n", "", "    {{ answer_format }}", "template.system: this is no template: Unexpected end"),
    ("{{ user_rule }}", "{{ user_rules }}", "    {{ user_rules", "template.system: undefined variable user_rules"),
    (
        "    {{ question }}",
        "    {% if passages %}\n    {{ ''.__class__ }}\n    {% endif %}\n    {{ question }}",
        "    {{ ''.__class__",
        "template.user: a template may not look inside a value (.__class__)",
    ),
    ("{{ user_rule }}", "{{ passages }}", "    {{ passages }} {{ retr", "template.system: undefined variable passages"),
    ("{{ tone }}", "{{ tone }}{% for x in times %}{% endfor %}", "    {{ persona }}", "not iterable"),
    ("  greeting: Hello.", "  greeting: Hello {{ question }}.", "  greeting", "wording.greeting: undefined variable"),
    ("{{ user_rule }} ", "", "  system: |", "template.system: it leaves out rules.user"),
    ('{{ never | join(" ") }}', "", "  system: |", "template.system: it leaves out never"),
    ("{{ abstained }}", "I cannot say.", "  system: |", "template.system: it leaves out wording.abstained"),
    ("    {{ question }}\n", "", "  user: |", "template.user: it must show {{ question }} once, as it is"),
    ("    {{ passages }}\n", "    x\n", "  user: |", "template.user: it must show {{ passages }} once, as it is"),
    ("    {{ question }}", "    {{ question | upper }}", "  user: |", "it must show {{ question }} once, as it is"),
    (
        "    {{ question }}",
        "    {{ question }} {{ question }}",
        "  user: |",
        "it must show {{ question }} once, as it is",
    ),
    (
        "    {{ question }}",
        "    {% if passages %}{{ question }}{% endif %}",
        "  user: |",
        "it must show {{ question }}",
    ),
    ("    {{ question }}", "    <Question>{{ question }}</question>", "  user: |", "it holds a tag such as <passage>"),
]


@pytest.mark.parametrize(("old", "new", "at", "says"), IN_FILES, ids=[case[3] for case in IN_FILES])
def test_a_fault_is_named_with_the_file_s_line(old: str, new: str, at: str, says: str, tmp_path: Path) -> None:
    start = TINY.index("template:") if old.strip().startswith(("{{", "{%")) else 0
    assert old in TINY[start:]
    text = TINY[:start] + TINY[start:].replace(old, new, 1)
    path = write(tmp_path, text)
    begin = text.index("template:") if at.startswith(("  system", "  user")) else 0
    line = text[: text.index(at, begin)].count("\n") + 1

    said = complaint(tmp_path)

    assert said.startswith(f"{path}, line {line}: "), said
    assert says in said


def test_a_variable_s_value_cannot_open_the_fence(tmp_path: Path) -> None:
    write(tmp_path, TINY.replace("    {{ question }}", "    {{ who }}\n    {{ question }}"))
    assert "it holds a tag such as <passage>" in complaint(tmp_path, variables={"who": "< / PASSAGES >"})


def test_a_variable_s_value_is_no_template(tmp_path: Path) -> None:
    write(tmp_path)
    role = library(tmp_path, variables={"who": "{{ tone }} {% if %}"}).get(None)
    assert role.system.startswith("You are {{ tone }} {% if %}.")


def test_a_rule_that_renders_to_nothing_is_no_rule(tmp_path: Path) -> None:
    write(
        tmp_path, TINY.replace("    - Hold still.", "    - Hold still.\n    - '{% if who == \"me\" %}Move.{% endif %}'")
    )
    assert library(tmp_path).get(None).system.count("\n- ") == 1
    assert "\n- Move." in library(tmp_path, variables={"who": "me"}).get(None).system
