"""What the topics share: the steps and how they are told, the connection, the control API, and expectations.

A topic is a script that declares steps in order and ends with `run()`. Each step prints one line of JSON:
`{"step": "...", "ok": true, "detail": null}`. The vitest file finds the sentences in the sources, so `@step("...")` has
to stand on one line."""

import json
import logging
import sys
import traceback
import urllib.error
import urllib.parse
import urllib.request
import warnings

from exchangelib import BASIC, DELEGATE, Account, Build, Configuration, Credentials, EWSDateTime, EWSTimeZone, Version

warnings.simplefilter("ignore")
# The client logs every failed request at length; a failed step says enough.
logging.disable(logging.CRITICAL)

BASE = sys.argv[1]
ENDPOINT = f"{BASE}/EWS/Exchange.asmx"
PASSWORD = "lockstep"
OSLO = EWSTimeZone("Europe/Oslo")
UTC = EWSTimeZone("UTC")
# An Exchange 2016: said beforehand, so that the client does not have to find out with a request.
SERVER_VERSION = Version(Build(15, 1, 2507, 6))

_steps = []


def step(sentence):
    """Declares a step. It fails by raising."""

    def declare(run):
        _steps.append((sentence, run))
        return run

    return declare


def run():
    """Runs all steps in order; a failed one does not stop the others."""
    for sentence, each in _steps:
        try:
            each()
            told = {"step": sentence, "ok": True, "detail": None}
        except Exception as error:  # the test decides
            told = {"step": sentence, "ok": False, "detail": f"{_place(error)} {type(error).__name__}: {error}"}
        print(json.dumps(told), flush=True)


def _place(error):
    """The line of the topic that failed."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/conformance/" in frame.filename and not frame.filename.endswith("support.py")]
    return f"{own[-1].filename.rsplit('/', 1)[-1]}:{own[-1].lineno}"


def credentials(address, password=PASSWORD):
    return Credentials(address, password)


def connect(address, login=None, access_type=DELEGATE, **config):
    """An account. Time zone Oslo, as the mailboxes have it.

    @param login: who logs on; the owner of the mailbox when absent"""
    settings = {
        "service_endpoint": ENDPOINT,
        "credentials": credentials(login or address),
        "auth_type": BASIC,
        "version": SERVER_VERSION,
        **config,
    }
    return Account(
        primary_smtp_address=address,
        config=Configuration(**settings),
        autodiscover=False,
        access_type=access_type,
        default_timezone=OSLO,
    )


def control(method, path, body=None):
    """One call of the control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/control/{path}", data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
    return json.loads(text) if text else None


def entries(address, folder="calendar"):
    """The appointments as the server keeps them."""
    return control("GET", f"mailboxes/{address}/calendar/items?folder={folder}")


def entry(address, item_id, folder="calendar"):
    """One of them by its id; None when it is not there."""
    return next((each for each in entries(address, folder) if each["id"] == item_id), None)


def counts(address):
    """How many items are in each folder."""
    return next(each for each in control("GET", "mailboxes") if each["address"] == address)["itemCounts"]


def user_adds(address, **fields):
    """An appointment made by a person in Outlook."""
    return control("POST", f"mailboxes/{address}/calendar/items", fields)


def user_changes(address, kept, **fields):
    return control("PATCH", f"mailboxes/{address}/calendar/items/{kept['urlId']}", fields)


def user_deletes(address, kept):
    control("DELETE", f"mailboxes/{address}/calendar/items/{kept['urlId']}")


def script(code=None, **more):
    """Scripts a fault; see the guide of the simulator."""
    action = more.pop("action", None) or {"kind": "fault", "code": code, **more.pop("also", {})}
    return control("POST", "faults", {"match": more.pop("match", {}), "when": more.pop("when", "before"), "action": action})


def log_after(seq=0, account=None):
    query = {"afterSeq": seq} if account is None else {"afterSeq": seq, "account": account}
    return control("GET", f"log?{urllib.parse.urlencode(query)}")["records"]


def last_seq():
    records = log_after()
    return records[-1]["seq"] if records else 0


def oslo(year, month, day, hour=0, minute=0):
    return EWSDateTime(year, month, day, hour, minute, tzinfo=OSLO)


def utc(year, month, day, hour=0, minute=0):
    return EWSDateTime(year, month, day, hour, minute, tzinfo=UTC)


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} is not {expected!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def raises(kind, action):
    """Runs the action, which has to fail with that error; returns it. exchangelib gives some errors back as values."""
    try:
        result = action()
    except kind as error:
        return error
    if isinstance(result, kind):
        return result
    raise AssertionError(f"{kind.__name__} was expected, but the answer was {result!r}")
