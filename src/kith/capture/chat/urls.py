"""Addresses of chats: what strangers reach under /c/, the desk, the builder."""

from django.urls import path

from kith.capture.chat import builder, pages, public, views

urlpatterns = [
    path("c/-/chat.css", pages.sheet, name="chat-sheet"),
    path("c/<slug:key>", pages.letter, name="chat-letter"),
    path("c/<slug:key>.js", pages.script, name="chat-script"),
    path("c/<slug:key>.css", pages.style, name="chat-style"),
    path("c/<slug:key>.json", public.settings, name="chat-settings"),
    *(path(f"c/<slug:key>/{verb}", public.act, {"verb": verb}, name=f"chat-{verb}") for verb in public.VERBS),
    path("chats/", views.desk, name="chats"),
    path("chats/here", views.here, name="chats-here"),
    path("conversations/<int:pk>/chat", views.talk, name="chat"),
    path("conversations/<int:pk>/typing", views.typing, name="chat-types"),
    path("chat-widgets/<int:pk>/build", builder.build, name="chat-builder"),
]
