"""What customers do for us: people they send (referrals), what they say in public (reviews), what they let us tell of them
(references), what they wish for (ideas). One person's own code and links lead to all of it.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records.models import Owned, RecordModel, list_indexes

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else


def _person(related: str, words: Any = "") -> models.ForeignKey:
    return models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name=related, verbose_name=words or _("Person")
    )  # fmt: skip


def _company(related: str) -> models.ForeignKey:
    return models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name=related, verbose_name=_("Company")
    )  # fmt: skip


class Programme(RecordModel, Owned):
    """What who recommends us gets, and after what. `outcome` is the verb of an event of whoever they send."""

    name = models.CharField(_("Name"), max_length=120)
    about_text = models.TextField(_("What friends read"), default="", blank=True)
    abouts = models.JSONField(_("The same in other languages"), default=dict, blank=True)
    reward = models.CharField(_("Who recommends gets"), max_length=200, default="", blank=True)
    amount = models.DecimalField(_("Worth"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="EUR")
    friend_reward = models.CharField(_("Who comes gets"), max_length=200, default="", blank=True)
    outcome = models.CharField(_("Is due after"), max_length=60, default="deal.won")
    purpose = models.CharField(_("Asks to agree to"), max_length=60, default="", blank=True)
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    open = models.BooleanField(_("Open"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("referral programme"), _("referral programmes")
        indexes = list_indexes("programme", "name", "updated_at")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if self.amount is not None and self.amount < 0:
            raise Invalid(__("A reward is worth nothing or more."), "amount")


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _one in range(8))


class Code(models.Model):
    """A person's own code. `network`: a mark of where they last opened their own page from."""

    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="referral_codes")
    code = models.CharField(max_length=20, unique=True, default=new_code)
    network = models.CharField(max_length=40, default="", blank=True)
    at = models.DateTimeField(default=timezone.now)


class Reward(models.TextChoices):
    AGREED = "agreed", _("Agreed, not due yet")
    DUE = "due", _("Due")
    PAID = "paid", _("Paid")
    REFUSED = "refused", _("Refused")


