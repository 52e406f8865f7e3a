"""Incremental change synchronization: pages, deltas, old and foreign states, the hierarchy of folders."""

from exchangelib import CalendarItem, Contact, EWSDate
from exchangelib.errors import ErrorInvalidSyncStateData
from exchangelib.recurrence import NumberedPattern, Recurrence, WeeklyPattern

from support import connect, control, entries, equal, last_seq, log_after, oslo, raises, run, step, true, user_adds, user_changes, user_deletes

ADDRESS = "alice@lockstep.test"
account = connect(ADDRESS)
calendar = account.calendar
control(
    "POST",
    "seed",
    {
        "mailboxes": [
            {
                "address": ADDRESS,
                "items": [
                    {"subject": f"seeded {number:02}", "start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"}
                    for number in range(23)
                ],
            }
        ]
    },
)


def sync(state, folder=calendar, only_fields=("subject",), **more):
    """All changes after a state, as (kind, id), and the state after them."""
    folder.item_sync_state = None
    changes = [
        (kind, item[0].id if isinstance(item, tuple) else item.id)
        for kind, item in folder.sync_items(sync_state=state, only_fields=list(only_fields), **more)
    ]
    return changes, folder.item_sync_state


def current():
    """The state of now."""
    return sync(None, max_changes_returned=512)[1]


def create(subject, **fields):
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    return CalendarItem(account=account, folder=calendar, subject=subject, **{**times, **fields}).save()


@step("the first synchronization gives every item once as created, in pages of the size asked for")
def _():
    seq = last_seq()
    changes, state = sync(None, max_changes_returned=10)
    equal({kind for kind, _id in changes}, {"create"})
    equal(sorted(each for _kind, each in changes), sorted(each["id"] for each in entries(ADDRESS)))
    equal(len(changes), len({each for _kind, each in changes}))
    pages = [each for each in log_after(seq) if each["operation"] == "SyncFolderItems"]
    equal(len(pages), 3)
    true(state, "there is no state")


@step("the first synchronization begins with the newest item")
def _():
    calendar.item_sync_state = None
    subjects = [item.subject for _kind, item in calendar.sync_items(sync_state=None, only_fields=["subject"])]
    equal(subjects, [f"seeded {number:02}" for number in reversed(range(23))])


@step("nothing new is no change, with one call")
def _():
    state = current()
    seq = last_seq()
    equal(sync(state)[0], [])
    equal(len([each for each in log_after(seq) if each["operation"] == "SyncFolderItems"]), 1)


@step("new, changed and deleted items come as such, each once")
def _():
    state = current()
    new = user_adds(ADDRESS, subject="new", start="2026-03-03T08:00:00Z", end="2026-03-03T09:00:00Z")
    changed, gone = entries(ADDRESS)[:2]
    user_changes(ADDRESS, changed, subject="changed once")
    user_changes(ADDRESS, changed, subject="changed twice")
    user_deletes(ADDRESS, gone)
    changes, after = sync(state)
    equal(sorted(changes), sorted([("create", new["id"]), ("update", changed["id"]), ("delete", gone["id"])]))
    equal(sync(after)[0], [])


@step("a change of our own comes with the change key that we were given")
def _():
    item = create("own")
    state = current()
    item.subject = "own, changed"
    item.save(update_fields=["subject"])
    calendar.item_sync_state = None
    changes = list(calendar.sync_items(sync_state=state, only_fields=["subject"]))
    equal([(kind, each.id, each.changekey) for kind, each in changes], [("update", item.id, item.changekey)])


@step("an item that came and went between two looks is not told as new")
def _():
    state = current()
    item = create("short life")
    old = item.id
    item.delete()
    true(("create", old) not in sync(state)[0], "it was told as new")


@step("an old state is good for ever: it gives everything since")
def _():
    state = current()
    first = create("since one")
    middle = sync(state)[1]
    second = create("since two")
    equal(sync(middle)[0], [("create", second.id)])
    equal(sorted(sync(state)[0]), sorted([("create", first.id), ("create", second.id)]))
    equal(sorted(sync(state)[0]), sorted([("create", first.id), ("create", second.id)]))


