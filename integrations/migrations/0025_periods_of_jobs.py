"""The three periods of every object sync become scheduled jobs of its integration, and back."""

from django.db import migrations

HOUR, DAY = 60, 24 * 60
JOBS = {"changes": ("poll_minutes", 1), "safety": ("safety_hours", HOUR), "full": ("full_days", DAY)}
"""First part of a job's key to the column of its period and that column's unit in minutes."""
OFFERED = {
    "poll_minutes": (1, 2, 5, 10, 15, 30, 60),
    "safety_hours": (4, 8, 12, 24),
    "full_days": (0, 1, 7, 30),
}


def make_jobs(apps, schema_editor):
    """Give every object sync its three jobs, with the periods that were chosen."""
    syncs = apps.get_model("integrations", "ObjectSync")
    jobs = apps.get_model("integrations", "Job")
    made = [
        jobs(
            tenant_id=row.tenant_id,
            integration_id=row.integration_id,
            key=f"{name}:{row.key}",
            minutes=getattr(row, column) * unit,
        )
        for row in syncs.objects.iterator()
        for name, (column, unit) in JOBS.items()
    ]
    jobs.objects.bulk_create(made, batch_size=1_000, ignore_conflicts=True)


def keep_periods(apps, schema_editor):
    """Write the periods back; one that a column cannot hold becomes the nearest offered one.

    What is switched off becomes as rare as the column allows. Open runs of jobs end: only one of a
    kind may be open per object sync then; their cursors are those of the runs before them.
    """
    syncs = apps.get_model("integrations", "ObjectSync")
    jobs = apps.get_model("integrations", "Job")
    chosen = {
        (integration, key): minutes if enabled else 0
        for integration, key, minutes, enabled in jobs.objects.values_list(
            "integration_id", "key", "minutes", "enabled"
        ).iterator()
    }
    for row in syncs.objects.iterator():
        for name, (column, unit) in JOBS.items():
            minutes = chosen.get((row.integration_id, f"{name}:{row.key}"))
            if minutes is not None:
                setattr(row, column, nearest(OFFERED[column], minutes / unit))
        row.save(update_fields=[column for column, _unit in JOBS.values()])
    runs = apps.get_model("integrations", "JobRun").objects.filter(job__isnull=False)
    runs.filter(state__in=("queued", "running", "held")).update(state="cancelled")
    runs.update(job=None)
    jobs.objects.all().delete()


def nearest(offered, period):
    """Return the offered period next to one; 0 is never."""
    if not period:
        return 0 if 0 in offered else max(offered)
    return min(filter(None, offered), key=lambda each: abs(each - period))


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0024_runs_of_jobs"),
    ]

    operations = [
        migrations.RunPython(make_jobs, keep_periods),
    ]
