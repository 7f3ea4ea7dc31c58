"""Files that people attach to records: recognised by content, kept by hash outside the web root, downloaded safely.

`storage.store` and `storage.open_file` are the doors; who may use them is decided by the actions and pages above.
"""
