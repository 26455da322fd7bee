"""Stages that people typed in, because the system does not list them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0022_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='TypedStage',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('table', models.CharField(max_length=40)),
                ('stage_id', models.CharField(max_length=200)),
                ('label', models.CharField(max_length=300)),
                ('order', models.PositiveIntegerField(default=0)),
                ('chance', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('integration', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='typed_stages', to='integrations.integration')),
                ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.tenant')),
            ],
            options={
                'verbose_name': 'typed stage',
                'verbose_name_plural': 'typed stages',
                'constraints': [models.UniqueConstraint(fields=('integration', 'table', 'stage_id'), name='typed_stage_once'), models.CheckConstraint(condition=models.Q(('stage_id', ''), _negated=True), name='typed_stage_has_an_id')],
            },
        ),
    ]
