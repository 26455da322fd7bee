"""Store drafts, previews and the field lists they are checked against."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0007_dependencies_and_choices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "object_sync",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="draft",
                        serialize=False,
                        to="integrations.objectsync",
                    ),
                ),
                ("config", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("based_on", models.PositiveIntegerField(default=0)),
                ("edited_at", models.DateTimeField()),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Preview",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stale", "Out of date"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("config", models.JSONField()),
                ("revision", models.PositiveIntegerField()),
                ("based_on", models.PositiveIntegerField(default=0)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("sampled", models.BooleanField(default=False)),
                ("actions", models.JSONField(blank=True, default=dict)),
                ("reasons", models.JSONField(blank=True, default=dict)),
                ("writes", models.JSONField(blank=True, default=dict)),
                ("unsafe", models.CharField(blank=True, max_length=500)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "object_sync",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previews",
                        to="integrations.objectsync",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="integrations.jobrun",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="integrations.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "preview",
                "verbose_name_plural": "previews",
            },
        ),
        migrations.CreateModel(
            name="FieldSchema",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_type", models.CharField(max_length=40)),
                ("fields", models.JSONField()),
                ("read_at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="schemas",
                        to="integrations.connection",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "object_type"), name="schema_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PreviewItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("hubspot_id", models.CharField(blank=True, max_length=200)),
                ("target_id", models.CharField(blank=True, max_length=200)),
                ("action", models.CharField(max_length=10)),
                ("reason", models.CharField(max_length=40)),
                ("detail", models.CharField(blank=True, max_length=1000)),
                ("fields", models.TextField(blank=True, editable=False)),
                (
                    "preview",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="integrations.preview",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["preview", "action", "reason", "id"], name="preview_item_group"
                    ),
                    models.Index(fields=["preview", "target_id"], name="preview_item_target"),
                ],
            },
        ),
    ]
