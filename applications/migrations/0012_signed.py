"""The day on which the Loan Agreement was signed: from then on an approved application neither lapses nor is withdrawn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0011_list_of_a_round")]

    operations = [
        migrations.AddField(
            model_name="application", name="signed_on", field=models.DateField(blank=True, null=True, verbose_name="Loan Agreement signed")
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("signed_on__isnull", True), ("status", "approved"), _connector="OR"), name="application_signed_is_approved"
            ),
        ),
    ]
