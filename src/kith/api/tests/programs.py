"""What tests of the API have in common: a program with a token, a new row, the names of a list, an upload."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kith.kernel.accounts import tokens
from tests.cast import user


class Program:
    """A program that calls the API with someone's token."""

    def __init__(self, who="ines", **token):
        self.header = {"HTTP_AUTHORIZATION": "Bearer " + tokens.issue(user(who), "test", **token)[1]}

    def __call__(self, method, path, data=None, **headers):
        sent = {f"HTTP_{k.upper()}": v for k, v in headers.items()}
        raw = data if isinstance(data, (str, bytes)) else json.dumps(data)
        body = {} if data is None else {"data": raw, "content_type": "application/json"}
        response = getattr(Client(), method)(f"/api/v1/{path}", **body, **self.header, **sent)
        response.data = json.loads(response.content) if response.content else None
        return response


def told(path, by="ines"):
    """The rows that a colleague's program reads there."""
    found = Program(by)("get", path)
    assert found.status_code == 200, found.data
    return found.data["data"]


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
