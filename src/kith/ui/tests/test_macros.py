"""Every component escapes what it is given, and a mistake in a template is an error with words."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import StrictUndefined, UndefinedError
from jinja2.exceptions import TemplateRuntimeError

from kith.ui.render import render_block

FOLDER = Path(__file__).parent.parent / "templates" / "ui"
MACROS = sorted(f.stem for f in FOLDER.glob("*.html") if f"{{% macro {f.stem}(" in f.read_text("utf-8"))
HOSTILE = """"'></span><img src=x onerror=alert(1)>{{ 7 * 7 }}"""
STOP = {
    "step": 1,
    "name": HOSTILE,
    "meta": HOSTILE,
    "state": "current",
    "progress": 40,
    "href": HOSTILE,
    "tone": HOSTILE,
}
ITEM = {"label": HOSTILE, "href": HOSTILE, "icon": HOSTILE, "tone": HOSTILE, "small": HOSTILE, "at": HOSTILE, "text": HOSTILE,
        "between": HOSTILE, "share": 10, "value": HOSTILE, "count": 3, "state": "met", "current": True}  # fmt: skip
CHART = {"label": HOSTILE, "value": 3, "values": [1, None, 3], "text": HOSTILE}
GIVEN = {  # what an argument of this name holds, where a hostile text will not do
    "stops": [STOP], "items": [ITEM], "kinds": [ITEM], "lost": [ITEM], "won": [ITEM], "checked": True, "step": 3, "size": HOSTILE,
    "choices": [(HOSTILE, HOSTILE), (HOSTILE, ((HOSTILE, HOSTILE),))], "currencies": [(HOSTILE, HOSTILE)], "chosen": [(HOSTILE, HOSTILE)],
    "rows": [], "errors": [HOSTILE, (HOSTILE, HOSTILE)], "crumbs": [(HOSTILE, HOSTILE)], "hints": [(HOSTILE, HOSTILE)], "hrefs": [HOSTILE],
    "keep": {"value": HOSTILE}, "take": {"value": HOSTILE}, "done": (1,), "upto": 2, "before": 1, "after": 2, "shown": 50, "total": 100,
    "primary": 0, "spare": 1, "series": [CHART], "ticks": [HOSTILE], "head": [HOSTILE], "values": [1, 2], "zero": True, "goal": 2,
    "width": 566, "height": 206, "level": 2, "progress": 5, "amount": 3, "won_step": 6, "current": 1, "w": 5, "multiple": False, "direction": "up",
}  # fmt: skip
BY_MACRO = {
    ("rows", "rows"): [{"value": HOSTILE, "kind": HOSTILE, "error": HOSTILE}], ("rows", "kinds"): [(HOSTILE, HOSTILE)],
    ("chart", "rows"): [(HOSTILE, HOSTILE)], ("columns", "items"): [CHART | {"expected": 2}], ("crumbs", "items"): [(HOSTILE, HOSTILE)],
    ("legend", "items"): [(HOSTILE, HOSTILE)], ("stages", "items"): (HOSTILE, HOSTILE), ("progress", "value"): 5, ("count", "value"): 5,
    ("nav_item", "item"): ITEM, ("when", "value"): HOSTILE, ("step", "step"): 3, ("composer", "fields"): HOSTILE,
    ("ask", "go"): {"value": HOSTILE}, ("menu_item", "current"): True, ("button", "pressed"): True, ("tick", "done"): True, ("progress", "words"): HOSTILE,
}  # fmt: skip
TYPES = (
    "text",
    "textarea",
    "select",
    "money",
    "checkbox",
    "switch",
    "radio",
    "combobox",
    "date",
    "file",
    "code",
    "number",
)


