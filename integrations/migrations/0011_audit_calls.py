"""Count the calls behind an audit entry."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0010_api_tokens"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="calls",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
