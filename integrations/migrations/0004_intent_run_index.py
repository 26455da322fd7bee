"""Index the run of an intent: without it every run that is pruned reads all intents."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies = (("integrations", "0003_oauth_state_connection"),)
    operations = (
        migrations.AlterField(
            model_name="intent",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="integrations.jobrun",
            ),
        ),
    )
