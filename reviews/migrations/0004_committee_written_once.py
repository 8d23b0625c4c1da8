"""Reviews that were filed before get their first filing and their experts a seat; what is said and noted is written once."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from workflow.operations import append_only


def remember_what_was_filed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    review_model, filing, seat = (apps.get_model("reviews", name) for name in ("Review", "Filing", "Seat"))
    for review in review_model.objects.select_related("application").prefetch_related("scores"):
        seat.objects.get_or_create(round_id=review.application.round_id, user_id=review.expert_id)
        if review.status == "filed":
            filing.objects.create(
                review=review,
                number=1,
                scores={str(score.criterion_id): score.value for score in review.scores.all()},
                remarks_to_applicant=review.remarks_to_applicant,
                remarks_to_committee=review.remarks_to_committee,
                at=review.filed_at,
            )


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_committee")]

    operations = [
        migrations.RunPython(remember_what_was_filed, migrations.RunPython.noop),
        append_only("reviews_declaration"),
        append_only("reviews_filing"),
        append_only("reviews_remark"),
        append_only("reviews_departure"),
        append_only("reviews_slotchange"),
    ]
