"""What tests stand on."""

import os
from pathlib import Path

from django.conf import settings


def test_each_process_keeps_files_in_a_data_folder_of_its_own():
    assert Path(settings.MEDIA_ROOT).is_relative_to(os.environ["KITH_DATA"])
