"""Tables of the fourth step."""

from kith.engagement.models.mailings import (
    BEGUN,
    FROZEN,
    OPEN,
    TAKEN,
    Batch,
    Held,
    Mailing,
    MailingState,
    Recipient,
    RecipientState,
)
from kith.engagement.models.objections import Answer, Objection, Occurrence, Theme
from kith.engagement.models.sequences import (
    ENDED,
    GOING,
    Enrolment,
    EnrolmentState,
    Outcome,
    Sequence,
    SequenceVersion,
    Step,
)
from kith.engagement.models.templates import Dress, Enclosure, Signature, Template, TemplateKind, TemplateVersion
from kith.engagement.models.tracking import TrackedLink, TrackedMail

__all__ = [
    "BEGUN", "ENDED", "FROZEN", "GOING", "OPEN", "TAKEN", "Answer", "Batch", "Dress", "Enclosure", "Enrolment", "EnrolmentState", "Held", "Mailing", "MailingState", "Objection", "Occurrence", "Outcome", "Recipient", "RecipientState", "Sequence",
    "SequenceVersion", "Signature", "Step", "Template", "TemplateKind", "TemplateVersion", "Theme", "TrackedLink", "TrackedMail",
]  # fmt: skip
