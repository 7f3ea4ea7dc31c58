"""Tables of the deals room: how deals go (pipelines), what is sold (products), and the deals themselves."""

from kith.deals.models.deals import LIVE_OPEN, CommitteeMember, CommitteeRole, Deal, LineItem
from kith.deals.models.pipelines import Pipeline, Reason, Stage, Status
from kith.deals.models.products import Charged, Price, PriceList, Product
from kith.deals.models.stays import Stay

__all__ = [
    "LIVE_OPEN", "Charged", "CommitteeMember", "CommitteeRole", "Deal", "LineItem", "Pipeline", "Price", "PriceList", "Product",
    "Reason", "Stage", "Status", "Stay",
]  # fmt: skip
