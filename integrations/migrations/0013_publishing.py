"""Say per connection whether it is told of synced records, and queue deliveries by destination."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0012_object_sync_floors"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="publishing",
            field=models.CharField(
                choices=[("off", "Off"), ("on", "On"), ("refused", "Refused")],
                default="off",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="publish_failures",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="connection",
            name="publish_detail",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.RemoveIndex(model_name="delivery", name="delivery_due"),
        migrations.AddField(
            model_name="delivery",
            name="destination",
            # No release has written deliveries: there is no row to give one to.
            field=models.UUIDField(default=uuid.UUID(int=0)),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["destination", "due_at"],
                name="delivery_waiting",
            ),
        ),
    ]
