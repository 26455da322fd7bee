"""Let an object sync remember what its first load left out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0011_audit_calls"),
    ]

    operations = [
        migrations.AddField(
            model_name="objectsync",
            name="floors",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
