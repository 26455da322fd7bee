"""Tell connections that were made by a pasted service key from installs of the app."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0026_no_periods_of_syncs'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='by_key',
            field=models.BooleanField(default=False, verbose_name='service key'),
        ),
    ]
