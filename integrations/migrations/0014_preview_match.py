"""Let a preview find the records it would have created by then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0013_publishing"),
    ]

    operations = [
        migrations.AddField(
            model_name="previewitem",
            name="match",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=200),
        ),
    ]
