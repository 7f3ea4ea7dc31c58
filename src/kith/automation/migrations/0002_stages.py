
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0001_initial'),
        ('process', '0001_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='workflow',
            name='workflow_name_once',
        ),
        migrations.AddField(
            model_name='workflow',
            name='process',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='workflows', to='process.process', verbose_name='Of process'),
        ),
        migrations.AddField(
            model_name='workflow',
            name='process_number',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='workflow',
            name='stage',
            field=models.CharField(blank=True, default='', max_length=60, verbose_name='Of stage'),
        ),
        migrations.AddConstraint(
            model_name='workflow',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True), ('process__isnull', True)), fields=('name',), name='workflow_name_once', violation_error_message='Another workflow has this name; choose a different one.'),
        ),
    ]