class Elements(HTMLParser):
    """The tags and attributes of a piece of markup, as a browser would see them."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _value in attrs]


def hostile_call(env, name, **fixed):
    macro = getattr(env.globals["ui"], name)
    given = {a: BY_MACRO.get((name, a), GIVEN.get(a, HOSTILE)) for a in macro.arguments} | fixed
    given |= {"data_more": HOSTILE} if macro.catch_kwargs else {}
    if name == "when":
        return str(macro(None, tone=HOSTILE))
    text = "{% call ui[name](**given) %}{{ hostile }}{% endcall %}" if macro.caller else "{{ ui[name](**given) }}"
    return env.from_string(text).render(name=name, given=given, hostile=HOSTILE)


@pytest.mark.parametrize("name", MACROS)
def test_component_escapes_hostile_text_in_every_argument(env, name):
    seen = Elements(hostile_call(env, name))
    assert "img" not in seen.tags, f"ui.{name} lets markup through"
    assert not [a for a in seen.attributes if a.startswith("on") or a == "style"], (
        f"ui.{name} writes a forbidden attribute"
    )


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", ["field", "input"])
def test_every_type_of_field_escapes_hostile_text(env, name, kind):
    seen = Elements(hostile_call(env, name, type=kind))
    assert "img" not in seen.tags and not [a for a in seen.attributes if a.startswith("on")]


def test_misspelt_name_in_a_template_is_an_error(env):
    assert env.undefined is StrictUndefined
    with pytest.raises(UndefinedError, match="amuont"):
        env.from_string("{{ deal.amuont }}").render(deal={"amount": 3})


def test_missing_argument_of_a_component_is_an_error(draw):
    with pytest.raises(UndefinedError, match="label"):
        draw("{{ ui.button() }}")


def test_unknown_component_names_itself_and_where_to_look(draw):
    with pytest.raises(TemplateRuntimeError, match=r"There is no component ui\.buton.*docs/components\.md"):
        draw('{{ ui.buton("Save") }}')


@pytest.mark.parametrize("wrong", ["style", "onclick", "onClick"])
def test_attribute_that_the_content_policy_forbids_is_refused(draw, wrong):
    with pytest.raises(TemplateRuntimeError, match="not allowed"):
        draw("{{ ui.button('Save', **more) }}", more={wrong: "x"})


def test_nothing_known_prints_as_nothing(draw):
    assert draw("[{{ value }}]", value=None) == "[]"


def test_further_arguments_become_attributes(draw):
    button = draw(
        '{{ ui.button("Save", hx_post="/a?b=1&c=2", hidden=True, data_x=None, **{"hx-status:422": "target:#f"}) }}'
    )
    assert 'hx-post="/a?b=1&amp;c=2" hidden hx-status:422="target:#f"' in button
    assert "data-x" not in button


def test_button_says_in_words_why_it_cannot_be_pressed(draw):
    assert 'aria-disabled="true" title="Two points missing"' in draw(
        '{{ ui.button("Move", disabled="Two points missing") }}'
    )


def test_field_ties_label_hint_and_error_to_its_control(draw):
    field = draw('{{ ui.field("value", "Value", value="twelve", hint="In euros", error="Write figures.") }}')
    assert '<label for="f-value">' in field
    assert 'id="f-value"' in field and 'aria-invalid="true"' in field
    assert 'aria-describedby="f-value-error f-value-hint"' in field
    assert 'id="f-value-error"' in field and 'id="f-value-hint"' in field


def test_select_marks_the_chosen_one_whatever_its_type(draw):
    chosen = draw('{{ ui.input("o", type="select", value=2, choices=((1, "Jonas"), ("2", "Ines")), blank="nobody") }}')
    assert '<option value="2" selected>Ines</option>' in chosen and '<option value="">nobody</option>' in chosen


def test_select_with_several_marks_each(draw):
    chosen = draw(
        '{{ ui.input("o", type="select", multiple=True, value=[1, 3], choices=((1, "a"), (2, "b"), (3, "c"))) }}'
    )
    assert chosen.count(" selected") == 2


def test_a_block_rendered_alone_still_has_the_components():
    rows = render_block("gallery/gallery.html", "options", {"found": [("1", "Atlas", "Ulm")]})
    assert 'data-value="1"' in rows


def test_unknown_block_is_answered_with_those_that_exist():
    with pytest.raises(TemplateRuntimeError, match=r"has no block 'rows'; its blocks are: .*content"):
        render_block("gallery/gallery.html", "rows", {})
