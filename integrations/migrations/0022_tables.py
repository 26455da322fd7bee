"""Tables of owners and stages."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0021_merges'),
    ]

    operations = [
        migrations.CreateModel(
            name='TableEntry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('table', models.CharField(max_length=40)),
                ('hubspot_value', models.CharField(max_length=200)),
                ('hubspot_label', models.CharField(blank=True, max_length=300)),
                ('target_value', models.CharField(blank=True, max_length=200)),
                ('target_label', models.CharField(blank=True, max_length=300)),
                ('origin', models.CharField(choices=[('auto', 'Found by itself'), ('person', 'Chosen by a person')], default='auto', max_length=8)),
                ('hubspot_gone', models.BooleanField(default=False)),
                ('target_gone', models.BooleanField(default=False)),
                ('order', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('integration', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='integrations.integration')),
                ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.tenant')),
            ],
            options={
                'verbose_name': 'table entry',
                'verbose_name_plural': 'table entries',
                'constraints': [models.UniqueConstraint(fields=('integration', 'table', 'hubspot_value'), name='table_entry_once'), models.CheckConstraint(condition=models.Q(('hubspot_value', ''), _negated=True), name='table_entry_has_a_value')],
            },
        ),
    ]
