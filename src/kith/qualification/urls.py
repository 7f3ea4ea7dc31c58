"""Addresses of the third step: its settings, and what is done on people beyond the generic pages."""

from django.urls import path

from kith.qualification import wherepages
from kith.qualification.assigning import pages as assigning
from kith.qualification.checklist import pages as checklist
from kith.qualification.outcome import pages as outcome
from kith.qualification.predicting import pages as predicting
from kith.qualification.scoring import pages as scoring

urlpatterns = [
    path("settings/assignment/", assigning.assignment, name="assignment"),
    path("settings/assignment/try", assigning.tester, name="assignment-try"),
    path("settings/assignment/replay", assigning.replayed, name="assignment-replay"),
    path("settings/scores/", scoring.scores, name="scores"),
    path("settings/prediction/", predicting.prediction, name="prediction"),
    path("settings/checklist/", checklist.settings, name="checklist-settings"),
    path("settings/qualification/<slug:slug>/<int:pk>/where", wherepages.where, name="rule-where"),
    path("people/<int:pk>/convert", outcome.become, name="convert"),
    path("honest-noes/", outcome.honest_noes, name="honest-noes"),
    path("<slug:slug>/<int:pk>/checklist", checklist.fill, name="checklist"),
]
