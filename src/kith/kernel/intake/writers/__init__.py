"""Writing exports: CSV, XLSX and JSON lines, streamed."""
