"""Tasks: their dates, and how status, per cent and completion go together."""

from decimal import Decimal

from exchangelib import EWSDate, Task
from exchangelib.errors import ErrorItemNotFound
from exchangelib.recurrence import DailyRegeneration, NoEndPattern, NumberedPattern, TaskRecurrence, WeeklyPattern

from support import connect, counts, equal, raises, run, step, true, utc

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


@step("completing a recurring task leaves the next one open")
def _():
    recurrence = TaskRecurrence(
        pattern=WeeklyPattern(interval=1, weekdays=["Friday"]), boundary=NumberedPattern(start=EWSDate(2026, 3, 6), number=5)
    )
    item = fetch(create("next one", start_date=EWSDate(2026, 3, 6), due_date=EWSDate(2026, 3, 6), recurrence=recurrence))
    item.status = "Completed"
    item.percent_complete = Decimal(100)
    item.save(update_fields=["status", "percent_complete"])
    found = list(account.tasks.filter(subject="next one"))
    equal(sorted(each.status for each in found), ["Completed", "NotStarted"])
    following = next(each for each in found if each.status == "NotStarted")
    equal(following.due_date, EWSDate(2026, 3, 13))


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


@step("a task cannot be read by an id that never was")
def _():
    item = create("changed id")
    broken = item.id[:-8] + "AAAAAAA="
    error = raises(Exception, lambda: account.tasks.get(id=broken))
    true(type(error).__name__ in ("ErrorItemNotFound", "ErrorInvalidIdMalformed"), f"the error is {error!r}")
    item.delete()
    raises(ErrorItemNotFound, lambda: account.tasks.get(id=fetch_id))


fetch_id = create("deleted before").id
fetch_item = account.tasks.get(id=fetch_id)
fetch_item.delete()

run()
