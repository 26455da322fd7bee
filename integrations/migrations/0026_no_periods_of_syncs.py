"""Object syncs have no periods of their own any more: their integration's jobs have."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0025_periods_of_jobs"),
    ]

    operations = [
        migrations.RemoveField(model_name="objectsync", name="poll_minutes"),
        migrations.RemoveField(model_name="objectsync", name="safety_hours"),
        migrations.RemoveField(model_name="objectsync", name="full_days"),
    ]
