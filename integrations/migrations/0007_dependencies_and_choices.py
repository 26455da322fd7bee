"""Remember what waits for another record, and what people decided about conflicts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0006_connection_hooks"),
    ]

    operations = [
        migrations.AddField(
            model_name="recordlink",
            name="choices",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="recordlink",
            name="seen_mark",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="review",
            name="fields",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.CreateModel(
            name="Dependency",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("side", models.CharField(max_length=8)),
                ("record_id", models.CharField(max_length=200)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dependencies",
                        to="integrations.recordlink",
                    ),
                ),
                (
                    "parent_sync",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="integrations.objectsync",
                    ),
                ),
            ],
            options={
                "verbose_name": "dependency",
                "verbose_name_plural": "dependencies",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("parent_sync", "side", "record_id", "link"), name="dependency_once"
                    )
                ],
            },
        ),
    ]
