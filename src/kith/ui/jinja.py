"""The Jinja2 environment all pages share: strict, escaped, translated, components behind one global.

`ui.button(…)` loads the macro `button` from `templates/ui/button.html` when first asked for. It hangs on the
environment, not on imports at the top of a template, because a block rendered alone never runs those imports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateRuntimeError

from kith.ui import charts, filters
from kith.ui.markup import shown
from kith.ui.render import defaults
from kith.ui.settings import places_for


class Components:
    """Every macro under `ui/<name>.html`, by name; loaded once, kept for the life of the environment."""

    def __init__(self, env: Environment):
        self.__env = env

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            macro = getattr(self.__env.get_template(f"ui/{name}.html").module, name)
        except TemplateNotFound as error:
            raise TemplateRuntimeError(
                f"There is no component ui.{name}. The components are listed in docs/components.md."
            ) from error
        setattr(self, name, macro)
        return macro


class Emitting(CodeGenerator):
    """Writes `{{ value }}` as one call of `shown`. Jinja's own `escape(finalize(value))` makes two new strings of every
    piece of markup, and a list is three thousand of them."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown((")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write("))")


class KithEnvironment(Environment):
    """Jinja's environment with that way of writing values."""

    code_generator_class = Emitting
    shown = staticmethod(shown)


def template_folders() -> list[Path]:
    """The `templates/` folders of Kith's own packages, in the order of INSTALLED_APPS."""
    own = (Path(config.path) for config in apps.get_app_configs() if config.name.startswith("kith."))
    return [path / "templates" for path in own if (path / "templates").is_dir()]


def environment(**options) -> Environment:
    """What Django's Jinja2 backend calls once. The caller's loader is replaced by our packages' folders."""
    options.pop("loader", None)
    options.update(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: "" if value is None else value,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        loader=FileSystemLoader(template_folders()),
        cache_size=1000,
    )
    env = KithEnvironment(**options)
    env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext)
    env.filters.update(filters.FILTERS | charts.FILTERS)
    env.globals.update(ui=Components(env), defaults=defaults, settings_places=places_for, **filters.GLOBALS)
    return env
