"""Give connections an address of their own that their system can call."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0005_schedules_and_drift"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="hook_digest",
            field=models.CharField(
                blank=True, editable=False, max_length=64, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="hook_seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
