"""When the bell was last rung for a mail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0001_letters"),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="rung_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
