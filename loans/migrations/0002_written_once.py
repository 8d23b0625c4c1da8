"""What was said of a day, given, told and proposed stays as it was; so does what an agreement was made from."""

from django.db import migrations

from workflow.operations import append_only, written_once


class Migration(migrations.Migration):
    dependencies = [("loans", "0001_loans")]

    operations = [
        append_only("loans_agreementchange"),
        append_only("loans_agreementextension"),
        append_only("loans_agreementreminder"),
        append_only("loans_dayrule"),
        append_only("loans_promotionchange"),
        append_only("loans_promotionline"),
        written_once("loans_agreement", ("reference", "decision_id", "noticed_on", "working_days")),
    ]
