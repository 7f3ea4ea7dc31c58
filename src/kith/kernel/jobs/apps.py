"""The jobs app: queue, schedules, progress and what became of failed jobs."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "kith.kernel.jobs"
    label = "jobs"

    def ready(self) -> None:
        post_migrate.connect(_write_schedules, sender=self)


def _write_schedules(**_: object) -> None:
    from kith.kernel.jobs.schedules import ensure_schedules

    ensure_schedules()
