"""Scheduled jobs with a period and a switch of their own."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0019_preparation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=120)),
                ('minutes', models.PositiveIntegerField()),
                ('enabled', models.BooleanField(default=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('skipped_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=40)),
                ('integration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='integrations.integration')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.tenant')),
            ],
            options={
                'verbose_name': 'scheduled job',
                'verbose_name_plural': 'scheduled jobs',
                'constraints': [models.UniqueConstraint(fields=('integration', 'key'), name='job_once')],
            },
        ),
    ]
