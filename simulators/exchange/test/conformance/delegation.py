"""A colleague in somebody else's folders: what each level allows, and what does not exist for him."""

from exchangelib import CalendarItem, Contact
from exchangelib.errors import (
    ErrorAccessDenied,
    ErrorCreateItemAccessDenied,
    ErrorFolderNotFound,
    ErrorItemNotFound,
    ErrorNonExistentMailbox,
    ErrorSubscriptionDelegateAccessNotSupported,
)
from exchangelib.folders import Calendar, Contacts, SingleFolderQuerySet
from exchangelib.properties import DistinguishedFolderId, Mailbox

from support import connect, control, counts, entries, entry, equal, oslo, raises, run, step, true, user_adds

ALICE = "alice@lockstep.test"
BOB = "bob@lockstep.test"
alice = connect(ALICE)
bob = connect(BOB)
carol = connect("carol@lockstep.test")


def allow(level, folder="calendar", view_private=False):
    body = {"delegate": BOB, "level": level, "viewPrivate": view_private}
    control("POST", f"mailboxes/{ALICE}/folders/{folder}/permissions", body)


def shared(account=bob, kind=Calendar, owner=ALICE):
    """A folder of Alice as somebody else opens it."""
    folder = DistinguishedFolderId(id=kind.DISTINGUISHED_FOLDER_ID, mailbox=Mailbox(email_address=owner))
    found = SingleFolderQuerySet(account=account, folder=folder).resolve()
    # Else the client would name it as the calendar of the account: his own.
    found.is_distinguished = False
    return found


def alices(subject, **fields):
    return user_adds(ALICE, subject=subject, start="2026-03-02T08:00:00Z", end="2026-03-02T09:00:00Z", **fields)


def create(folder, subject):
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    return CalendarItem(account=bob, folder=folder, subject=subject, **times).save()


def read(item_id, account=bob):
    """By the id alone: it carries its mailbox."""
    return next(iter(account.fetch([(item_id, None)], only_fields=["subject", "sensitivity"])))


@step("without a right the folder does not exist, and neither do its items")
def _():
    kept = alices("hidden")
    raises(ErrorFolderNotFound, shared)
    raises(ErrorItemNotFound, lambda: read(kept["id"]))


@step("a mailbox that is not there is told as such")
def _():
    raises(ErrorNonExistentMailbox, lambda: shared(owner="nobody@lockstep.test"))


@step("a reviewer reads, but neither creates nor changes nor deletes")
def _():
    kept = alices("for review")
    allow("Reviewer")
    folder = shared()
    equal(folder.get(id=kept["id"]).subject, "for review")
    before = entries(ALICE)
    raises(ErrorCreateItemAccessDenied, lambda: create(folder, "not created"))
    item = folder.get(id=kept["id"])
    item.subject = "not changed"
    raises(ErrorAccessDenied, lambda: item.save(update_fields=["subject"]))
    raises(ErrorAccessDenied, lambda: item.delete())
    raises(ErrorAccessDenied, lambda: item.move_to_trash())
    equal(entries(ALICE), before)


@step("an author creates, and changes and deletes only what is his own")
def _():
    kept = alices("not bob's")
    allow("Author")
    folder = shared()
    own = create(folder, "bob's")
    equal(entry(ALICE, own.id)["subject"], "bob's")
    own.subject = "bob's, changed"
    own.save(update_fields=["subject"])
    equal(entry(ALICE, own.id)["subject"], "bob's, changed")
    other = folder.get(id=kept["id"])
    other.subject = "stolen"
    raises(ErrorAccessDenied, lambda: other.save(update_fields=["subject"]))
    equal(entry(ALICE, kept["id"])["subject"], "not bob's")
    own.delete()
    equal(entry(ALICE, own.id), None)


@step("an editor changes everything, in the owner's mailbox and not in his own")
def _():
    kept = alices("to edit")
    allow("Editor")
    before = counts(BOB)
    item = shared().get(id=kept["id"])
    item.subject = "edited"
    item.save(update_fields=["subject"])
    changed = entry(ALICE, kept["id"])
    equal((changed["subject"], changed["lastModifiedBy"]), ("edited", "Bob Sample"))
    item.delete()
    equal(entry(ALICE, kept["id"]), None)
    equal(counts(BOB), before)


