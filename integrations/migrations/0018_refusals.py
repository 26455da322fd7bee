"""Remember what a system refused, so that the same is not sent again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0017_lean_deliveries'),
    ]

    operations = [
        migrations.AddField(
            model_name='recordlink',
            name='refused',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