@step("more changes than fit on a page are all given, each once")
def _():
    state = current()
    created = [create(f"many {number}").id for number in range(7)]
    seq = last_seq()
    changes, after = sync(state, max_changes_returned=3)
    equal(sorted(each for _kind, each in changes), sorted(created))
    equal(len([each for each in log_after(seq) if each["operation"] == "SyncFolderItems"]), 3)
    equal(sync(after)[0], [])


@step("items that are to be ignored are left out, and only they")
def _():
    state = current()
    one, other = create("ignored"), create("not ignored")
    equal(sync(state, ignore=[one])[0], [("create", other.id)])


@step("a move to the trash is a delete here and a new item with a new id there")
def _():
    item = create("to the trash")
    state = current()
    trash_state = sync(None, folder=account.trash)[1]
    old = item.id
    item.move_to_trash()
    equal(sync(state)[0], [("delete", old)])
    there = sync(trash_state, folder=account.trash)[0]
    equal([kind for kind, _id in there], ["create"])
    true(there[0][1] != old, "the id stayed")


@step("a changed and a deleted occurrence are updates of the master, which is one item")
def _():
    boundary = NumberedPattern(start=EWSDate(2026, 3, 16), number=4)
    recurrence = Recurrence(pattern=WeeklyPattern(interval=1, weekdays=["Monday"]), boundary=boundary)
    state = current()
    master = create("series", start=oslo(2026, 3, 16, 9), end=oslo(2026, 3, 16, 10), recurrence=recurrence)
    changes, state = sync(state)
    equal(changes, [("create", master.id)])
    second = master.occurrence(index=2)
    second.refresh()
    second.subject = "series, changed"
    second.save(update_fields=["subject"])
    changes, state = sync(state)
    equal(changes, [("update", master.id)])
    master.occurrence(index=3).delete()
    equal(sync(state)[0], [("update", master.id)])


@step("each folder has its own state, and one folder refuses the state of another")
def _():
    state = current()
    contact = Contact(account=account, folder=account.contacts, display_name="Synced").save()
    equal(sync(None, folder=account.contacts, only_fields=("display_name",))[0], [("create", contact.id)])
    equal(sync(state)[0], [])
    raises(ErrorInvalidSyncStateData, lambda: sync(state, folder=account.contacts, only_fields=("display_name",)))


@step("a damaged state is refused")
def _():
    state = current()
    place = len(state) // 2
    damaged = state[:place] + ("A" if state[place] != "A" else "B") + state[place + 1 :]
    for each in (damaged, "bm90IGEgc3RhdGU=", state[:-4]):
        raises(ErrorInvalidSyncStateData, lambda text=each: sync(text))


@step("the state of another person's calendar is refused")
def _():
    bob = connect("bob@lockstep.test")
    raises(ErrorInvalidSyncStateData, lambda: sync(current(), folder=bob.calendar))


@step("all fields that a list can have come with the changes")
def _():
    state = current()
    create("with fields", location="Room 9", categories=["Blue"])
    calendar.item_sync_state = None
    changes = list(calendar.sync_items(sync_state=state))
    equal([(item.subject, item.location, item.categories) for _kind, item in changes], [("with fields", "Room 9", ["Blue"])])
    equal(changes[0][1].start, oslo(2026, 3, 2, 9))


@step("the hierarchy gives every folder once, then nothing")
def _():
    root = account.msg_folder_root
    found = list(root.sync_hierarchy(sync_state=None))
    equal({kind for kind, _folder in found}, {"create"})
    names = [folder.name for _kind, folder in found]
    true({"Calendar", "Contacts", "Tasks", "Deleted Items"} <= set(names), f"folders are missing: {names}")
    equal(len(names), len(set(names)))
    state = root.folder_sync_state
    root.folder_sync_state = None
    equal(list(root.sync_hierarchy(sync_state=state)), [])


@step("a state of items is no state of a hierarchy")
def _():
    raises(ErrorInvalidSyncStateData, lambda: list(account.msg_folder_root.sync_hierarchy(sync_state=current())))


@step("a state outlives a restart of the server")
def _():
    state = current()
    control("POST", "restart")
    item = create("after the restart")
    equal(sync(state)[0], [("create", item.id)])


run()
