"""Addresses of the editor under Settings, and of what everybody reads about a process.

Pages about a process as a whole stand behind "-", which no key of a stage can be.
"""

from django.urls import path

from kith.process.adoption.views import adoption
from kith.process.editor import changespages, guide, overview, partpages, rulepages, stagepage, wholepages

S, P = "settings/process/", "settings/process/<slug:key>/"

urlpatterns = [
    path("settings/adoption/", adoption, name="adoption"),
    path(S, overview.overview, name="process-settings"),
    path(f"{S}-/import/", overview.import_file, name="process-import"),
    path(f"{S}-/begin/<slug:name>/", overview.begin, name="process-begin"),
    path(P, wholepages.process_page, name="process-edit"),
    path(f"{P}-/add/", wholepages.add_stage, name="process-add"),
    path(f"{P}-/publish/", wholepages.publish_page, name="process-publish"),
    path(f"{P}-/discard/", wholepages.discard, name="process-discard"),
    path(f"{P}-/file/", overview.export_file, name="process-file"),
    path(f"{P}-/versions/<int:number>/", wholepages.version_page, name="process-version"),
    path(f"{P}-/versions/<int:number>/use/", wholepages.use_version, name="process-version-use"),
    path(f"{P}-/for/", rulepages.whom_page, name="process-whom"),
    path(f"{P}-/segment/", partpages.segment_page, name="process-segment-new"),
    path(f"{P}-/segments/<slug:segment>/", partpages.segment_page, name="process-segment"),
    path(f"{P}<slug:stage>/", stagepage.stage_page, name="process-stage"),
    path(f"{P}<slug:stage>/entry/", rulepages.entry_page, name="process-entry"),
    path(f"{P}<slug:stage>/need/new/", partpages.need_page, name="process-need-new"),
    path(f"{P}<slug:stage>/need/<slug:need>/edit/", partpages.need_page, name="process-need"),
    path(f"{P}<slug:stage>/automation/new/", partpages.automation_page, name="process-automation-new"),
    path(f"{P}<slug:stage>/automation/<int:at>/", partpages.automation_page, name="process-automation"),
    path("process/guide/", guide.guides, name="process-guides"),
    path("process/guide/<slug:key>/", guide.guide, name="process-guide"),
    path("process/changes/<slug:key>/<int:number>/", changespages.changes_page, name="process-changes"),
]
