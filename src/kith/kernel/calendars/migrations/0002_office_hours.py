"""Organisations that work with Kith already get the default calendar; new ones get it when they are set up."""

from django.db import migrations


def office_hours(apps, schema_editor):
    Organisation = apps.get_model("organisation", "Organisation")
    BusinessCalendar = apps.get_model("calendars", "BusinessCalendar")
    if Organisation.objects.filter(set_up_at__isnull=False).exists() and not BusinessCalendar.objects.exists():
        BusinessCalendar.objects.create(name="Office hours", is_default=True, search="office hours")


class Migration(migrations.Migration):

    dependencies = [
        ("calendars", "0001_initial"),
        ("organisation", "0001_initial"),
    ]

    operations = [migrations.RunPython(office_hours, migrations.RunPython.noop, elidable=True)]
