"""The addresses of samples."""

from django.urls import path, register_converter

from samples import views


class NumberConverter:
    """A sample's number in an address, in any letter case."""

    regex = "[A-Za-z0-9][A-Za-z0-9-]{2,39}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "sample_number")

app_name = "samples"
urlpatterns = [
    path("samples/", views.catalogue, name="list"),
    path("samples/<sample_number:number>/", views.sample, name="sample"),
    path("samples/<sample_number:number>/stock/", views.correct, name="correct"),
]
