"""The history of reviews, decisions and announcements is written once."""

from django.db import migrations

from workflow.operations import append_only


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_reviews")]

    operations = [
        append_only("reviews_reviewchange"),
        append_only("reviews_decisionchange"),
        append_only("reviews_announcementchange"),
    ]
