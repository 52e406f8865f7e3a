"""What is refused, and with which code."""

from exchangelib import CalendarItem, Contact, Task, Version
from exchangelib import errors as codes
from exchangelib.errors import (
    ErrorCalendarCannotUpdateDeletedItem,
    ErrorCalendarViewRangeTooBig,
    ErrorCannotUseFolderIdForItemId,
    ErrorInvalidChangeKey,
    ErrorInvalidIdMalformed,
    ErrorIrresolvableConflict,
    ErrorItemNotFound,
    ErrorSchemaValidation,
    ErrorSendMeetingInvitationsRequired,
    ErrorUnsupportedPathForQuery,
)
from exchangelib.items import ALWAYS_OVERWRITE, AUTO_RESOLVE, NEVER_OVERWRITE
from exchangelib.services import CreateItem, GetItem, UpdateItem
from exchangelib.util import create_element

from support import SERVER_VERSION, connect, control, counts, entry, equal, oslo, raises, run, script, step, true, user_adds, user_changes

ADDRESS = "alice@lockstep.test"
account = connect(ADDRESS)


def create(subject):
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    return CalendarItem(account=account, folder=account.calendar, subject=subject, **times).save()


def stale(subject):
    """An item that a person has changed since it was read."""
    item = create(subject)
    kept = entry(ADDRESS, item.id)
    user_changes(ADDRESS, kept, location="changed by the person")
    return item


@step("a stale change key is refused when nothing may be overwritten, and nothing changes")
def _():
    item = stale("stale")
    item.subject = "not written"
    error = raises(
        ErrorIrresolvableConflict,
        lambda: item.save(update_fields=["subject"], conflict_resolution=NEVER_OVERWRITE),
    )
    true("does not match the current change key" in str(error), f"the words are {error}")
    equal((entry(ADDRESS, item.id)["subject"], entry(ADDRESS, item.id)["location"]), ("stale", "changed by the person"))


@step("a stale change key is resolved when another property was changed")
def _():
    item = stale("merged")
    item.subject = "merged, written"
    item.save(update_fields=["subject"], conflict_resolution=AUTO_RESOLVE)
    kept = entry(ADDRESS, item.id)
    equal((kept["subject"], kept["location"]), ("merged, written", "changed by the person"))


@step("a stale change key is not resolved when the same property was changed")
def _():
    item = stale("same property")
    item.location = "changed by the client"
    raises(
        ErrorIrresolvableConflict,
        lambda: item.save(update_fields=["location"], conflict_resolution=AUTO_RESOLVE),
    )
    equal(entry(ADDRESS, item.id)["location"], "changed by the person")


@step("who always overwrites wins over the person")
def _():
    item = stale("overwritten")
    item.location = "changed by the client"
    item.save(update_fields=["location"], conflict_resolution=ALWAYS_OVERWRITE)
    equal(entry(ADDRESS, item.id)["location"], "changed by the client")


@step("a change key that is none is refused")
def _():
    item = create("bad key")
    item._id = item.ID_ELEMENT_CLS(item.id, "AAAA")
    item.subject = "not written"
    raises(ErrorInvalidChangeKey, lambda: item.save(update_fields=["subject"]))
    equal(entry(ADDRESS, item.id)["subject"], "bad key")


@step("an id that is none, an id of a folder and the id of a deleted item have each their code")
def _():
    gone = create("gone")
    gone_id = gone.id
    gone.delete()
    raises(ErrorInvalidIdMalformed, lambda: account.calendar.get(id="not an id"))
    raises(ErrorCannotUseFolderIdForItemId, lambda: account.calendar.get(id=account.calendar.id))
    raises(ErrorItemNotFound, lambda: account.calendar.get(id=gone_id))


@step("in a batch each item has its own outcome, in the order of the request")
def _():
    good, gone, other = create("good"), create("gone"), create("other")
    gone_id = gone.id
    gone.delete()
    found = list(account.fetch([(good.id, None), (gone_id, None), (other.id, None)], only_fields=["subject"]))
    equal([found[0].subject, type(found[1]), found[2].subject], ["good", ErrorItemNotFound, "other"])


@step("an item in the trash cannot be changed")
def _():
    item = create("trashed")
    item.move(account.trash)
    item.subject = "not written"
    raises(ErrorCalendarCannotUpdateDeletedItem, lambda: item.save(update_fields=["subject"]))
    equal(entry(ADDRESS, item.id, "deleteditems")["subject"], "trashed")


@step("an item does not go into a folder of another kind")
def _():
    before = counts(ADDRESS)
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    wrong = {
        "ErrorCannotCreateCalendarItemInNonCalendarFolder": (account.contacts, CalendarItem(subject="wrong", **times)),
        "ErrorCannotCreateContactInNonContactFolder": (account.tasks, Contact(display_name="wrong")),
        "ErrorCannotCreateTaskInNonTaskFolder": (account.calendar, Task(subject="wrong")),
    }
    for code, (folder, item) in wrong.items():
        item.account = account
        call = {"message_disposition": "SaveOnly", "send_meeting_invitations": "SendToNone"}
        raises(vars(codes)[code], lambda: CreateItem(account=account).get(items=[item], folder=folder, **call))
    equal(counts(ADDRESS), before)


@step("a calendar view of more than two years is refused")
def _():
    view = account.calendar.view(start=oslo(2026, 1, 1), end=oslo(2028, 2, 1))
    raises(ErrorCalendarViewRangeTooBig, lambda: list(view))


