"""Addresses of sign-in and of the settings of people. The sign-in library's are listed one by one: what is not here
(signing up, confirming an address, adding addresses) cannot be reached at all.
"""

from allauth.account import views as sign_in
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from kith.kernel.accounts import people_views, views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="profile")),
    path("login/", sign_in.login, name="account_login"),
    path("logout/", sign_in.logout, name="account_logout"),
    path("reauthenticate/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("password/change/", sign_in.password_change, name="account_change_password"),
    path("password/set/", sign_in.password_set, name="account_set_password"),
    path("password/reset/", sign_in.password_reset, name="account_reset_password"),
    path("password/reset/done/", sign_in.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", views.signed_in_on, name="usersessions_list"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("profile/", views.profile, name="profile"),
    path("tokens/", views.tokens, name="api_tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("people/", people_views.people, name="colleagues"),
    path("people/invite/", people_views.invite, name="invite"),
    path("people/<int:pk>/", people_views.colleague, name="colleague"),
    path("people/<int:pk>/link/", people_views.new_link, name="new_link"),
    path("people/<int:pk>/deactivate/", people_views.deactivate, name="deactivate_colleague"),
    path("people/<int:pk>/reactivate/", people_views.reactivate, name="reactivate_colleague"),
    path("people/<int:pk>/second-factor/", people_views.second_factor, name="remove_second_factor"),
    path("teams/", people_views.teams, name="teams"),
    path("teams/new/", people_views.team, name="new_team"),
    path("teams/<int:pk>/", people_views.team, name="team"),
    path("teams/<int:pk>/delete/", people_views.delete_team, name="delete_team"),
]
