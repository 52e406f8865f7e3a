"""Series: expanded, with single occurrences changed and deleted."""

from exchangelib import CalendarItem, EWSDate
from exchangelib.errors import (
    ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange,
    ErrorCalendarOccurrenceIsDeletedFromRecurrence,
    ErrorItemNotFound,
    ErrorOccurrenceCrossingBoundary,
)
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    EndDatePattern,
    FirstOccurrence,
    NoEndPattern,
    NumberedPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)

from support import connect, entries, equal, oslo, raises, run, step, true

ADDRESS = "alice@lockstep.test"
account = connect(ADDRESS)


def create(subject, start, pattern, boundary, **fields):
    return CalendarItem(
        account=account,
        folder=account.calendar,
        subject=subject,
        start=start,
        end=start.replace(hour=start.hour + 1),
        recurrence=Recurrence(pattern=pattern, boundary=boundary),
        **fields,
    ).save()


def mondays(subject, count=4, **fields):
    """Mondays at nine, around the change to summer time on 29 March 2026."""
    boundary = NumberedPattern(start=EWSDate(2026, 3, 16), number=count)
    return create(subject, oslo(2026, 3, 16, 9), WeeklyPattern(interval=1, weekdays=["Monday"]), boundary, **fields)


def fetch(item):
    return account.calendar.get(id=item.id)


def shown(subject, start=oslo(2026, 1, 1), end=oslo(2027, 1, 1)):
    """Start in Oslo and kind of each occurrence in the view."""
    view = account.calendar.view(start=start, end=end).only("subject", "start", "type")
    items = [item for item in view if item.subject == subject]
    return [(item.start.astimezone(account.default_timezone).strftime("%m-%d %H:%M"), item.type) for item in items]


def occurrence(master, index):
    one = master.occurrence(index=index)
    one.refresh()
    return one


@step("a series keeps its local time when the clocks change")
def _():
    mondays("local time")
    days = ["03-16", "03-23", "03-30", "04-06"]
    equal(shown("local time"), [(f"{day} 09:00", "Occurrence") for day in days])
    view = account.calendar.view(start=oslo(2026, 3, 20), end=oslo(2026, 4, 1)).only("subject", "start")
    equal([item.start.hour for item in view if item.subject == "local time"], [8, 7])


@step("a series is one item outside of a calendar view: its master")
def _():
    master = fetch(mondays("one item"))
    equal(master.type, "RecurringMaster")
    found = [item for item in account.calendar.filter(subject="one item")]
    equal([item.id for item in found], [master.id])
    equal(len([each for each in entries(ADDRESS) if each["subject"] == "one item"]), 1)


@step("the pattern of a series reads back as it was given, with its first and last occurrence")
def _():
    master = fetch(mondays("pattern", count=6))
    pattern = master.recurrence.pattern
    equal((type(pattern), pattern.interval, pattern.weekdays), (WeeklyPattern, 1, [1]))
    equal(master.recurrence.boundary, NumberedPattern(start=EWSDate(2026, 3, 16), number=6))
    equal(master.first_occurrence.start, oslo(2026, 3, 16, 9))
    equal(master.last_occurrence.start, oslo(2026, 4, 20, 9))
    true(isinstance(master.first_occurrence, FirstOccurrence), "there is no first occurrence")
    equal((master.modified_occurrences, master.deleted_occurrences), (None, None))


@step("every second day with an end date stops at that date")
def _():
    boundary = EndDatePattern(start=EWSDate(2026, 6, 1), end=EWSDate(2026, 6, 6))
    master = fetch(create("daily", oslo(2026, 6, 1, 9), DailyPattern(interval=2), boundary))
    equal([start for start, _kind in shown("daily")], ["06-01 09:00", "06-03 09:00", "06-05 09:00"])
    equal(master.recurrence.boundary, boundary)


@step("several days of every second week come in their order")
def _():
    pattern = WeeklyPattern(interval=2, weekdays=["Tuesday", "Thursday"], first_day_of_week="Monday")
    create("weekly", oslo(2026, 6, 2, 9), pattern, NumberedPattern(start=EWSDate(2026, 6, 2), number=4))
    equal([start[:5] for start, _kind in shown("weekly")], ["06-02", "06-04", "06-16", "06-18"])


@step("the thirty-first of a month is its last day where the month is shorter")
def _():
    pattern = AbsoluteMonthlyPattern(interval=1, day_of_month=31)
    create("thirty-first", oslo(2026, 1, 31, 9), pattern, NumberedPattern(start=EWSDate(2026, 1, 31), number=4))
    equal([start[:5] for start, _kind in shown("thirty-first")], ["01-31", "02-28", "03-31", "04-30"])


@step("the last Friday of a month is found in each month")
def _():
    pattern = RelativeMonthlyPattern(interval=1, weekday="Friday", week_number="Last")
    create("last friday", oslo(2026, 1, 30, 9), pattern, NumberedPattern(start=EWSDate(2026, 1, 30), number=3))
    equal([start[:5] for start, _kind in shown("last friday")], ["01-30", "02-27", "03-27"])


@step("yearly series by date and by weekday come once a year")
def _():
    by_date = AbsoluteYearlyPattern(day_of_month=17, month="May")
    by_day = RelativeYearlyPattern(weekday="Thursday", week_number="Second", month="May")
    create("by date", oslo(2026, 5, 17, 9), by_date, NoEndPattern(start=EWSDate(2026, 5, 17)))
    create("by day", oslo(2026, 5, 14, 9), by_day, NoEndPattern(start=EWSDate(2026, 5, 14)))
    two_years = (oslo(2026, 1, 1), oslo(2027, 12, 31))
    equal([start[:5] for start, _kind in shown("by date", *two_years)], ["05-17", "05-17"])
    equal([start[:5] for start, _kind in shown("by day", *two_years)], ["05-14", "05-13"])


