from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    name = "kith.deals"
    label = "deals"

    def ready(self) -> None:
        from django.db.models import Q

        from kith.deals.stays import TELLING, follow
        from kith.kernel.accounts.leaving import goes_on
        from kith.kernel.timeline.readers import register_follower
        from kith.ui.settings import register_settings

        register_follower("deal", TELLING, follow)
        goes_on("deal", where=Q(status="open"))

        sales = {"group": "sales", "needs": "settings.manage"}
        register_settings(
            "pipelines", label=_("Pipelines"), icon="columns", href="/settings/pipelines/", order=10, **sales
        )
        register_settings("reasons", label=_("Reasons"), icon="tag", href="/settings/reasons/", order=20, **sales)
        register_settings("products", label=_("Products"), icon="box", href="/products/", order=30, **sales)
        register_settings("price-lists", label=_("Price lists"), icon="coins", href="/price-lists/", order=40, **sales)
        register_settings("rates", label=_("Exchange rates"), icon="chart", href="/rates/", order=50, **sales)
