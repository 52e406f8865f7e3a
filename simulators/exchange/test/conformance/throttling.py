"""A throttled client: what the server answers over its limits, and that exchangelib's FaultTolerance gets through."""

import threading

from exchangelib import IMPERSONATION, CalendarItem, FaultTolerance, util
from exchangelib.errors import (
    ErrorExceededConnectionCount,
    ErrorExceededSubscriptionCount,
    ErrorServerBusy,
    MalformedResponseError,
    RateLimitError,
    TransportError,
    UnauthorizedError,
)

from support import BASE, connect, control, counts, entry, equal, last_seq, log_after, oslo, raises, run, script, step, true

# How long the client waits when the server gives no hint: ten seconds, and a minute when it is busy, are too long for a test.
util.RETRY_WAIT = 0.2
FaultTolerance.DEFAULT_BACKOFF = 0.9

ALICE = "alice@lockstep.test"
BOB = "bob@lockstep.test"
SERVICE = "sync@lockstep.test"
policy = FaultTolerance(max_wait=20)
patient = connect(ALICE, retry_policy=policy)
calendar = patient.calendar
# Somebody with the other policy, which gives up at once.
hasty = connect(BOB)
hasty_calendar = hasty.calendar


def create(account, subject):
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    return CalendarItem(account=account, folder=account.calendar, subject=subject, **times).save()


def outcomes(seq, operation="CreateItem"):
    """Status, code and whether a script met it, request by request."""
    return [(each.get("status"), each.get("responseCode")) for each in log_after(seq) if each.get("operation") == operation]


def gap_ms(seq, operation="CreateItem"):
    """From the end of the first request to the beginning of the second."""
    first, second = [each for each in log_after(seq) if each.get("operation") == operation][:2]
    return second["startedMs"] - first["endedMs"]


def survives(subject, **fault):
    """The client gets through one fault with exactly one more request, and the item is there once."""
    seq = last_seq()
    script(match={"operation": "CreateItem"}, **fault)
    item = create(patient, subject)
    equal(entry(ALICE, item.id)["subject"], subject)
    equal(calendar.filter(subject=subject).count(), 1)
    found = outcomes(seq)
    equal(len(found), 2)
    return seq, found


@step("a busy server that gives a hint is left alone for as long as it says")
def _():
    seq, found = survives("hint", code="ErrorServerBusy", also={"backOffMs": 900})
    equal(found, [(500, "ErrorServerBusy"), (200, "NoError")])
    true(gap_ms(seq) >= 880, f"the client waited {gap_ms(seq)} ms")


@step("a busy server in a message is left alone for the client's own time: it reads hints in faults only")
def _():
    seq, found = survives("no hint", action={"kind": "message", "code": "ErrorServerBusy", "backOffMs": 1})
    equal(found, [(200, "ErrorServerBusy"), (200, "NoError")])
    true(gap_ms(seq) >= 880, f"the client waited {gap_ms(seq)} ms")


@step("a client without patience is told the hint and does not try again")
def _():
    seq = last_seq()
    script("ErrorServerBusy", match={"operation": "CreateItem"}, also={"backOffMs": 297749})
    error = raises(ErrorServerBusy, lambda: create(hasty, "never"))
    equal(error.back_off, 297.749)
    equal(len(outcomes(seq)), 1)
    equal(counts(BOB)["calendar"], 0)


@step("a 503 is waited out, with Retry-After at least so long")
def _():
    action = {"kind": "http", "status": 503, "headers": {"Retry-After": "1"}, "body": "<html>Service Unavailable</html>"}
    seq, found = survives("retry after", action=action)
    equal([status for status, _code in found], [503, 200])
    true(gap_ms(seq) >= 980, f"the client waited {gap_ms(seq)} ms")


@step("the page of a server that failed under load is waited out")
def _():
    page = "<html><title>Server Error in '/EWS' Application.</title></html>"
    _seq, found = survives("html 500", action={"kind": "http", "status": 500, "body": page})
    equal([status for status, _code in found], [500, 200])


@step("a redirect to the page for general errors is waited out")
def _():
    location = "/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx"
    _seq, found = survives("redirect", action={"kind": "http", "status": 302, "headers": {"Location": location}})
    equal([status for status, _code in found], [302, 200])


@step("a burst of 401 on a working account is waited out")
def _():
    _seq, found = survives("401", action={"kind": "http", "status": 401, "headers": {"WWW-Authenticate": "Basic"}})
    equal([status for status, _code in found], [401, 200])


@step("a connection that is cut is opened again")
def _():
    seq = last_seq()
    script(match={"operation": "CreateItem"}, action={"kind": "reset"})
    item = create(patient, "cut")
    equal(entry(ALICE, item.id)["subject"], "cut")
    equal(len(outcomes(seq)), 2)


@step("an answer that is lost after the effect makes the client write twice: it cannot know")
def _():
    script(match={"operation": "CreateItem"}, action={"kind": "reset"}, when="after")
    create(patient, "twice")
    equal(calendar.filter(subject="twice").count(), 2)


