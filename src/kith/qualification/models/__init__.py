"""Tables of the third step: who looks after a lead, what it is worth, what was asked, and how it was decided."""

from kith.qualification.models.assignment import Absence, AssignmentRule, Decision, Kind, Late, Member, Pool, Turn
from kith.qualification.models.checklist import Answer, CompanyKnown, Criterion
from kith.qualification.models.lead import Changed, Dirty, Lead, State, Waiting
from kith.qualification.models.outcome import FitReason, Verdict
from kith.qualification.models.prediction import Model, Prediction, Target
from kith.qualification.models.scoring import Band, Part, ScoreRule

__all__ = [
    "Absence", "Answer", "AssignmentRule", "Band", "Changed", "CompanyKnown", "Criterion", "Decision", "Dirty", "FitReason", "Kind", "Late",
    "Lead", "Member", "Model", "Part", "Pool", "Prediction", "ScoreRule", "State", "Target", "Turn", "Verdict",
    "Waiting",
]  # fmt: skip
