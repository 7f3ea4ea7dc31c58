from django.db import migrations


def in_small_letters(apps, schema_editor):
    """What addresses call a campaign is looked for whatever the case; it is kept so since now."""
    campaigns = apps.get_model("awareness", "Campaign")
    for campaign in campaigns.objects.exclude(words=[]).only("words"):
        words = list(dict.fromkeys(word for one in campaign.words if (word := " ".join(one.split()).casefold())))
        if words != campaign.words:
            campaigns.objects.filter(pk=campaign.pk).update(words=words)


class Migration(migrations.Migration):

    dependencies = [
        ("awareness", "0008_assets_sent"),
    ]

    operations = [migrations.RunPython(in_small_letters, migrations.RunPython.noop)]
