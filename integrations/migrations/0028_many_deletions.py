"""Runs that ask a person about many deletions at once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0027_connection_by_key'),
    ]

    operations = [
        migrations.AlterField(
            model_name='jobrun',
            name='kind',
            field=models.CharField(choices=[('backfill', 'First load'), ('incremental', 'Recent changes'), ('settled', 'Safety pass'), ('reconcile', 'Full pass'), ('webhook', 'Notices and retries'), ('manual', 'Manual sync'), ('dry_run', 'Dry run'), ('preview', 'Preview'), ('deletions', 'Many deletions'), ('refresh', 'Refresh of field lists')], max_length=12),
        ),
    ]
