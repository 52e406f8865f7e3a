"""Tasks: their dates, and how status, per cent and completion go together."""

from datetime import timedelta
from decimal import Decimal

from exchangelib import EWSDate, Task
from exchangelib.errors import ErrorItemNotFound
from exchangelib.recurrence import DailyRegeneration, NoEndPattern, NumberedPattern, TaskRecurrence, WeeklyPattern

from support import OSLO, connect, counts, equal, raises, run, step, true, utc

ADDRESS = "alice@lockstep.test"
account = connect(ADDRESS)


def create(subject, **fields):
    return Task(account=account, folder=account.tasks, subject=subject, **fields).save()


def fetch(item):
    return account.tasks.get(id=item.id)


@step("a task reads back with every field that was given")
def _():
    given = {
        "start_date": EWSDate(2026, 3, 2),
        "due_date": EWSDate(2026, 3, 29),
        "body": "what to do",
        "status": "InProgress",
        "percent_complete": Decimal(40),
        "importance": "High",
        "sensitivity": "Private",
        "categories": ["Red"],
        "companies": ["Fjord"],
        "mileage": "12 km",
        "billing_information": "none",
        "total_work": 120,
        "actual_work": 60,
        "reminder_is_set": True,
        "reminder_due_by": utc(2026, 3, 1, 8),
    }
    back = fetch(create("all fields", **given))
    for name, value in given.items():
        equal(getattr(back, name), value, name)
    equal((back.is_complete, back.is_recurring, back.item_class), (False, False, "IPM.Task"))


@step("a new task is not started and has no completion")
def _():
    back = fetch(create("new"))
    equal((back.status, back.percent_complete, back.complete_date, back.is_complete), ("NotStarted", 0, None, False))
    equal((back.start_date, back.due_date, back.recurrence), (None, None, None))


@step("completing a task sets its completion to a hundred per cent and dates it")
def _():
    item = fetch(create("to complete", due_date=EWSDate(2026, 3, 29)))
    item.complete()
    back = fetch(item)
    equal((back.status, back.percent_complete, back.is_complete), ("Completed", 100, True))
    true(back.complete_date is not None, "there is no date of completion")
    equal(back.due_date, EWSDate(2026, 3, 29))


@step("a hundred per cent alone completes a task")
def _():
    item = fetch(create("by per cent", status="InProgress", percent_complete=Decimal(50)))
    item.percent_complete = Decimal(100)
    item.save(update_fields=["percent_complete"])
    equal((fetch(item).status, fetch(item).is_complete), ("Completed", True))


@step("a completed task that is opened again has no completion left")
def _():
    item = fetch(create("again"))
    item.complete()
    item = fetch(item)
    item.status = "InProgress"
    item.save(update_fields=["status"])
    back = fetch(item)
    equal((back.status, back.is_complete, back.complete_date), ("InProgress", False, None))
    true(back.percent_complete < 100, "it is still complete")


@step("the due date of a task changes alone, and can be taken away")
def _():
    item = fetch(create("dates", start_date=EWSDate(2026, 3, 2), due_date=EWSDate(2026, 3, 9)))
    item.due_date = EWSDate(2026, 3, 16)
    item.save(update_fields=["due_date"])
    back = fetch(item)
    equal((back.start_date, back.due_date), (EWSDate(2026, 3, 2), EWSDate(2026, 3, 16)))
    back.due_date = None
    back.save(update_fields=["due_date"])
    equal((fetch(item).start_date, fetch(item).due_date), (EWSDate(2026, 3, 2), None))


@step("a task can recur by a pattern")
def _():
    recurrence = TaskRecurrence(
        pattern=WeeklyPattern(interval=1, weekdays=["Friday"]), boundary=NumberedPattern(start=EWSDate(2026, 3, 6), number=5)
    )
    back = fetch(create("weekly", start_date=EWSDate(2026, 3, 6), due_date=EWSDate(2026, 3, 6), recurrence=recurrence))
    equal((back.recurrence.pattern.weekdays, back.recurrence.boundary.number), ([5], 5))
    equal(back.is_recurring, True)


