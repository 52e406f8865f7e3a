"""Single appointments: created, read, changed, searched, moved and deleted."""

from exchangelib import CalendarItem, EWSDate, EWSDateTime, EWSTimeZone, HTMLBody
from exchangelib.errors import ErrorItemNotFound
from exchangelib.items import HARD_DELETE, SEND_TO_NONE, SOFT_DELETE
from exchangelib.properties import Attendee, Mailbox

from support import connect, counts, entries, entry, equal, oslo, raises, run, step, true, user_adds, user_changes, utc

ADDRESS = "alice@lockstep.test"
account = connect(ADDRESS)


def create(subject, **fields):
    values = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10), **fields}
    return CalendarItem(account=account, folder=account.calendar, subject=subject, **values).save()


def fetch(item):
    return account.calendar.get(id=item.id)


@step("an appointment that exchangelib creates is in the calendar as the server keeps it")
def _():
    item = create("created", location="Room 1", body="plain")
    kept = entry(ADDRESS, item.id)
    equal(kept["changeKey"], item.changekey, "change key")
    equal((kept["subject"], kept["location"]), ("created", "Room 1"))
    equal(kept["body"], {"format": "Text", "text": "plain"})
    equal((kept["start"], kept["end"]), ("2026-03-02T08:00:00.000Z", "2026-03-02T09:00:00.000Z"))
    equal(kept["timeZone"], "W. Europe Standard Time")


@step("an appointment reads back with every field that was given")
def _():
    given = {
        "location": "Room 2",
        "body": HTMLBody("<p>Grüße &amp; mehr</p>"),
        "categories": ["Red", "Customer & Co"],
        "sensitivity": "Confidential",
        "importance": "High",
        "legacy_free_busy_status": "OOF",
        "reminder_is_set": True,
        "reminder_minutes_before_start": 45,
    }
    item = fetch(create("all fields", **given))
    body = given.pop("body")
    true(f"<body>\r\n{body}\r\n</body>" in item.body, f"the body is {item.body!r}")
    for name, value in given.items():
        equal(getattr(item, name), value, name)
    equal(item.start, oslo(2026, 3, 2, 9))
    equal(item.end, oslo(2026, 3, 2, 10))


@step("subjects with markup, emoji and line ends come back unharmed")
def _():
    subject = "<b>&amp;</b> \"quoted\" 'single' 漢字 🎉 é"
    item = create(subject, body="first\nsecond\n\tthird ]]> end")
    back = fetch(item)
    equal(back.subject, subject)
    equal(back.text_body, "first\nsecond\n\tthird ]]> end")
    equal(entry(ADDRESS, item.id)["subject"], subject)


@step("a body of two hundred thousand characters comes back whole")
def _():
    text = ("æøå 1234567890 " * 13_400).strip()
    back = fetch(create("large", body=HTMLBody(f"<html><body>{text}</body></html>")))
    true(f"<body>\r\n{text}\r\n</body>" in back.body, "the body was changed")


@step("an all-day appointment reads back with its first and its last day")
def _():
    back = fetch(create("all day", start=EWSDate(2026, 5, 16), end=EWSDate(2026, 5, 17), is_all_day=True))
    equal((back.is_all_day, back.start, back.end), (True, EWSDate(2026, 5, 16), EWSDate(2026, 5, 17)))


@step("an all-day appointment on the day on which the clocks change ends at midnight of its zone")
def _():
    item = create("short day", start=EWSDate(2026, 3, 28), end=EWSDate(2026, 3, 29), is_all_day=True)
    kept = entry(ADDRESS, item.id)
    equal((kept["isAllDay"], kept["start"], kept["end"]), (True, "2026-03-27T23:00:00.000Z", "2026-03-29T22:00:00.000Z"))
    # The last day is not compared: the client subtracts 24 hours, which is a day too many here.
    equal(fetch(item).start, EWSDate(2026, 3, 28))


@step("an all-day appointment that is given with times is widened to whole days")
def _():
    item = create("widened", start=oslo(2026, 5, 20, 9), end=oslo(2026, 5, 20, 10), is_all_day=True)
    kept = entry(ADDRESS, item.id)
    equal((kept["start"], kept["end"]), ("2026-05-19T22:00:00.000Z", "2026-05-20T22:00:00.000Z"))


@step("an appointment keeps the zone that it was made in")
def _():
    tokyo = EWSTimeZone("Asia/Tokyo")
    start = EWSDateTime(2026, 7, 1, 9, tzinfo=tokyo)
    item = create("tokyo", start=start, end=EWSDateTime(2026, 7, 1, 10, tzinfo=tokyo))
    kept = entry(ADDRESS, item.id)
    equal((kept["start"], kept["timeZone"]), ("2026-07-01T00:00:00.000Z", "Tokyo Standard Time"))
    equal(fetch(item)._start_timezone, tokyo)


