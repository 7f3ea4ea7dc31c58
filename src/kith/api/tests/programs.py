"""What tests of the API have in common: a new row, the names of a list, an upload."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


def new(program, slug="people", **values):
    made = program("post", slug, values)
    assert made.status_code == 201, made.data
    return made.data["id"]


def names(program, query):
    return [row["name"] for row in program("get", f"people?fields=name&{query}").data["data"]]


def upload(program, path, *files, fields=None, **headers):
    """Send a form with files (name, content) in its part “file”; headers as Django's test client has them."""
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    response = Client().post(f"/api/v1/{path}", {"file": sent, **(fields or {})}, **program.header, **headers)
    response.data = json.loads(response.content)
    return response
