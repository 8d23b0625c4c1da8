"""The addresses of accounts. Signing in and up, passwords and second factors are allauth's, under /accounts/."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/roles/give/", views.give_role, name="give_role"),
    path("people/<int:pk>/roles/end/", views.end_role, name="end_role"),
    path("people/<int:pk>/deactivate/", views.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", views.reactivate, name="reactivate"),
    path("people/<int:pk>/second-factor/remove/", views.remove_second_factor, name="remove_second_factor"),
    path("people/<int:pk>/invite/", views.invite_again, name="invite_again"),
    path("accounts/stay/", views.stay, name="stay"),
    path("accounts/profile/", views.profile, name="profile"),
]
