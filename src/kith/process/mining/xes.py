"""Event logs as XES (IEEE 1849), read as a stream: one event is held at a time, entities and document types are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers.source import CHUNK, Source

VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})
LONGEST = 10_000  # attributes of one event
Attributes = dict[str, str]


class XesEvents:
    """Walk it for (line, attributes of the trace, attributes of the event)."""

    unit = "line"

    def __init__(self, source: Source):
        self._source = source

    def __iter__(self) -> Iterator[tuple[int, Attributes, Attributes]]:
        parser = _Parser()
        with self._source.stream() as stream:
            try:
                while chunk := stream.read(CHUNK):
                    parser.expat.Parse(chunk, False)
                    yield from parser.taken()
                parser.expat.Parse(b"", True)
            except expat.ExpatError as error:
                raise Invalid(
                    _("“%(name)s” is no sound XML: %(why)s. Export the log again.")
                    % {"name": self._source.name, "why": error}
                ) from error
        yield from parser.taken()


class _Parser:
    def __init__(self) -> None:
        self.expat = expat.ParserCreate()
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        self.expat.StartDoctypeDeclHandler = self._refuse
        self._done: list[tuple[int, Attributes, Attributes]] = []
        self._trace: Attributes | None = None
        self._event: Attributes | None = None
        self._line = self._nested = 0

    def taken(self) -> list[tuple[int, Attributes, Attributes]]:
        """The events finished since it was last asked."""
        done, self._done = self._done, []
        return done

    def _refuse(self, *_names: object) -> None:
        raise Invalid(_("The log names a document type, which may make it read other files; leave that line out."))

    def _start(self, name: str, given: dict[str, Any]) -> None:
        name = name.rpartition(":")[2]
        if name == "trace":
            self._trace = {}
        elif name == "event":
            self._event, self._line = {}, self.expat.CurrentLineNumber
        elif name in VALUES or self._nested:
            self._nested += 1
            holder = self._event if self._event is not None else self._trace
            if self._nested == 1 and holder is not None and "key" in given:
                if len(holder) >= LONGEST:
                    raise Invalid(
                        _("Line %(line)d: one event has more than %(most)d attributes.")
                        % {"line": self._line, "most": LONGEST}
                    )
                holder[given["key"]] = given.get("value", "")

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "event" and self._event is not None:
            self._done.append((self._line, self._trace or {}, self._event))
            self._event = None
        elif name == "trace":
            self._trace = None
        elif self._nested:
            self._nested -= 1