@step("without patience each of these answers is an error at once")
def _():
    before = counts(BOB)
    answers = (
        ({"kind": "http", "status": 503}, (MalformedResponseError, TransportError)),
        ({"kind": "http", "status": 401}, (UnauthorizedError,)),
        ({"kind": "reset"}, (Exception,)),
    )
    for action, kinds in answers:
        seq = last_seq()
        script(match={"operation": "CreateItem"}, action=action)
        error = raises(Exception, lambda: create(hasty, "never"))
        true(isinstance(error, kinds), f"the error is {error!r}")
        equal(len(outcomes(seq)), 1)
    equal(counts(BOB), before)


@step("patience has an end")
def _():
    short = connect("carol@lockstep.test", retry_policy=FaultTolerance(max_wait=1))
    short.calendar.refresh()
    script(match={"operation": "CreateItem", "count": None}, action={"kind": "http", "status": 503})
    try:
        raises(RateLimitError, lambda: create(short, "never"))
    finally:
        control("DELETE", "faults")
    equal(counts("carol@lockstep.test")["calendar"], 0)


@step("a budget that is used up refuses everything until it has recharged, and the client gets through")
def _():
    used_up = {"maxBurstMs": 0, "cutoffMs": 2000, "rechargeMsPerHour": 2000 * 3600, "costMs": {"CreateItem": 2500}}
    control("POST", "policy", {"owner": ALICE, **used_up})
    seq = last_seq()
    items = [create(patient, f"budget {number}") for number in range(2)]
    control("POST", "policy", {"owner": ALICE, "costMs": {}, "cutoffMs": 3_000_000, "maxBurstMs": 300_000})
    found = outcomes(seq)
    true((500, "ErrorServerBusy") in found, f"the server was never busy: {found}")
    equal(len([each for each in found if each == (200, "NoError")]), 2)
    equal([entry(ALICE, each.id)["subject"] for each in items], ["budget 0", "budget 1"])
    control("DELETE", "policy")


@step("the budget of one mailbox does not pay for another, although one account acts for both")
def _():
    alice = connect(ALICE, login=SERVICE, access_type=IMPERSONATION)
    bob = connect(BOB, login=SERVICE, access_type=IMPERSONATION)
    create(alice, "before")
    spent = {"maxBurstMs": 0, "cutoffMs": 1000, "rechargeMsPerHour": 3_600_000, "costMs": {"*": 60_000}}
    control("POST", "policy", {"owner": f"{ALICE} (impersonated)", **spent})
    create(alice, "spends it")
    error = raises(ErrorServerBusy, lambda: create(alice, "refused"))
    true(error.back_off > 10, f"the hint is {error.back_off}")
    equal(entry(BOB, create(bob, "not affected").id)["subject"], "not affected")
    equal(calendar.filter(subject="refused").count(), 0)
    control("DELETE", "policy")


@step("more requests at once than the policy allows are refused, the others are served")
def _():
    # Three clients of one account: the client keeps its connections by address, and a path may be spelled as one likes.
    paths = ("/EWS/Exchange.asmx", "/ews/exchange.asmx", "/Ews/Exchange.asmx")
    folders = [connect("dave@lockstep.test", service_endpoint=BASE + path).calendar for path in paths]
    control("POST", "policy", {"maxConcurrency": 1})
    control("POST", "latency", {"operations": {"GetFolder": 500}})
    found, barrier = [], threading.Barrier(3)

    def ask(folder):
        barrier.wait()
        try:
            found.append(folder.resolve(account=folder.account, folder=folder).name)
        except ErrorExceededConnectionCount as error:
            found.append(str(error))

    threads = [threading.Thread(target=ask, args=(folder,)) for folder in folders]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    control("POST", "latency", {})
    control("DELETE", "policy")
    refused = [each for each in found if each != "Calendar"]
    true(0 < len(refused) < 3, f"the answers are {found}")
    true(all("concurrent connections" in each for each in refused), f"the words are {refused}")


@step("a client that may have no connection at all is told so")
def _():
    control("POST", "policy", {"maxConcurrency": 0})
    raises(ErrorExceededConnectionCount, lambda: create(hasty, "never"))
    control("DELETE", "policy")
    equal(hasty_calendar.filter(subject="never").count(), 0)


@step("more subscriptions than the policy allows are refused, and one that ends makes room")
def _():
    control("POST", "policy", {"maxSubscriptions": 1})
    first = hasty_calendar.subscribe_to_streaming()
    raises(ErrorExceededSubscriptionCount, lambda: hasty_calendar.subscribe_to_streaming())
    equal(control("GET", "subscriptions")["count"], 1)
    hasty_calendar.unsubscribe(first)
    hasty_calendar.unsubscribe(hasty_calendar.subscribe_to_streaming())
    control("DELETE", "policy")


@step("a stream more than the policy allows is refused")
def _():
    control("POST", "policy", {"hangingConnectionLimit": 0})
    with hasty_calendar.streaming_subscription() as subscription_id:
        raises(
            ErrorExceededConnectionCount,
            lambda: list(hasty_calendar.get_streaming_events(subscription_id, connection_timeout=1)),
        )
    control("DELETE", "policy")


@step("after all of this the log shows no request that is still open")
def _():
    equal([each["seq"] for each in log_after() if "endedMs" not in each], [])
    equal(control("GET", "peaks")["accounts"][ALICE]["now"], 0)


run()
