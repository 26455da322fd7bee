"""Remember which connection an OAuth flow is to re-authenticate."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One nullable column."""

    dependencies = (("integrations", "0002_audit_append_only"),)
    operations = (
        migrations.AddField(
            model_name="oauthstate",
            name="connection",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="integrations.connection",
            ),
        ),
    )
