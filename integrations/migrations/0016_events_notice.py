"""Know the mail that synced-events stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0015_lists_of_history"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("record_failed", "Record failed"),
                    ("reauth_needed", "Re-authentication needed"),
                    ("events_stopped", "Synced-events stopped"),
                ],
                max_length=20,
            ),
        ),
    ]
