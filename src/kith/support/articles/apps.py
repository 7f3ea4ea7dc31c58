"""The knowledge base, as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    name = "kith.support.articles"
    label = "articles"

    def ready(self) -> None:
        from django.utils.translation import gettext as __

        from kith.kernel.records.merge import points_loosely
        from kith.kernel.search.commands import Command
        from kith.kernel.search.commands import register as register_command
        from kith.kernel.timeline.readers import register_listener
        from kith.support.articles import listening
        from kith.support.articles.models import Use
        from kith.ui.settings import register_settings

        points_loosely(Use, "record", "record_id")
        register_listener(listening.handles, listening.hear, listening.unhear)
        register_command(lambda actor: [
            Command(__("Articles"), "/articles/", "book", "", "article.see", __("knowledge base help faq")),
            Command(__("What people looked for and did not find"), "/article-gaps/", "search", "", "article.see", __("gaps knowledge")),
        ])  # fmt: skip
        register_settings(
            "articles", group="sales", label=_("Knowledge base"), icon="book", href="/articles/", order=70, needs="article.see",
            says=_("What customers and colleagues can read, and what they looked for in vain."),
        )  # fmt: skip
