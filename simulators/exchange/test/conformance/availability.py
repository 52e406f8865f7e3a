"""When people are free: what the client makes of the oldest operation, with its zones by rules and its digits."""

import datetime

from exchangelib.errors import ErrorInvalidMergedFreeBusyInterval, ErrorMailRecipientNotFound

from support import connect, control, equal, oslo, run, step, true, user_adds

ALICE = "alice@lockstep.test"
BOB = "bob@lockstep.test"
alice = connect(ALICE)
bob = connect(BOB)


def free_busy(account, *addresses, start=None, end=None, **more):
    asked = [(address, "Required", False) for address in addresses]
    return list(
        account.protocol.get_free_busy_info(
            accounts=asked, start=start or oslo(2026, 7, 6, 0), end=end or oslo(2026, 7, 7, 0), **more
        )
    )


@step("one's own appointments have details, and times as one's own clock shows them")
def _():
    user_adds(ALICE, subject="Talk", location="Room 1", start="2026-07-06T08:00:00Z", end="2026-07-06T09:30:00Z")
    (view,) = free_busy(alice, ALICE, merged_free_busy_interval=60)
    equal(view.view_type, "DetailedMerged")
    equal(view.merged, "0" * 10 + "22" + "0" * 12)
    (event,) = view.calendar_events
    equal(event.start.replace(tzinfo=None), datetime.datetime(2026, 7, 6, 10, 0))
    equal(event.end.replace(tzinfo=None), datetime.datetime(2026, 7, 6, 11, 30))
    equal((event.busy_type, event.details.subject, event.details.location), ("Busy", "Talk", "Room 1"))
    equal((event.details.is_meeting, event.details.is_private, event.details.is_reminder_set), (False, False, True))


@step("the working hours are those of the mailbox, with the rules of its zone")
def _():
    (view,) = free_busy(alice, BOB)
    (period,) = view.working_hours
    equal((period.start, period.end, period.weekdays), (datetime.time(8), datetime.time(17), [1, 2, 3, 4, 5]))
    zone = view.working_hours_timezone
    equal((zone.bias, zone.daylight_time.bias, zone.standard_time.iso_month, zone.daylight_time.iso_month), (-60, -60, 10, 3))


@step("somebody else's appointments are times alone")
def _():
    user_adds(BOB, subject="Secret", start="2026-07-06T08:00:00Z", end="2026-07-06T09:00:00Z", busy="OOF")
    (view,) = free_busy(alice, BOB)
    equal(view.view_type, "FreeBusyMerged")
    (event,) = view.calendar_events
    equal((event.busy_type, event.details), ("OOF", None))
    true("33" in view.merged, view.merged)


@step("a delegate sees what it is, and of what is private only that it is there")
def _():
    body = {"delegate": ALICE, "level": "Reviewer"}
    control("POST", f"mailboxes/{BOB}/folders/calendar/permissions", body)
    user_adds(BOB, subject="Open", start="2026-08-03T08:00:00Z", end="2026-08-03T09:00:00Z")
    user_adds(BOB, subject="Private", start="2026-08-03T10:00:00Z", end="2026-08-03T11:00:00Z", sensitivity="Private")
    (view,) = free_busy(alice, BOB, start=oslo(2026, 8, 3, 0), end=oslo(2026, 8, 4, 0))
    details = [event.details for event in view.calendar_events]
    equal([(each.subject, each.is_private) for each in details], [("Open", False), (None, True)])
    equal(details[1].id, None)


@step("somebody who does not exist is an error beside the answers for the others")
def _():
    views = free_busy(alice, "nobody@lockstep.test", BOB)
    equal([type(each) for each in views][0], ErrorMailRecipientNotFound)
    equal(views[1].view_type, "DetailedMerged")


@step("parts longer than the time window are refused")
def _():
    end = oslo(2026, 7, 6, 0) + datetime.timedelta(minutes=10)
    try:
        free_busy(alice, ALICE, end=end, merged_free_busy_interval=30)
    except ErrorInvalidMergedFreeBusyInterval:
        return
    raise AssertionError("it was answered")


run()
