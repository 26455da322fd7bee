"""Let a delivery cost fewer index entries: a first load stores one per record and destination."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0016_events_notice"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="endpoint",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="integrations.endpoint",
            ),
        ),
        migrations.RemoveIndex(model_name="delivery", name="delivery_created"),
        migrations.AddIndex(
            model_name="delivery",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["created_at"], name="delivery_created"
            ),
        ),
    ]
