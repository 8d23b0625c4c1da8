"""The addresses of institutions."""

from django.urls import path

from institutions import views

app_name = "institutions"
urlpatterns = [
    path("institutions/", views.register, name="list"),
    path("institutions/search/", views.search, name="search"),
    path("institutions/new/", views.new, name="new"),
    path("institutions/<int:pk>/", views.institution, name="institution"),
    path("institutions/<int:pk>/edit/", views.edit, name="edit"),
    path("institutions/<int:pk>/verify/", views.verify, name="verify"),
    path("institutions/<int:pk>/merge/", views.merge, name="merge"),
    path("institutions/<int:pk>/merge/<int:into>/", views.confirm_merge, name="confirm_merge"),
    path("institutions/<int:pk>/split/", views.split, name="split"),
    path("institutions/<int:pk>/members/", views.add_member, name="add_member"),
    path("institutions/members/<int:pk>/end/", views.end_member, name="end_member"),
    path("countries/", views.countries, name="countries"),
    path("countries/<str:code>/", views.country, name="country"),
]
