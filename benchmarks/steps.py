"""The first four steps at size, on the sample company served with its worker: what an event does to segments and scores, how
fast mail is filed, how soon the public form comes.

    python -m benchmarks --only steps           all of it; or segments, scores, mail, form alone
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import dataset, table
from benchmarks.process import Figure, ProcessResult, line, rest
from benchmarks.site import Site

PARTS = ("segments", "scores", "mail", "form")
SEGMENTS, EVENTS, PAGES = 50, 40, 400
MEMBERSHIP, REBUILD, SCORE, PAGE = 2.0, 10.0, 1.0, 15.0  # aims in seconds; the last in milliseconds
PATIENCE = 120  # seconds that anything is waited for
MARK = "Measured:"
WAITING = """
    UPDATE procrastinate_jobs SET status = 'cancelled'
    WHERE status = 'todo' AND task_name IN ('qualification.rescore', 'segments.rebuild', 'awareness.fit')
"""
COUNTED = {
    "people": "contacts_person", "events": "timeline_event", "members of segments": "segments_membership",
    "scores": "qualification_lead", "messages": "activities_message",
}  # fmt: skip


def run(journeys: int, command: str, *, only: str, quick: bool) -> ProcessResult:
    """The parts asked for ("steps": all of them), on the set of so many journeys, which has as many customers."""
    import psycopg

    from kith.kernel.database.embedded import Embedded

    home = dataset.ensure_journeys(journeys)
    dataset.use(home)
    result = ProcessResult(journeys, dataset.seconds_of(home), command, table.machine())
    with (
        Embedded(home / "database") as server,
        psycopg.connect(server.conninfo("kith"), autocommit=True) as database,
    ):
        from kith.cli.session import set_up_django

        set_up_django()
        _put_by(database)
        with Site(dataset.environment(home)) as site:
            rest(database)
            for part in PARTS if only == "steps" else (only,):
                for figure in WAYS[part](site, quick):
                    result.figures.append(figure)
                    print(line(figure), flush=True)
        _clean()
        for what, name in COUNTED.items():
            rows = database.execute(f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}").fetchone()
            result.counts[what] = rows[0], rows[1] / 1e6
    return result


def _put_by(database: Any) -> None:
    """Work that waits from when the set was made would run beside what is measured: everybody's scores and segments."""
    database.execute(WAITING)


def _system() -> Any:
    from kith.kernel.access.actor import system

    return system("cli")