@step("a task can recur a while after each completion")
def _():
    recurrence = TaskRecurrence(pattern=DailyRegeneration(interval=3), boundary=NoEndPattern(start=EWSDate(2026, 3, 6)))
    back = fetch(create("regenerating", recurrence=recurrence))
    equal(type(back.recurrence.pattern).__name__, "DailyRegeneration")
    equal(back.recurrence.pattern.interval, 3)


def complete(item):
    item.status, item.percent_complete = "Completed", Decimal(100)
    item.save(update_fields=["status", "percent_complete"])


def weekly(subject, number):
    recurrence = TaskRecurrence(
        pattern=WeeklyPattern(interval=1, weekdays=["Friday"]), boundary=NumberedPattern(start=EWSDate(2026, 3, 6), number=number)
    )
    days = {"start_date": EWSDate(2026, 3, 5), "due_date": EWSDate(2026, 3, 6)}
    return fetch(create(subject, recurrence=recurrence, **days))


@step("completing a recurring task leaves a completed one behind and goes on to the next date")
def _():
    item = weekly("goes on", 5)
    series_id = item.id
    complete(item)
    found = {each.status: each for each in account.tasks.filter(subject="goes on")}
    equal(sorted(found), ["Completed", "NotStarted"])
    equal((found["Completed"].id, found["NotStarted"].id), (item.id, series_id))
    true(item.id != series_id, "the answer names the series")
    done, following = fetch(found["Completed"]), fetch(found["NotStarted"])
    equal((done.due_date, done.recurrence, done.is_complete), (EWSDate(2026, 3, 6), None, True))
    equal((following.start_date, following.due_date), (EWSDate(2026, 3, 12), EWSDate(2026, 3, 13)))
    equal((following.percent_complete, following.complete_date, following.is_recurring), (0, None, True))


@step("the last of a recurring task is completed itself")
def _():
    item = weekly("ends", 2)
    series_id = item.id
    complete(item)
    last = account.tasks.get(id=series_id)
    equal(last.due_date, EWSDate(2026, 3, 13))
    complete(last)
    equal(last.id, series_id)
    equal([each.status for each in account.tasks.filter(subject="ends")], ["Completed", "Completed"])


@step("a task that comes again after its completion is due so long after that day")
def _():
    recurrence = TaskRecurrence(pattern=DailyRegeneration(interval=3), boundary=NoEndPattern(start=EWSDate(2026, 3, 6)))
    item = fetch(create("after completion", due_date=EWSDate(2026, 3, 6), recurrence=recurrence))
    item.body = "changed before"
    item.save(update_fields=["body"])
    series_id = item.id
    complete(item)
    following = account.tasks.get(id=series_id)
    completed = fetch(item).complete_date.astimezone(OSLO).date()
    equal((following.status, following.due_date), ("NotStarted", completed + timedelta(days=3)))
    equal(following.text_body.strip(), "changed before")


@step("tasks are searched by subject and due date")
def _():
    create("due early", due_date=EWSDate(2027, 1, 1))
    create("due late", due_date=EWSDate(2027, 6, 1))
    found = account.tasks.filter(subject__startswith="due ", due_date__gte=EWSDate(2027, 3, 1))
    equal([item.subject for item in found], ["due late"])


@step("a deleted task is gone from its folder")
def _():
    item = create("gone")
    before = counts(ADDRESS)
    item.delete()
    after = counts(ADDRESS)
    equal((after["tasks"], after["deleteditems"]), (before["tasks"] - 1, before["deleteditems"]))
    equal(account.tasks.filter(subject="gone").count(), 0)


@step("a task that was deleted is not found by its id")
def _():
    item = create("deleted")
    old = item.id
    item.delete()
    raises(ErrorItemNotFound, lambda: account.tasks.get(id=old))


run()
