"""Addresses of the knowledge base that everybody may open."""

from django.urls import path

from kith.support.articles import public

urlpatterns = [
    path("knowledge/", public.home, name="knowledge"),
    path("knowledge/-/suggest", public.suggest, name="knowledge-suggest"),
    path("knowledge/<slug:key>", public.article, name="knowledge-article"),
]
