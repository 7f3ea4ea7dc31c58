"""Products say how often they are charged, for how long they are bought, and what they cost."""

from django.db import migrations, models

CHARGED = [("month", "Every month"), ("year", "Every year")]


class Migration(migrations.Migration):
    dependencies = [("deals", "0005_today_indexes")]

    operations = [
        migrations.RenameField("product", "recurring", "charged_again"),
        migrations.AddField(
            "product",
            "recurring",
            models.CharField(blank=True, choices=CHARGED, default="", max_length=5, verbose_name="Charged"),
        ),
        migrations.RunSQL("UPDATE deals_product SET recurring = 'year' WHERE charged_again", migrations.RunSQL.noop, elidable=True),
        migrations.RemoveField("product", "charged_again"),
        migrations.AddField(
            "product",
            "term",
            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="Term in months"),
        ),
        migrations.AddField(
            "product",
            "notice_days",
            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="Notice in days"),
        ),
        migrations.AddField(
            "product",
            "cost",
            models.DecimalField(
                blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="What it costs us"
            ),
        ),
    ]
