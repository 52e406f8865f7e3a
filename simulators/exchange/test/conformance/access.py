"""How a client gets in: Basic, NTLM with its handshake, a token; and how it is kept out."""

import json
import os
import urllib.parse
import urllib.request

from exchangelib import BASIC, NTLM, OAUTH2, CalendarItem, OAuth2AuthorizationCodeCredentials
from exchangelib.account import Identity
from exchangelib.credentials import IMPERSONATION
from exchangelib.errors import MalformedResponseError, TransportError, UnauthorizedError
from oauthlib.oauth2 import OAuth2Token

from support import BASE, connect, control, counts, credentials, entry, equal, last_seq, log_after, oslo, raises, run, step, true

# The simulator speaks plain HTTP.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

ALICE = "alice@lockstep.test"
BOB = "bob@lockstep.test"


def create(account, subject):
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    return CalendarItem(account=account, folder=account.calendar, subject=subject, **times).save()


@step("a wrong password is refused, and nothing is written")
def _():
    account = connect(ALICE, credentials=credentials(ALICE, "wrong"))
    raises(UnauthorizedError, lambda: create(account, "never"))
    equal(counts(ALICE)["calendar"], 0)


@step("a name that nobody has is refused like a wrong password")
def _():
    raises(UnauthorizedError, lambda: create(connect(ALICE, login="nobody@lockstep.test"), "never"))
    equal(counts(ALICE)["calendar"], 0)


@step("the client finds out by itself that Basic is offered")
def _():
    account = connect(ALICE, credentials=credentials(ALICE, "lockstep"), auth_type=None)
    equal(account.protocol.auth_type, BASIC)


@step("NTLM lets in after its handshake")
def _():
    control("POST", "access", {"schemes": ["NTLM"]})
    account = connect(BOB, auth_type=NTLM)
    item = create(account, "by NTLM")
    equal(entry(BOB, item.id)["subject"], "by NTLM")


@step("NTLM keeps a wrong password out")
def _():
    control("POST", "access", {"schemes": ["NTLM"]})
    before = counts(BOB)
    account = connect(BOB, auth_type=NTLM, credentials=credentials(BOB, "wrong"))
    raises(UnauthorizedError, lambda: create(account, "never"))
    equal(counts(BOB), before)


@step("the client finds out by itself that NTLM is offered, and prefers it")
def _():
    control("POST", "access", {"schemes": ["NTLM", "Basic"]})
    account = connect("carol@lockstep.test", auth_type=None)
    equal(account.protocol.auth_type, NTLM)
    equal(create(account, "found out").subject, "found out")


@step("Basic is refused where it is not offered")
def _():
    control("POST", "access", {"schemes": ["NTLM"]})
    before = counts("dave@lockstep.test")
    raises(UnauthorizedError, lambda: create(connect("dave@lockstep.test"), "never"))
    equal(counts("dave@lockstep.test"), before)
    control("POST", "access", {"schemes": ["Basic"]})


@step("EWS that is switched off answers 403, for all or for one mailbox")
def _():
    account = connect("dave@lockstep.test")
    equal(create(account, "while on").subject, "while on")
    for setting, off, on in (("ewsEnabled", False, True), ("ewsDisabledFor", ["dave@lockstep.test"], [])):
        control("POST", "access", {setting: off})
        seq = last_seq()
        raises((TransportError, MalformedResponseError), lambda: create(account, "while off"))
        equal({each.get("status") for each in log_after(seq)}, {403})
        control("POST", "access", {setting: on})
    equal(create(account, "on again").subject, "on again")
    equal(account.calendar.filter(subject="while off").count(), 0)


def token():
    """A token of an application that may act for everybody."""
    application = {"appId": "lockstep-test", "secret": "secret", "account": "sync@lockstep.test", "appOnly": True}
    control("POST", "seed", {"applications": [application]})
    form = {"grant_type": "client_credentials", "client_id": "lockstep-test", "client_secret": "secret"}
    form["scope"] = "https://outlook.office365.com/.default"
    request = urllib.request.Request(f"{BASE}/tenant/oauth2/v2.0/token", data=urllib.parse.urlencode(form).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def bearing(content, address=ALICE):
    identity = Identity(primary_smtp_address=address)
    bearer = OAuth2AuthorizationCodeCredentials(access_token=OAuth2Token(content), identity=identity)
    return connect(address, credentials=bearer, auth_type=OAUTH2, access_type=IMPERSONATION)


@step("a token lets an application act for a mailbox")
def _():
    control("POST", "access", {"schemes": ["Bearer"]})
    seq = last_seq()
    item = create(bearing(token()), "by token")
    equal(entry(ALICE, item.id)["subject"], "by token")
    equal({(each["account"], each["mailbox"]) for each in log_after(seq)}, {("sync@lockstep.test", ALICE)})


@step("a token that is none, and one that has expired, are refused")
def _():
    control("POST", "access", {"schemes": ["Bearer"]})
    before = counts(BOB)
    good = token()
    raises(UnauthorizedError, lambda: create(bearing({**good, "access_token": "made-up"}, BOB), "never"))
    control("POST", "clock", {"advanceMs": 3_600_001})
    raises(UnauthorizedError, lambda: create(bearing(good, BOB), "never"))
    equal(counts(BOB), before)
    control("POST", "access", {"schemes": ["Basic"]})


run()