@step("attendees are kept, and the appointment is a meeting of its owner")
def _():
    guest = Attendee(mailbox=Mailbox(name="Bob Sample", email_address="bob@lockstep.test"), response_type="Unknown")
    back = fetch(create("meeting", required_attendees=[guest]))
    equal([each.mailbox.email_address for each in back.required_attendees], ["bob@lockstep.test"])
    equal((back.is_meeting, back.my_response_type), (True, "Organizer"))
    equal(back.organizer.email_address, ADDRESS)


@step("an appointment without attendees is no meeting")
def _():
    back = fetch(create("alone"))
    equal((back.is_meeting, back.is_cancelled, back.is_recurring), (False, False, False))
    equal(back.type, "Single")


@step("the UID is there after creation, differs between items and stays through changes")
def _():
    one, other = fetch(create("one")), fetch(create("other"))
    true(one.uid and one.uid != other.uid, "the UIDs are the same")
    uid = one.uid
    one.subject = "one again"
    one.save(update_fields=["subject"])
    equal(fetch(one).uid, uid)
    equal(entry(ADDRESS, one.id)["uid"], uid)


@step("a change of some fields takes a new change key and leaves the others alone")
def _():
    item = fetch(create("before", location="Room 3", categories=["Blue"]))
    old = item.changekey
    item.subject = "after"
    item.start, item.end = oslo(2026, 3, 3, 12), oslo(2026, 3, 3, 13)
    item.save(update_fields=["subject", "start", "end"])
    true(item.changekey != old, "the change key stayed")
    kept = entry(ADDRESS, item.id)
    equal(kept["changeKey"], item.changekey)
    equal((kept["subject"], kept["location"], kept["categories"]), ("after", "Room 3", ["Blue"]))
    equal((kept["start"], kept["end"]), ("2026-03-03T11:00:00.000Z", "2026-03-03T12:00:00.000Z"))


@step("a field set to nothing is gone")
def _():
    item = fetch(create("to be emptied", location="Room 4", categories=["Blue"]))
    item.location = None
    item.categories = None
    item.save(update_fields=["location", "categories"])
    back = fetch(item)
    equal((back.location, back.categories, back.subject), (None, None, "to be emptied"))


@step("a save of every field after a read changes nothing that can be seen")
def _():
    item = fetch(create("round trip", location="Room 5", body=HTMLBody("<p>x</p>"), categories=["Blue"]))
    before = entry(ADDRESS, item.id)
    item.save()
    after = entry(ADDRESS, item.id)
    same = [name for name in before if name not in ("changeKey", "lastModified")]
    equal({name: after[name] for name in same}, {name: before[name] for name in same})


@step("a switched off reminder stays off")
def _():
    item = create("quiet", reminder_is_set=False)
    equal(entry(ADDRESS, item.id)["reminder"], None)
    equal(fetch(item).reminder_is_set, False)


@step("what a person writes in Outlook is what the client reads next")
def _():
    kept = user_adds(ADDRESS, subject="by hand", start="2026-04-01T10:00:00Z", end="2026-04-01T11:00:00Z", busy="Tentative")
    item = account.calendar.get(id=kept["id"])
    equal((item.subject, item.legacy_free_busy_status, item.changekey), ("by hand", "Tentative", kept["changeKey"]))
    user_changes(ADDRESS, kept, subject="by hand again", location="Cellar")
    item.refresh()
    equal((item.subject, item.location), ("by hand again", "Cellar"))
    equal(item.last_modified_name, "Alice Sample")


@step("a calendar view shows what overlaps its span, in order of start, and nothing that only touches it")
def _():
    create("view late", start=oslo(2027, 1, 4, 15), end=oslo(2027, 1, 4, 16))
    create("view early", start=oslo(2027, 1, 4, 9), end=oslo(2027, 1, 4, 10))
    create("view ends at the start", start=oslo(2027, 1, 4, 7), end=oslo(2027, 1, 4, 8))
    create("view starts at the end", start=oslo(2027, 1, 4, 17), end=oslo(2027, 1, 4, 18))
    create("view across", start=oslo(2027, 1, 3, 9), end=oslo(2027, 1, 6, 9))
    shown = account.calendar.view(start=oslo(2027, 1, 4, 8), end=oslo(2027, 1, 4, 17))
    equal([item.subject for item in shown], ["view across", "view early", "view late"])


