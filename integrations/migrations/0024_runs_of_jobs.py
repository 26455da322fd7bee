"""Runs know the scheduled job that opened them, and every job may have one open; plus refreshes."""

import django.db.models.deletion
from django.db import migrations, models

OPEN = ("queued", "running", "held")


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0023_typed_stages"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="jobrun", name="run_one_open_per_kind"),
        migrations.AddField(
            model_name="jobrun",
            name="job",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="runs",
                to="integrations.job",
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
                    ("refresh", "Refresh of field lists"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="jobrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", OPEN)),
                fields=("object_sync", "kind", "job"),
                name="run_one_open_per_kind_and_job",
                nulls_distinct=False,
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="skipped",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="job",
            name="calls",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="objectsync",
            name="shut",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
