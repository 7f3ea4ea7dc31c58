
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('contacts', '0002_today_indexes'),
        ('process', '0007_waiting'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='journey',
            name='journey_care',
        ),
        migrations.AddField(
            model_name='journey',
            name='silence_told',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='journey',
            name='silent_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Silent from'),
        ),
        migrations.AddField(
            model_name='journey',
            name='touched_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Last word'),
        ),
        migrations.AddIndex(
            model_name='journey',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('closed_at__isnull', True)), fields=['owner', 'stage', 'due_at', 'id'], include=('silent_at',), name='journey_cared'),
        ),
        migrations.AddIndex(
            model_name='journey',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('closed_at__isnull', True)), fields=['owner', 'silent_at', 'id'], name='journey_quiet'),
        ),
        migrations.AddIndex(
            model_name='journey',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('closed_at__isnull', True), ('silence_told', False)), fields=['silent_at'], name='journey_silences'),
        ),
        migrations.AddIndex(
            model_name='journey',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('closed_at__isnull', True), ('silent_at__isnull', True)), fields=['id'], name='journey_unheard'),
        ),
    ]
