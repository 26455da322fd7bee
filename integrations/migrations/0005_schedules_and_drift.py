"""Let object syncs have a set-up, schedules of their own and a list of drifted fields."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_intent_run_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="objectsync",
            name="drift",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="objectsync",
            name="full_days",
            field=models.PositiveSmallIntegerField(default=7),
        ),
        migrations.AddField(
            model_name="objectsync",
            name="hubspot_total",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="objectsync",
            name="hubspot_total_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="objectsync",
            name="poll_minutes",
            field=models.PositiveSmallIntegerField(default=5),
        ),
        migrations.AddField(
            model_name="objectsync",
            name="safety_hours",
            field=models.PositiveSmallIntegerField(default=4),
        ),
        migrations.AddField(
            model_name="syncversion",
            name="note",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="syncversion",
            name="restored_from",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="integration",
            name="state",
            field=models.CharField(
                choices=[
                    ("setup", "Being set up"),
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("held", "Held for a person"),
                    ("uninstalled", "Uninstalled"),
                ],
                default="active",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("backfill", "First load"),
                    ("incremental", "Recent changes"),
                    ("settled", "Safety pass"),
                    ("reconcile", "Full pass"),
                    ("webhook", "Notices and retries"),
                    ("manual", "Manual sync"),
                    ("dry_run", "Dry run"),
                    ("preview", "Preview"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="objectsync",
            name="state",
            field=models.CharField(
                choices=[
                    ("setup", "Being set up"),
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("held", "Held for a person"),
                    ("uninstalled", "Uninstalled"),
                ],
                default="active",
                max_length=12,
            ),
        ),
    ]
