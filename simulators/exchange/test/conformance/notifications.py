"""Streaming, pull and push notifications. The simulator runs with minutes of a second."""

import http.server
import queue
import threading

from exchangelib import CalendarItem
from exchangelib.errors import (
    ErrorInvalidWatermark,
    ErrorNewEventStreamConnectionOpened,
    ErrorSchemaValidation,
    ErrorSubscriptionAccessDenied,
    ErrorSubscriptionNotFound,
)
from exchangelib.properties import CreatedEvent, DeletedEvent, FreeBusyChangedEvent, ModifiedEvent, MovedEvent, StatusEvent
from exchangelib.services import GetEvents, SendNotification

from support import connect, control, entry, equal, oslo, raises, run, step, true, user_adds, user_changes, user_deletes

ADDRESS = "alice@lockstep.test"
OTHER = "bob@lockstep.test"
# One connection more than the stream needs: the client would wait for its own session.
account = connect(ADDRESS, max_connections=3)
calendar = account.calendar
bob = connect(OTHER)


def times(subject="noticed"):
    return {"subject": subject, "start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"}


def stream(subscription_ids, on_notification=lambda _number: None, folder=calendar, enough=None):
    """Notifications without heartbeats, until there are enough or else until the server closes."""
    found = []
    for notification in folder.get_streaming_events(subscription_ids, connection_timeout=1):
        if any(not isinstance(event, StatusEvent) for event in notification.events):
            found.append(notification)
            on_notification(len(found))
            if len(found) == enough:
                break
    return found


def about_items(notifications):
    """(kind of event, id) of the events about items."""
    events = [event for notification in notifications for event in notification.events]
    return [(type(event), event.item_id.id) for event in events if getattr(event, "item_id", None) is not None]


@step("what happens between subscribing and listening is told when listening")
def _():
    with calendar.streaming_subscription() as subscription_id:
        kept = user_adds(ADDRESS, **times())
        notifications = stream(subscription_id, enough=1)
        equal({each.subscription_id for each in notifications}, {subscription_id})
        true((CreatedEvent, kept["id"]) in about_items(notifications), "the item was not told")


@step("one save of an appointment tells of the item, of the free time and of the folder")
def _():
    kept = user_adds(ADDRESS, **times())
    with calendar.streaming_subscription() as subscription_id:
        user_changes(ADDRESS, kept, subject="saved again")
        notifications = stream(subscription_id)
    equal(about_items(notifications), [(ModifiedEvent, kept["id"]), (FreeBusyChangedEvent, kept["id"])])
    events = [event for notification in notifications for event in notification.events]
    folders = [event for event in events if getattr(event, "folder_id", None) is not None]
    equal([(type(event), event.folder_id.id) for event in folders], [(ModifiedEvent, calendar.id)])


@step("events of a stream carry no watermark, and their change keys are of no use for a write")
def _():
    kept = user_adds(ADDRESS, **times())
    with calendar.streaming_subscription() as subscription_id:
        changed = user_changes(ADDRESS, kept, subject="stub")
        notifications = stream(subscription_id, enough=2)
    events = [event for notification in notifications for event in notification.events]
    equal({event.watermark for event in events}, {None})
    item_events = [event for event in events if event.item_id is not None]
    true(all(event.item_id.changekey != changed["changeKey"] for event in item_events), "the change key is the real one")
    equal({event.parent_folder_id.id for event in item_events}, {calendar.id})


@step("a change during the connection is told at once, in the same connection")
def _():
    made = []

    def react(number):
        if number == 1:
            made.append(user_adds(ADDRESS, **times("second"))["id"])

    with calendar.streaming_subscription(event_types=["CreatedEvent"]) as subscription_id:
        made.append(user_adds(ADDRESS, **times("first"))["id"])
        notifications = stream(subscription_id, react, enough=2)
    equal(about_items(notifications), [(CreatedEvent, made[0]), (CreatedEvent, made[1])])


@step("a quiet connection gets heartbeats and is closed by the server at its time-out")
def _():
    before = control("GET", "subscriptions")
    with calendar.streaming_subscription() as subscription_id:
        found = list(calendar.get_streaming_events(subscription_id, connection_timeout=1))
        true(len(found) >= 1, "there was no heartbeat")
        equal({type(event) for each in found for event in each.events}, {StatusEvent})
    equal(control("GET", "subscriptions"), before)


