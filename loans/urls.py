"""The addresses of loans."""

from django.urls import path

from loans.views import agreements, days, promotions

app_name = "loans"
urlpatterns = [
    path("loans/", agreements.agreements, name="list"),
    path("loans/days/", days.days, name="days"),
    path("loans/days/<int:year>/", days.days, name="days_of_year"),
    path("loans/<str:reference>/", agreements.agreement, name="agreement"),
    path("loans/<str:reference>/sign/", agreements.sign, name="sign"),
    path("loans/<str:reference>/extend/", agreements.extend, name="extend"),
    path("loans/<str:reference>/lapse/", agreements.lapse, name="lapse"),
    path("rounds/<slug:slug>/office/promotions/", promotions.promotions, name="promotions"),
    path("rounds/<slug:slug>/office/promotions/<int:pk>/make/", promotions.make, name="make_promotion"),
    path("rounds/<slug:slug>/office/promotions/<int:pk>/drop/", promotions.drop, name="drop_promotion"),
    path("rounds/<slug:slug>/office/promotions/<str:reference>/", promotions.propose, name="propose_promotion"),
]