@step("the effective rights say what the level is")
def _():
    expected = {"Reviewer": (True, False, False, False), "Author": (True, True, False, False), "Editor": (True, True, True, True)}
    for level, rights in expected.items():
        allow(level)
        told = shared().effective_rights
        equal((told.read, told.create_contents, told.modify, told.delete), rights, level)
    own = alice.calendar.effective_rights
    equal((own.read, own.create_contents, own.modify, own.delete), (True, True, True, True))


@step("private items are hidden from a delegate who may not see them")
def _():
    kept = alices("private", sensitivity="Private")
    allow("Editor")
    folder = shared()
    raises(ErrorItemNotFound, lambda: read(kept["id"]))
    true(kept["id"] not in [item.id for item in folder.all().only("subject")], "a search shows it")
    changes = [item.id for _kind, item in folder.sync_items(sync_state=None, only_fields=["subject"])]
    true(kept["id"] not in changes, "the synchronization shows it")
    shown = folder.view(start=oslo(2026, 3, 1), end=oslo(2026, 4, 1)).only("subject")
    true("private" not in [item.subject for item in shown], "the calendar view shows it")


@step("private items are shown to a delegate who may see them")
def _():
    kept = alices("private, shown", sensitivity="Private")
    allow("Editor", view_private=True)
    equal((read(kept["id"]).subject, read(kept["id"]).sensitivity), ("private, shown", "Private"))


@step("a right in one folder is none in another")
def _():
    allow("Editor")
    raises(ErrorFolderNotFound, lambda: shared(kind=Contacts))
    contact = Contact(account=alice, folder=alice.contacts, display_name="Hidden").save()
    raises(ErrorItemNotFound, lambda: list(bob.fetch([(contact.id, None)], folder=bob.contacts))[0])


@step("a right of one person is none of another")
def _():
    kept = alices("not for carol")
    allow("Editor")
    raises(ErrorFolderNotFound, lambda: shared(account=carol))
    raises(ErrorItemNotFound, lambda: read(kept["id"], account=carol))


@step("a delegate synchronizes the folder, and its states are the same as the owner's")
def _():
    allow("Editor")
    folder = shared()
    list(folder.sync_items(sync_state=None, only_fields=["subject"]))
    kept = alices("synced")
    own = alice.calendar
    found = [(kind, item.id) for kind, item in own.sync_items(sync_state=folder.item_sync_state, only_fields=["subject"])]
    equal(found, [("create", kept["id"])])
    found = [(kind, item.id) for kind, item in folder.sync_items(only_fields=["subject"])]
    equal(found, [("create", kept["id"])])


@step("a delegate opens the calendar by its name, as that of the account whose it is")
def _():
    allow("Editor")
    account = connect(ALICE, login=BOB)
    times = {"start": oslo(2026, 3, 3, 9), "end": oslo(2026, 3, 3, 10)}
    CalendarItem(account=account, folder=account.calendar, subject="by name", **times).save()
    true(any(each["subject"] == "by name" for each in entries(ALICE)), "it is not in the calendar of Alice")
    raises(ErrorFolderNotFound, lambda: account.inbox.total_count)


@step("a delegate cannot subscribe")
def _():
    allow("Editor")
    folder = shared()
    raises(ErrorSubscriptionDelegateAccessNotSupported, lambda: folder.subscribe_to_streaming())
    raises(ErrorSubscriptionDelegateAccessNotSupported, lambda: folder.subscribe_to_pull())
    equal(control("GET", "subscriptions")["count"], 0)


@step("the owner sees his delegates and their levels")
def _():
    allow("Editor", view_private=True)
    allow("Reviewer", folder="tasks")
    (delegate,) = alice.delegates
    equal(delegate.user_id.primary_smtp_address, BOB)
    permissions = delegate.delegate_permissions
    levels = (
        permissions.calendar_folder_permission_level,
        permissions.tasks_folder_permission_level,
        permissions.contacts_folder_permission_level,
    )
    equal(levels, ("Editor", "Reviewer", "None"))
    equal(delegate.view_private_items, True)


@step("a right that is taken back is gone at once")
def _():
    kept = alices("taken back")
    allow("Editor")
    equal(read(kept["id"]).subject, "taken back")
    control("DELETE", f"mailboxes/{ALICE}/folders/calendar/permissions/{BOB}")
    raises(ErrorItemNotFound, lambda: read(kept["id"]))


run()