@step("a series without an end has occurrences in any year, and no last one")
def _():
    pattern = WeeklyPattern(interval=1, weekdays=["Wednesday"])
    master = fetch(create("endless", oslo(2026, 1, 7, 9), pattern, NoEndPattern(start=EWSDate(2026, 1, 7))))
    equal(len(shown("endless", oslo(2041, 1, 1), oslo(2041, 1, 29))), 4)
    equal(master.recurrence.boundary, NoEndPattern(start=EWSDate(2026, 1, 7)))
    equal(master.last_occurrence, None)
    master.delete()


@step("an occurrence is reached by its index and knows its series")
def _():
    master = fetch(mondays("by index"))
    second = occurrence(master, 2)
    equal((second.start, second.type, second.is_recurring), (oslo(2026, 3, 23, 9), "Occurrence", True))
    equal((second.uid, second.recurrence), (master.uid, None))
    true(second.id != master.id, "the occurrence has the id of its master")
    again = account.calendar.get(id=second.id)
    equal((again.start, again.subject), (second.start, "by index"))
    back = second.recurring_master()
    back.refresh()
    equal((back.id, back.type), (master.id, "RecurringMaster"))


@step("a changed occurrence is an exception of its master and leaves the others as they are")
def _():
    master = fetch(mondays("exception"))
    old = master.changekey
    second = occurrence(master, 2)
    second.start, second.end = oslo(2026, 3, 24, 14), oslo(2026, 3, 24, 15)
    second.location = "Elsewhere"
    second.save(update_fields=["start", "end", "location"])
    master = fetch(master)
    true(master.changekey != old, "the master kept its change key")
    equal(len(master.modified_occurrences), 1)
    told = master.modified_occurrences[0]
    equal((told.start, told.original_start), (oslo(2026, 3, 24, 14), oslo(2026, 3, 23, 9)))
    equal(shown("exception")[:3], [("03-16 09:00", "Occurrence"), ("03-24 14:00", "Exception"), ("03-30 09:00", "Occurrence")])
    changed = account.calendar.get(id=told.id)
    equal((changed.location, changed.original_start, changed.subject), ("Elsewhere", oslo(2026, 3, 23, 9), "exception"))
    equal((occurrence(master, 1).location, master.location), (None, None))


@step("a deleted occurrence is gone from the view, named by its master, and the others stay")
def _():
    master = fetch(mondays("deleted"))
    occurrence(master, 3).delete()
    master = fetch(master)
    equal([each.start for each in master.deleted_occurrences], [oslo(2026, 3, 30, 9)])
    equal([start for start, _kind in shown("deleted")], ["03-16 09:00", "03-23 09:00", "04-06 09:00"])
    equal(master.modified_occurrences, None)
    raises(ErrorCalendarOccurrenceIsDeletedFromRecurrence, lambda: occurrence(master, 3))
    equal(occurrence(master, 4).start, oslo(2026, 4, 6, 9))


@step("an exception that is deleted is no exception any more")
def _():
    master = fetch(mondays("twice"))
    second = occurrence(master, 2)
    second.subject = "twice, changed"
    second.save(update_fields=["subject"])
    occurrence(master, 2).delete()
    master = fetch(master)
    equal((master.modified_occurrences, len(master.deleted_occurrences)), (None, 1))
    equal(shown("twice, changed"), [])


@step("there is no occurrence past the end of a series")
def _():
    master = mondays("past the end")
    raises(ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange, lambda: occurrence(master, 5))


@step("an occurrence cannot be moved past its neighbour")
def _():
    master = fetch(mondays("crossing"))
    second = occurrence(master, 2)
    second.start, second.end = oslo(2026, 3, 31, 9), oslo(2026, 3, 31, 10)
    raises(ErrorOccurrenceCrossingBoundary, lambda: second.save(update_fields=["start", "end"]))
    equal(fetch(master).modified_occurrences, None)
    equal([start for start, _kind in shown("crossing")], ["03-16 09:00", "03-23 09:00", "03-30 09:00", "04-06 09:00"])


@step("a change of the master reaches its occurrences but not what an exception has changed itself")
def _():
    master = fetch(mondays("cascade", location="old"))
    second = occurrence(master, 2)
    second.location = "own"
    second.save(update_fields=["location"])
    master = fetch(master)
    master.location = "new"
    master.save(update_fields=["location"])
    equal([occurrence(master, index).location for index in (1, 2, 3)], ["new", "own", "new"])


@step("a new pattern takes the place of the old one, and its exceptions go")
def _():
    master = fetch(mondays("new pattern"))
    occurrence(master, 2).delete()
    master = fetch(master)
    master.recurrence = Recurrence(
        pattern=DailyPattern(interval=1), boundary=NumberedPattern(start=EWSDate(2026, 3, 16), number=3)
    )
    master.save(update_fields=["recurrence"])
    equal([start for start, _kind in shown("new pattern")], ["03-16 09:00", "03-17 09:00", "03-18 09:00"])
    equal(fetch(master).deleted_occurrences, None)


@step("a series without its pattern is a single appointment")
def _():
    master = fetch(mondays("no longer"))
    master.recurrence = None
    master.save(update_fields=["recurrence"])
    back = fetch(master)
    equal((back.type, back.recurrence, back.first_occurrence), ("Single", None, None))
    equal(shown("no longer"), [("03-16 09:00", "Single")])


@step("a deleted master takes all its occurrences with it")
def _():
    master = fetch(mondays("all gone"))
    third = occurrence(master, 3)
    master.delete()
    equal(shown("all gone"), [])
    raises(ErrorItemNotFound, lambda: account.calendar.get(id=third.id))


run()