@step("only the kinds of event that were subscribed to are told")
def _():
    with calendar.streaming_subscription(event_types=["DeletedEvent", "MovedEvent"]) as subscription_id:
        kept = user_adds(ADDRESS, **times())
        user_changes(ADDRESS, kept, subject="changed")
        control("DELETE", f"mailboxes/{ADDRESS}/calendar/items/{kept['urlId']}?type=HardDelete")
        equal(about_items(stream(subscription_id)), [(DeletedEvent, kept["id"])])


@step("a move to the trash tells the old and the new id")
def _():
    kept = user_adds(ADDRESS, **times("to the trash"))
    with calendar.streaming_subscription(event_types=["MovedEvent", "DeletedEvent"]) as subscription_id:
        user_deletes(ADDRESS, kept)
        events = [event for each in stream(subscription_id, enough=1) for event in each.events]
    equal([type(event) for event in events], [MovedEvent])
    moved = events[0]
    equal((moved.old_item_id.id, moved.old_parent_folder_id.id), (kept["id"], calendar.id))
    equal(moved.parent_folder_id.id, account.trash.id)
    equal(entry(ADDRESS, moved.item_id.id, "deleteditems")["subject"], "to the trash")


@step("what happens in another folder or another mailbox is not told")
def _():
    with account.contacts.streaming_subscription() as subscription_id:
        user_adds(ADDRESS, **times())
        user_adds(OTHER, **times())
        equal(stream(subscription_id), [])


@step("one connection serves several subscriptions")
def _():
    with calendar.streaming_subscription(event_types=["CreatedEvent"]) as one:
        with account.trash.streaming_subscription(event_types=["MovedEvent"]) as other:
            kept = user_adds(ADDRESS, **times())
            user_deletes(ADDRESS, kept)
            notifications = stream([one, other], enough=2)
    found = {(each.subscription_id, type(event)) for each in notifications for event in each.events}
    equal(found, {(one, CreatedEvent), (other, MovedEvent)})


@step("an event that was told is not told again by the next connection")
def _():
    with calendar.streaming_subscription(event_types=["CreatedEvent"]) as subscription_id:
        user_adds(ADDRESS, **times())
        equal(len(about_items(stream(subscription_id, enough=1))), 1)
        equal(stream(subscription_id), [])


@step("what is missed between two connections is told by the second")
def _():
    with calendar.streaming_subscription(event_types=["CreatedEvent"]) as subscription_id:
        equal(stream(subscription_id), [])
        kept = user_adds(ADDRESS, **times())
        equal(about_items(stream(subscription_id, enough=1)), [(CreatedEvent, kept["id"])])


@step("a subscription that was ended is not found, and a good one beside it is not served")
def _():
    gone = calendar.subscribe_to_streaming()
    calendar.unsubscribe(gone)
    with calendar.streaming_subscription() as good:
        user_adds(ADDRESS, **times())
        raises(ErrorSubscriptionNotFound, lambda: stream([good, gone]))
        true(len(about_items(stream(good, enough=1))) > 0, "the good one has lost its events")


@step("ending a subscription twice is an error")
def _():
    gone = calendar.subscribe_to_streaming()
    calendar.unsubscribe(gone)
    raises(ErrorSubscriptionNotFound, lambda: calendar.unsubscribe(gone))


@step("a second connection for a subscription takes it over from the first")
def _():
    errors, opened = [], threading.Event()

    def listen():
        try:
            stream(subscription_id, lambda _number: opened.set())
        except ErrorNewEventStreamConnectionOpened as error:
            errors.append(error)

    with calendar.streaming_subscription(event_types=["CreatedEvent"]) as subscription_id:
        user_adds(ADDRESS, **times())
        first = threading.Thread(target=listen)
        first.start()
        true(opened.wait(10), "the first connection was told nothing")
        second = stream(subscription_id, lambda _number: None)
        first.join(10)
    equal((len(errors), second), (1, []))


@step("a stranger may not listen to a subscription")
def _():
    with calendar.streaming_subscription() as subscription_id:
        raises(ErrorSubscriptionAccessDenied, lambda: stream(subscription_id, folder=bob.calendar))


