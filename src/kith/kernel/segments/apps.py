"""Segments of records, as a Django app: every type is lent the column that says in which segments its rows are, and the one
that asks what happened to them."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "kith.kernel.segments"
    label = "segments"

    def ready(self) -> None:
        from kith.kernel.lookups.happened import HAPPENED, happened
        from kith.kernel.records.registry import registry
        from kith.kernel.segments import watching
        from kith.kernel.segments.actions import SHUTTING, follow, verbs_on
        from kith.kernel.segments.kinds import in_segment
        from kith.kernel.segments.parts import stays
        from kith.kernel.segments.records import gathers
        from kith.kernel.segments.trees import IN_SEGMENT
        from kith.kernel.timeline.readers import register_follower, register_listener

        for record in registry:
            if gathers(record):
                registry.lend(record.name, IN_SEGMENT, in_segment(record.name))
                registry.lend(record.name, HAPPENED, happened(record.name))
                registry.lend_parts(record.name, stays(record.name))
                if hasattr(record, "identify"):  # what has addresses is put on lists
                    registry.lend_actions(record.name, *verbs_on(record.name))
        register_listener(watching.handles, watching.hear)
        register_follower("segment", SHUTTING, follow)