@step("a calendar view returns no more than it is asked for")
def _():
    shown = list(account.calendar.view(start=oslo(2027, 1, 1), end=oslo(2027, 2, 1), max_items=2))
    equal([item.subject for item in shown], ["view across", "view ends at the start"])


@step("a search filters by text and by time")
def _():
    create("find me one", start=utc(2028, 5, 1, 8), end=utc(2028, 5, 1, 9))
    create("find me two", start=utc(2028, 5, 2, 8), end=utc(2028, 5, 2, 9))
    create("leave me", start=utc(2028, 5, 2, 8), end=utc(2028, 5, 2, 9))
    found = account.calendar.filter(subject__startswith="find me", start__gte=utc(2028, 5, 2))
    equal([item.subject for item in found], ["find me two"])
    found = account.calendar.filter(subject__icontains="FIND", start__lt=utc(2028, 6, 1)).exclude(subject="find me one")
    equal([item.subject for item in found], ["find me two"])


@step("a search orders as it is asked and counts without reading")
def _():
    query = account.calendar.filter(subject__startswith="find me")
    equal([item.subject for item in query.order_by("-start")], ["find me two", "find me one"])
    equal([item.subject for item in query.order_by("start")], ["find me one", "find me two"])
    equal(query.count(), 2)


@step("a folder larger than a page is read to its end, each item once")
def _():
    for number in range(12):
        create(f"paged {number:02}", start=oslo(2029, 1, 1 + number, 9), end=oslo(2029, 1, 1 + number, 10))
    query = account.calendar.filter(subject__startswith="paged").only("subject").order_by("subject")
    query.page_size = 5
    equal([item.subject for item in query], [f"paged {number:02}" for number in range(12)])


@step("many items are created, changed and deleted in one request each")
def _():
    items = [
        CalendarItem(folder=account.calendar, subject=f"bulk {number}", start=oslo(2030, 1, 1, 9), end=oslo(2030, 1, 1, 10))
        for number in range(5)
    ]
    ids = account.bulk_create(folder=account.calendar, items=items)
    equal(len({each.id for each in ids}), 5)
    read = list(account.fetch(ids))
    equal([each.subject for each in read], [f"bulk {number}" for number in range(5)])
    for each in read:
        each.location = "Hall"
    account.bulk_update([(each, ["location"]) for each in read])
    equal([entry(ADDRESS, each.id)["location"] for each in read], ["Hall"] * 5)
    equal(account.bulk_delete(ids, send_meeting_cancellations=SEND_TO_NONE, delete_type=HARD_DELETE), [True] * 5)
    equal([each for each in entries(ADDRESS) if each["subject"].startswith("bulk")], [])


@step("an item in the trash has left the calendar and has another id")
def _():
    item = create("to the trash")
    old = item.id
    item.move_to_trash()
    equal(entry(ADDRESS, old), None)
    kept = [each for each in entries(ADDRESS, "deleteditems") if each["subject"] == "to the trash"]
    equal(len(kept), 1)
    true(kept[0]["id"] != old, "the id stayed")
    equal(account.trash.get(id=kept[0]["id"]).subject, "to the trash")
    raises(ErrorItemNotFound, lambda: account.calendar.get(id=old))


@step("an item that is deleted softly can be recovered, one that is deleted hard is nowhere")
def _():
    soft, hard = create("soft"), create("hard")
    before = counts(ADDRESS)
    soft.soft_delete()
    hard.delete()
    after = counts(ADDRESS)
    equal(after["recoverableitemsdeletions"], before["recoverableitemsdeletions"] + 1)
    equal(after["calendar"], before["calendar"] - 2)
    equal(after["deleteditems"], before["deleteditems"])
    equal([each["subject"] for each in entries(ADDRESS, "recoverableitemsdeletions")], ["soft"])


@step("an item that moves to another folder keeps its content and its UID but not its id")
def _():
    item = fetch(create("mover", location="Room 6"))
    old, uid = item.id, item.uid
    item.move(account.trash)
    true(item.id != old, "the id stayed")
    back = account.trash.get(id=item.id)
    equal((back.subject, back.location, back.uid), ("mover", "Room 6", uid))


@step("the folders of a mailbox are found with their kinds and their counts")
def _():
    account.root.refresh()
    equal((account.calendar.folder_class, account.contacts.folder_class, account.tasks.folder_class), ("IPF.Appointment", "IPF.Contact", "IPF.Task"))
    account.calendar.refresh()
    equal(account.calendar.total_count, counts(ADDRESS)["calendar"])
    names = {folder.name for folder in account.msg_folder_root.children}
    true({"Calendar", "Contacts", "Tasks", "Deleted Items", "Inbox"} <= names, f"folders are missing: {names}")


run()
