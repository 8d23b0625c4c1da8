"""The addresses of accounts. Signing in and up, passwords and second factors are allauth's, under /accounts/."""

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