@step("a restart of the server loses the subscriptions")
def _():
    subscription_id = calendar.subscribe_to_streaming()
    control("POST", "restart")
    raises(ErrorSubscriptionNotFound, lambda: stream(subscription_id))


@step("a pull subscription gives events after a watermark, and again until a later one is shown")
def _():
    with calendar.pull_subscription(event_types=["CreatedEvent"]) as (subscription_id, start):
        first = user_adds(ADDRESS, **times())
        second = user_adds(ADDRESS, **times())
        for _again in range(2):
            (notification,) = calendar.get_events(subscription_id, start)
            equal([event.item_id.id for event in notification.events], [first["id"], second["id"]])
            equal((notification.previous_watermark, notification.more_events), (start, False))
        (rest,) = calendar.get_events(subscription_id, notification.events[0].watermark)
        equal([event.item_id.id for event in rest.events], [second["id"]])


@step("a pull without news gives a status with the last watermark")
def _():
    with calendar.pull_subscription() as (subscription_id, start):
        (notification,) = calendar.get_events(subscription_id, start)
        equal([(type(event), event.watermark) for event in notification.events], [(StatusEvent, start)])


@step("a pull gives fifty events at most and says that there are more")
def _():
    with calendar.pull_subscription(event_types=["CreatedEvent"]) as (subscription_id, mark):
        items = [
            CalendarItem(folder=calendar, subject=f"many {number}", start=oslo(2026, 3, 2, 9), end=oslo(2026, 3, 2, 10))
            for number in range(60)
        ]
        ids = [each.id for each in account.bulk_create(folder=calendar, items=items)]
        told, sizes, more = [], [], True
        while more:
            notification = GetEvents(account=account).get(subscription_id=subscription_id, watermark=mark)
            told += [event.item_id.id for event in notification.events]
            sizes.append(len(notification.events))
            mark, more = notification.events[-1].watermark, notification.more_events
        equal((sizes, told), ([50, 10], ids))


@step("a watermark that is none is refused")
def _():
    with calendar.pull_subscription() as (subscription_id, _start):
        raises(ErrorInvalidWatermark, lambda: list(calendar.get_events(subscription_id, "AAAA")))


@step("a watermark in the wrong namespace, as the client writes it, is refused by the schema")
def _():
    with calendar.pull_subscription() as (_subscription_id, start):
        raises(ErrorSchemaValidation, lambda: calendar.subscribe_to_pull(watermark=start))


@step("a pull subscription that nobody asks ends after its time")
def _():
    subscription_id, start = calendar.subscribe_to_pull(timeout=10)
    control("POST", "clock", {"advanceMs": 10 * 60_000})
    raises(ErrorSubscriptionNotFound, lambda: list(calendar.get_events(subscription_id, start)))


class Receiver(http.server.BaseHTTPRequestHandler):
    """Reads what it is told with the client, and answers with the client."""

    told = queue.Queue()
    answers = SendNotification(protocol=account.protocol)
    keep = True

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.put(list(self.answers.parse(content)))
        answer = self.answers.ok_payload() if Receiver.keep else self.answers.unsubscribe_payload()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args):
        pass


def told_by_push():
    """The next notification with something in it."""
    while True:
        (notification,) = Receiver.told.get(timeout=20)
        if not isinstance(notification.events[0], StatusEvent):
            return notification


@step("a push subscription calls the client, until he answers that he has heard enough")
def _():
    listener = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{listener.server_address[1]}/"
    subscription_id, mark = calendar.subscribe_to_push(callback_url=url, status_frequency=30)
    (status,) = Receiver.told.get(timeout=20)
    equal((status.subscription_id, status.previous_watermark), (subscription_id, mark))
    equal([type(event) for event in status.events], [StatusEvent])
    kept = user_adds(ADDRESS, **times())
    news = told_by_push()
    true((CreatedEvent, kept["id"]) in about_items([news]), "the item was not told")
    true(all(event.watermark for event in news.events), "an event has no watermark")
    Receiver.keep = False
    user_changes(ADDRESS, kept, subject="heard")
    told_by_push()
    while control("GET", "subscriptions")["count"] > 0:
        threading.Event().wait(0.01)
    listener.shutdown()


@step("no subscription is left behind")
def _():
    equal(control("GET", "subscriptions"), {"count": 0, "streams": 0})


run()