def _people(n: int) -> list[Any]:
    """People spread over the whole table."""
    from kith.contacts.models import Person

    last = Person.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    pks = [max(1, last * k // n) for k in range(1, n + 1)]
    rows = Person.objects.filter(pk__in=pks, archived_at=None).exclude(email="").select_related("company", "owner")
    return list(rows)


def _until(true: Callable[[], bool]) -> float:
    """Seconds until it is true; PATIENCE where it does not become so."""
    began = time.perf_counter()
    while not true():
        if time.perf_counter() - began > PATIENCE:
            return PATIENCE
        time.sleep(0.01)
    return time.perf_counter() - began


def _waits(what: str, took: list[float], aim: float) -> Figure:
    took.sort()
    p95 = took[max(0, int(len(took) * 0.95) - 1)]
    words = f"median {statistics.median(took):.2f} s, p95 {p95:.2f} s, longest {took[-1]:.2f} s of {len(took)}"
    return Figure(what, words, f"within {aim:.0f} s", p95 <= aim)


# --- segments ---------------------------------------------------------------------------------------------------------


def segments(_site: Site, quick: bool) -> Iterator[Figure]:
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry
    from kith.kernel.segments.evaluating import rebuild
    from kith.starters.tidewell.early_words import WAYS as SOURCES
    from kith.starters.tidewell.words import JOBS

    record = registry["segment"]
    made, took = [], []
    for n in range(SEGMENTS):
        job, source = JOBS[n % len(JOBS)], SOURCES[n // len(JOBS) % len(SOURCES)].source
        values = {"name": f"{MARK} {n}", "conditions": f'job_title.is:"{job}",not(source.is:"{source}")'}
        made.append((actions.create(record, values, by=_system()), job, source))
    for segment, _job, _source in made:
        began = time.perf_counter()
        rebuild(segment.pk)
        took.append(time.perf_counter() - began)
    yield _waits(f"one of {SEGMENTS} segments looked at anew", took, REBUILD)
    yield _waits(
        f"an event changes who is in one of {SEGMENTS} segments", _moved(made, 10 if quick else EVENTS), MEMBERSHIP
    )


def _moved(made: list[Any], n: int) -> list[float]:
    """Seconds from somebody's new job title to their place in the segment it leads to."""
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry
    from kith.kernel.segments.models import Membership

    took = []
    for k, person in enumerate(_people(n * 2)[:n]):
        segment, job, source = made[k % len(made)]
        if person.source == source or person.job_title == job:
            continue
        inside = Membership.objects.filter(segment=segment, row_id=person.pk, left_at=None)
        actions.edit(registry["person"], person, {"job_title": job}, by=_system())
        took.append(_until(inside.exists))
    return took


# --- scores -----------------------------------------------------------------------------------------------------------


def scores(_site: Site, quick: bool) -> Iterator[Figure]:
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry
    from kith.qualification.models import Lead, ScoreRule
    from kith.starters.tidewell.early_words import RULES

    if not ScoreRule.objects.filter(archived_at=None).exists():
        for name, part, points, where, verb, most, half_life in RULES:
            values = {
                "name": name,
                "part": part,
                "points": points,
                "where": where,
                "verb": verb,
                "most": most,
                "half_life": half_life,
            }
            actions.create(registry["score_rule"], values, by=_system())
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(WAITING)
    took = []
    for person in _people((10 if quick else EVENTS) * 2)[: 10 if quick else EVENTS]:
        before = Lead.objects.filter(person=person).values_list("fit", flat=True).first()
        director = "director" in person.job_title.lower()
        wanted = {"job_title": "Caretaker" if director else "Facilities director"}
        actions.edit(registry["person"], person, wanted, by=_system())
        now = (
            Lead.objects.filter(person=person).exclude(fit=before)
            if before is not None
            else Lead.objects.filter(person=person)
        )
        took.append(_until(now.exists))
    yield _waits("the score of a person after an event", took, SCORE)


# --- mail -------------------------------------------------------------------------------------------------------------


def mail(_site: Site, quick: bool) -> Iterator[Figure]:
    """Messages of people we know, then as many that answer them."""
    from kith.activities.models import Message, Thread

    count, stamp = (50 if quick else 500), f"{time.time():.0f}"
    senders = _people(count)
    first, kept, seconds = _arrive([_raw(p, f"{stamp}.{n}") for n, p in enumerate(senders)])
    yield Figure("messages taken in and kept whole", f"{kept:,.0f} a second")
    yield Figure("messages filed, each the first of a thread", f"{len(first) / seconds:,.0f} a second")
    answers, _kept, seconds = _arrive(
        [_raw(p, f"{stamp}.{n}.a", f"In-Reply-To: <{stamp}.{n}@measured.example>\r\n") for n, p in enumerate(senders)]
    )
    filed = Message.objects.filter(arrived__in=[*first, *answers])
    threads = Thread.objects.filter(messages__in=filed).distinct().count()
    said = f"{len(answers) / seconds:,.0f} a second; {filed.count():,} of {2 * len(senders):,} in {threads:,} threads"
    yield Figure("messages threaded with what they answer", said, "none lost, one thread each",
                 filed.count() == 2 * len(senders) and threads == len(senders))  # fmt: skip


def _raw(person: Any, key: str, more: str = "") -> bytes:
    return (
        f"From: {person.email}\r\nTo: hello@tidewell.example\r\nSubject: Measured {key}\r\n"
        f"Message-ID: <{key}@measured.example>\r\n{more}\r\nThere are eleven risers, {key}.\r\n"
    ).encode()


def _arrive(messages: list[bytes]) -> tuple[list[int], float, float]:
    """(ids, how many a second were kept, seconds from the first until all are filed)"""
    from kith.kernel.mail.arriving import take_in
    from kith.kernel.mail.models import Arrived

    began = time.perf_counter()
    ids = [take_in(raw).pk for raw in messages]
    kept = len(ids) / (time.perf_counter() - began)
    waiting = Arrived.objects.filter(pk__in=ids, state="waiting")
    _until(lambda: not waiting.exists())
    return ids, kept, time.perf_counter() - began


# --- the form ---------------------------------------------------------------------------------------------------------


def form(site: Site, quick: bool) -> Iterator[Figure]:
    from kith.capture.models import Form
    from kith.kernel.records import actions
    from kith.kernel.records.action import ACTIONS
    from kith.kernel.records.registry import registry

    row = Form.objects.filter(name=f"{MARK} form").first()
    row = row or actions.create(registry["form"], {"name": f"{MARK} form", "key": "measured"}, by=_system())
    ACTIONS["form.publish"].run(row, by=_system())
    connection = site.connect()
    took = sorted(site.ask("GET", "/f/measured", on=connection).seconds * 1000 for _n in range(100 if quick else PAGES))
    p95 = took[int(len(took) * 0.95)]
    words = f"median {statistics.median(took):.1f} ms, p95 {p95:.1f} ms of {len(took)}"
    yield Figure("the public page of a form", words, f"p95 under {PAGE:.0f} ms", p95 < PAGE)


WAYS: dict[str, Callable[[Site, bool], Iterator[Figure]]] = {
    "segments": segments, "scores": scores, "mail": mail, "form": form,
}  # fmt: skip


def _clean() -> None:
    """Segments that were made to be measured are gone before the next measurement."""
    from kith.kernel.segments.models import Membership, Segment

    made = Segment.objects.filter(name__startswith=MARK)
    Membership.objects.filter(segment__in=made).delete()
    made.delete()