@step("an appointment that ends before it starts is refused")
def _():
    item = create("backwards")
    service = UpdateItem(account=account)
    item.start, item.end = oslo(2026, 3, 5, 12), oslo(2026, 3, 5, 11)
    item.clean = lambda version=None: None
    call = {"conflict_resolution": ALWAYS_OVERWRITE, "message_disposition": "SaveOnly"}
    call |= {"send_meeting_invitations_or_cancellations": "SendToNone", "suppress_read_receipts": True}
    kind = codes.ErrorCalendarEndDateIsEarlierThanStartDate
    raises(kind, lambda: service.get(items=[(item, ["start", "end"])], **call))
    equal(entry(ADDRESS, item.id)["start"], "2026-03-02T08:00:00.000Z")


@step("elements in the wrong order are refused by the schema, and the server goes on")
def _():
    service = GetItem(account=account)
    payload = create_element("m:GetItem")
    payload.append(create_element("m:ItemIds"))
    payload.append(create_element("m:ItemShape"))
    error = raises(ErrorSchemaValidation, lambda: list(service._get_elements(payload=payload)))
    true("line" in str(error), f"the place is missing: {error}")
    equal(entry(ADDRESS, create("after the fault").id)["subject"], "after the fault")


@step("a missing attribute that says whether to send invitations has its own code")
def _():
    service = CreateItem(account=account)
    payload = create_element("m:CreateItem")
    items = create_element("m:Items")
    items.append(create_element("t:CalendarItem"))
    payload.append(items)
    before = counts(ADDRESS)
    raises(ErrorSendMeetingInvitationsRequired, lambda: list(service._get_elements(payload=payload)))
    equal(counts(ADDRESS), before)


@step("the UID cannot be searched for")
def _():
    query = account.calendar.all()
    uid = CalendarItem.get_field_by_fieldname("uid")
    uid.is_searchable = True
    try:
        raises(ErrorUnsupportedPathForQuery, lambda: list(query.filter(uid="x")))
    finally:
        uid.is_searchable = False


@step("names are resolved, and one that nobody has is told as such")
def _():
    for name in ("bob@lockstep.test", "bob", "Bob Sample"):
        (found,) = account.protocol.resolve_names([name])
        equal((found.email_address, found.name), ("bob@lockstep.test", "Bob Sample"))
    equal(len(account.protocol.resolve_names(["Sample"])), 4)
    (missing,) = account.protocol.resolve_names(["nobody"])
    equal(type(missing), codes.ErrorNameResolutionNoResults)


@step("two names in one request, as the client writes them, are refused by the schema")
def _():
    raises(ErrorSchemaValidation, lambda: account.protocol.resolve_names(["alice", "bob"]))


@step("a version that the server does not know is refused, and the client finds one that it does")
def _():
    version = Version(build=SERVER_VERSION.build, api_version="Exchange2099")
    other = connect("bob@lockstep.test", version=version)
    equal(other.calendar.name, "Calendar")
    true(other.version.api_version != "Exchange2099", "the version was accepted")


TRANSIENT = ("ErrorTooManyObjectsOpened", "ErrorInternalServerTransientError")
PASSED_ON = (
    "ErrorAccessDenied",
    "ErrorADUnavailable",
    "ErrorConnectionFailed",
    "ErrorInsufficientResources",
    "ErrorInternalServerError",
    "ErrorMailboxFailover",
    "ErrorMailboxMoveInProgress",
    "ErrorMailboxStoreUnavailable",
    "ErrorNotEnoughMemory",
    "ErrorPasswordExpired",
    "ErrorProxyRequestNotAllowed",
    "ErrorQuotaExceeded",
    "ErrorTimeoutExpired",
)


@step("a scripted fault reaches the client as the error of its code")
def _():
    for code in PASSED_ON:
        script(code, match={"operation": "GetItem"})
        raises(vars(codes)[code], lambda: account.calendar.get(id=account.calendar.id))
    equal([each for each in control("GET", "faults") if each["met"] == 0], [])


@step("a scripted error in a message reaches the client as the error of its code")
def _():
    item = create("with a message")
    for code in PASSED_ON:
        script(match={"operation": "GetItem"}, action={"kind": "message", "code": code})
        raises(vars(codes)[code], lambda: account.calendar.get(id=item.id))
    equal(account.calendar.get(id=item.id).subject, "with a message")


@step("transient errors are given up by the client as a busy server")
def _():
    for code in TRANSIENT:
        script(code, match={"operation": "GetItem"})
        error = raises(codes.ErrorServerBusy, lambda: account.calendar.get(id=account.calendar.id))
        true(code in str(error), f"the error is {error}")


@step("a fault before the effect leaves nothing behind, a fault after it leaves the effect")
def _():
    before = counts(ADDRESS)["calendar"]
    script("ErrorInternalServerError", match={"operation": "CreateItem"})
    raises(codes.ErrorInternalServerError, lambda: create("before"))
    equal(counts(ADDRESS)["calendar"], before)
    script("ErrorInternalServerError", match={"operation": "CreateItem"}, when="after")
    raises(codes.ErrorInternalServerError, lambda: create("after"))
    equal(counts(ADDRESS)["calendar"], before + 1)
    equal([item.subject for item in account.calendar.filter(subject__in=["before", "after"])], ["after"])


@step("a script meets only the mailbox, the operation and the call that it names")
def _():
    match = {"operation": "CreateItem", "mailbox": ADDRESS, "skip": 1}
    script("ErrorQuotaExceeded", match=match)
    first = create("first call")
    raises(codes.ErrorQuotaExceeded, lambda: create("second call"))
    third = create("third call")
    equal([entry(ADDRESS, each.id)["subject"] for each in (first, third)], ["first call", "third call"])


run()
