"""Keep what the preparation of the other system found."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0018_refusals'),
    ]

    operations = [
        migrations.AddField(
            model_name='integration',
            name='prepared',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='integration',
            name='prepared_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
