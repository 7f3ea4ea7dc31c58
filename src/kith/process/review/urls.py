"""Addresses of reviews."""

from django.urls import path

from kith.process.review import views

urlpatterns = [
    path("process/reviews", views.reviews_page, name="process-reviews"),
    path("process/reviews/<int:pk>", views.review_page, name="process-review"),
    path("process/reviews/<int:pk>/decide/<int:proposal>", views.decide, name="process-review-decide"),
    path("process/reviews/<int:pk>/answer/<int:feedback>", views.answer, name="process-review-answer"),
]
