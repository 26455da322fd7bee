"""Merges as work that is carried through, and can be undone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0020_jobs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('hubspot_id', models.CharField(max_length=200)),
                ('old_ids', models.JSONField(default=list)),
                ('policy', models.CharField(max_length=10)),
                ('state', models.CharField(choices=[('open', 'Under way'), ('failing', 'A step failed'), ('held', 'Waits for a person'), ('done', 'Done'), ('undone', 'Undone')], default='open', max_length=8)),
                ('steps', models.JSONField(blank=True, default=list)),
                ('sealed', models.TextField(blank=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('detail', models.CharField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.recordlink')),
                ('loser', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='integrations.recordlink')),
                ('object_sync', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='integrations.objectsync')),
                ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.tenant')),
            ],
            options={
                'verbose_name': 'merge',
                'verbose_name_plural': 'merges',
                'indexes': [models.Index(fields=['object_sync', '-id'], name='merge_newest'), models.Index(condition=models.Q(('state__in', ('open', 'failing'))), fields=['object_sync', 'due_at'], name='merge_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'undone'), _negated=True), fields=('loser',), name='merge_once_per_loser')],
            },
        ),
    ]