class Referral(RecordModel, Owned):
    """Somebody came through somebody's code. `doubts`: sentences that a colleague has to look at before anything is paid;
    `outcome_at`: when what was agreed came about; `person` is empty while it is not plain who they are."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="referrals", verbose_name=_("Referral programme")
    )
    referrer = _person("referrals_made", _("Recommended by"))
    person = _person("referrals_of", _("Who came"))
    name = models.CharField(_("Name"), max_length=200)
    email = models.CharField(_("E-mail"), max_length=254)
    phone = models.CharField(_("Phone"), max_length=40, default="", blank=True)
    organisation = models.CharField(_("Company they named"), max_length=200, default="", blank=True)
    words = models.TextField(_("What they wrote"), default="", blank=True)
    language = models.CharField(max_length=12, default="", blank=True)
    reward = models.CharField(_("Reward"), max_length=8, choices=Reward.choices, default=Reward.AGREED)
    amount = models.DecimalField(_("Worth"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="EUR")
    doubts = models.JSONField(_("To look at"), default=list, blank=True)
    cleared = models.BooleanField(_("Looked at"), default=False)
    to_look_at = models.PositiveSmallIntegerField(_("Open doubts"), default=0)
    outcome_at = models.DateTimeField(_("Came about"), null=True, blank=True)
    paid_at = models.DateTimeField(_("Paid on"), null=True, blank=True)
    reason = models.CharField(_("Why"), max_length=300, default="", blank=True)
    network = models.CharField(max_length=40, default="", blank=True)
    consent = models.JSONField(default=dict, blank=True)

    DERIVED = frozenset({"to_look_at"})

    class Meta:
        verbose_name, verbose_name_plural = _("referral"), _("referrals")
        indexes = [
            *list_indexes("referral", "created_at", "updated_at", "outcome_at"),
            models.Index(fields=["reward", "created_at"], name="referral_reward"),
        ]

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.email, self.organisation]

    def derive(self) -> None:
        self.to_look_at = 0 if self.cleared else len(self.doubts)
        super().derive()

    def about(self) -> list[tuple[str, int]]:
        return [("person", pk) for pk in (self.referrer_id, self.person_id) if pk]


class Site(RecordModel, Owned):
    """A place where customers review us in public, and after what we ask them to. Nobody is chosen by what they think."""

    name = models.CharField(_("Name"), max_length=120)
    url = models.URLField(_("Address"), max_length=400)
    asks_after = models.CharField(_("Asks after"), max_length=60, default="", blank=True)
    delay = models.PositiveIntegerField(_("Waits before it asks"), default=3 * 24 * 60)
    share = models.PositiveSmallIntegerField(_("Of a hundred, asks"), default=100)
    rest_days = models.PositiveIntegerField(_("Days of rest after any request"), default=180)
    purpose = models.CharField(_("Needs consent to"), max_length=60, default="", blank=True)
    active = models.BooleanField(_("Asks"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("review site"), _("review sites")
        indexes = list_indexes("review_site", "name", "updated_at")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if not self.url.startswith(("https://", "http://")):
            errors["url"] = [__("Write its whole address, for example https://reviews.example/us.")]
        if not 1 <= self.share <= 100:
            errors["share"] = [__("Of a hundred people 1 to 100 are asked.")]
        if errors:
            raise InvalidMany(errors)


class Asked(models.TextChoices):
    ANYTHING = "anything", _("One person, for anything")
    REFERENCE = "reference", _("One customer, for a reference")
    CALL = "call", _("One customer, for a reference call")
    REVIEW = "review", _("One person, for a public review")


class AskLimit(RecordModel):
    """How often we ask somebody for something. Where several say something of the same, the strictest holds."""

    name = models.CharField(_("Name"), max_length=120)
    what = models.CharField(_("Who is asked for what"), max_length=9, choices=Asked.choices, default=Asked.ANYTHING)
    most = models.PositiveSmallIntegerField(_("At most, in a year"), null=True, blank=True)
    rest_days = models.PositiveSmallIntegerField(_("Days of rest after each"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("limit of asks"), _("limits of asks")
        indexes = list_indexes("ask_limit", "name", "updated_at")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]


class ReviewState(models.TextChoices):
    WAITING = "waiting", _("Waits to be asked")
    ASKED = "asked", _("Asked")
    LEFT = "left", _("Left a review")
    DECLINED = "declined", _("Declined")
    UNASKED = "unasked", _("Not asked")


class Review(RecordModel, Owned):
    """Somebody was asked for a public review; `link` is where it stands, once it does."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="reviews", verbose_name=_("Review site"))
    person = _person("reviews")
    company = _company("reviews")
    state = models.CharField(_("State"), max_length=8, choices=ReviewState.choices, default=ReviewState.WAITING)
    due_at = models.DateTimeField(_("Is asked on"), null=True, blank=True)
    asked_at = models.DateTimeField(_("Asked on"), null=True, blank=True)
    after = models.CharField(_("After"), max_length=60, default="", blank=True)
    event = models.UUIDField(null=True, blank=True)
    link = models.URLField(_("Where it stands"), max_length=400, default="", blank=True)
    stars = models.PositiveSmallIntegerField(_("Stars"), null=True, blank=True)
    words = models.TextField(_("What they wrote"), default="", blank=True)
    left_at = models.DateTimeField(_("Left on"), null=True, blank=True)
    why = models.CharField(_("Why not"), max_length=300, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("public review"), _("public reviews")
        indexes = [
            *list_indexes("public_review", "asked_at", "left_at", "updated_at"),
            models.Index(fields=["due_at"], name="review_waiting", condition=Q(state="waiting", archived_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return __("%(site)s: %(who)s") % {"site": self.site, "who": self.person or __("nobody")}

    def search_parts(self) -> list[str | None]:
        return [self.words, self.link]

    def about(self) -> list[tuple[str, int]]:
        links = (("person", self.person_id), ("company", self.company_id))
        return [(name, pk) for name, pk in links if pk]


class ReferenceKind(models.TextChoices):
    STORY = "story", _("Case study")
    CALL = "call", _("Reference calls")
    QUOTE = "quote", _("Quote")
    LOGO = "logo", _("Logo")


class ReferenceState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ASKED = "asked", _("Asked")
    AGREED = "agreed", _("Agreed")
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved by them")
    PUBLISHED = "published", _("Published")
    EXPIRED = "expired", _("Expired")
    DECLINED = "declined", _("Declined")


class Reference(RecordModel, Owned):
    """What a customer lets us tell of them. `consent`: their words, who said them and when stand beside it; nothing is
    drafted without it, and nothing is published that they did not approve."""

    name = models.CharField(_("What it is"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=8, choices=ReferenceKind.choices, default=ReferenceKind.STORY)
    person = _person("references")
    company = _company("references")
    state = models.CharField(_("State"), max_length=9, choices=ReferenceState.choices, default=ReferenceState.PROPOSED)
    why = models.CharField(_("Why them"), max_length=300, default="", blank=True)
    asked_on = models.DateField(_("Asked on"), null=True, blank=True)
    consent = models.TextField(_("What they agreed to"), default="", blank=True)
    consent_by = models.CharField(_("Who agreed"), max_length=200, default="", blank=True)
    consent_on = models.DateField(_("Agreed on"), null=True, blank=True)
    draft = models.TextField(_("Draft"), default="", blank=True)
    approved_by = models.CharField(_("Who approved"), max_length=200, default="", blank=True)
    approved_on = models.DateField(_("Approved on"), null=True, blank=True)
    link = models.URLField(_("Where it stands"), max_length=400, default="", blank=True)
    published_on = models.DateField(_("Published on"), null=True, blank=True)
    expires_on = models.DateField(_("Holds until"), null=True, blank=True)
    reason = models.CharField(_("Why not"), max_length=300, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("reference"), _("references")
        indexes = list_indexes("reference", "name", "updated_at", "published_on", "expires_on")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.draft]

    def about(self) -> list[tuple[str, int]]:
        links = (("person", self.person_id), ("company", self.company_id))
        return [(name, pk) for name, pk in links if pk]


class Call(models.Model):
    """A reference call that was held, with whom."""

    reference = models.ForeignKey(Reference, models.CASCADE, related_name="calls")
    on = models.DateField()
    asked_by = models.CharField(max_length=200)


class IdeaState(models.TextChoices):
    OPEN = "open", _("Open")
    PLANNED = "planned", _("Planned")
    STARTED = "started", _("Being made")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Not now")


class Idea(RecordModel, Owned):
    """What a customer wishes for. `answer` is what voters read of us; `shown`: it stands on the board."""

    title = models.CharField(_("Idea"), max_length=160)
    body = models.TextField(_("In more words"), default="", blank=True)
    state = models.CharField(_("State"), max_length=8, choices=IdeaState.choices, default=IdeaState.OPEN)
    answer = models.TextField(_("What we say to it"), default="", blank=True)
    person = _person("ideas", _("Proposed by"))
    shown = models.BooleanField(_("On the board"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("idea"), _("ideas")
        indexes = list_indexes("idea", "title", "updated_at", "created_at")

    def __str__(self) -> str:
        return self.title

    def search_parts(self) -> list[str | None]:
        return [self.title, self.body]

    def about(self) -> list[tuple[str, int]]:
        return [("person", self.person_id)] if self.person_id else []


class Vote(models.Model):
    """One person for an idea. Two votes of people who became one are one: they are counted by person."""

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="votes")
    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="idea_votes")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["idea", "person"], name="idea_vote")]
