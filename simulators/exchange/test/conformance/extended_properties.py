"""Extended properties: named, tagged and well-known ones; written, searched and removed."""

from exchangelib import CalendarItem, Contact, ExtendedProperty
from exchangelib.folders import Folder

from support import connect, entry, equal, oslo, run, step, true, user_adds

ADDRESS = "alice@lockstep.test"
SET_ID = "c11ff724-aa03-4555-9952-8fa248a11c3e"
account = connect(ADDRESS)


class CrmId(ExtendedProperty):
    property_set_id = SET_ID
    property_name = "SuperOfficeId"
    property_type = "String"


class CrmNumber(ExtendedProperty):
    property_set_id = SET_ID
    property_name = "Number"
    property_type = "Integer"


class CrmFlag(ExtendedProperty):
    property_set_id = SET_ID
    property_name = "Flag"
    property_type = "Boolean"


class CrmNames(ExtendedProperty):
    property_set_id = SET_ID
    property_name = "Names"
    property_type = "StringArray"


class CrmBytes(ExtendedProperty):
    property_set_id = SET_ID
    property_name = "Bytes"
    property_type = "Binary"


class Tagged(ExtendedProperty):
    property_tag = 0x3A45
    property_type = "String"


class WellKnown(ExtendedProperty):
    distinguished_property_set_id = "Appointment"
    property_id = 0x8214
    property_type = "Integer"


class CleanGlobalObjectId(ExtendedProperty):
    distinguished_property_set_id = "Meeting"
    property_id = 35
    property_type = "Binary"


for name, kind in {
    "crm_id": CrmId,
    "crm_number": CrmNumber,
    "crm_flag": CrmFlag,
    "crm_names": CrmNames,
    "crm_bytes": CrmBytes,
    "well_known": WellKnown,
    "global_id": CleanGlobalObjectId,
}.items():
    CalendarItem.register(name, kind)
Contact.register("crm_id", CrmId)
Contact.register("prefix", Tagged)


def create(subject, **fields):
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    return CalendarItem(account=account, folder=account.calendar, subject=subject, **times, **fields).save()


def fetch(item):
    return account.calendar.get(id=item.id)


@step("a named property reads back, and the server keeps it under its name")
def _():
    item = create("named", crm_id="42")
    equal(fetch(item).crm_id, "42")
    kept = [each for each in entry(ADDRESS, item.id)["extendedProperties"]]
    equal(len(kept), 1)
    equal((kept[0]["path"]["PropertyName"], kept[0]["value"]), ("SuperOfficeId", "42"))
    equal(kept[0]["path"]["PropertySetId"].lower(), SET_ID)


@step("numbers, flags, lists and bytes keep their kind")
def _():
    given = {"crm_number": -7, "crm_flag": True, "crm_names": ["Ørsted", "a & b", "c"], "crm_bytes": b"\x00\x01\xff"}
    back = fetch(create("kinds", **given))
    for name, value in given.items():
        equal(getattr(back, name), value, name)
    equal(back.crm_id, None)


@step("a property that was not set is absent")
def _():
    back = fetch(create("without"))
    equal([getattr(back, name) for name in ("crm_id", "crm_number", "crm_flag", "crm_names", "crm_bytes")], [None] * 5)


@step("a property is changed, and removed, without touching the others")
def _():
    item = fetch(create("changed", crm_id="1", crm_number=1))
    item.crm_id = "2"
    item.save(update_fields=["crm_id"])
    equal((fetch(item).crm_id, fetch(item).crm_number), ("2", 1))
    item.crm_id = None
    item.save(update_fields=["crm_id"])
    equal((fetch(item).crm_id, fetch(item).crm_number), (None, 1))
    equal(len(entry(ADDRESS, item.id)["extendedProperties"]), 1)


@step("a search finds the one item with that value")
def _():
    create("value 100", crm_id="100")
    create("value 1000", crm_id="1000")
    equal([item.subject for item in account.calendar.filter(crm_id="100")], ["value 100"])
    equal(account.calendar.filter(crm_id="10").count(), 0)


@step("a search finds every item that has the property at all")
def _():
    create("has a flag", crm_flag=False)
    found = account.calendar.filter(crm_flag__exists=True).order_by("subject")
    equal([item.subject for item in found], ["has a flag", "kinds"])
    equal([item.subject for item in account.calendar.filter(crm_flag=True)], ["kinds"])
    equal([item.subject for item in account.calendar.filter(crm_flag=False)], ["has a flag"])


@step("a search compares numbers as numbers")
def _():
    create("nine", crm_number=9)
    create("ten", crm_number=10)
    found = account.calendar.filter(crm_number__gte=9).order_by("subject")
    equal([item.subject for item in found], ["nine", "ten"])
    equal(account.calendar.filter(crm_number__gt=10).count(), 0)


@step("the property that holds the UID finds an item by its UID")
def _():
    item = fetch(create("by uid"))
    create("another uid")
    true(len(item.global_id) > 40, "there is no global object id")
    equal(item.global_id.hex().upper(), item.uid.upper())
    found = account.calendar.filter(global_id=item.global_id)
    equal([each.subject for each in found], ["by uid"])


@step("a UID that was given by another calendar is found in the same way")
def _():
    uid = "7f1c@calendar.example.test"
    item = create("foreign uid", uid=uid)
    equal(fetch(item).uid, uid)
    # What Exchange puts around a UID that is not its own: a class, no date, no time, the size.
    text = b"vCal-Uid\x01\x00\x00\x00" + uid.encode() + b"\x00"
    head = bytes.fromhex("040000008200E00074C5B7101A82E008") + bytes(20)
    wrapped = head + len(text).to_bytes(4, "little") + text
    equal([each.subject for each in account.calendar.filter(global_id=wrapped)], ["foreign uid"])


@step("a well-known property of appointments is kept by its number")
def _():
    item = create("well known", well_known=3)
    equal(fetch(item).well_known, 3)
    kept = entry(ADDRESS, item.id)["extendedProperties"][0]
    equal((kept["path"]["DistinguishedPropertySetId"], kept["value"]), ("Appointment", "3"))


@step("a property by its tag is kept on a contact")
def _():
    item = Contact(account=account, folder=account.contacts, display_name="Tagged", prefix="Dr.", crm_id="7").save()
    back = account.contacts.get(id=item.id)
    equal((back.prefix, back.crm_id), ("Dr.", "7"))
    found = account.contacts.filter(crm_id="7")
    equal([each.display_name for each in found], ["Tagged"])


@step("a long property comes back whole")
def _():
    text = "".join(chr(ord("a") + place % 26) for place in range(600))
    item = create("long property", crm_id=text)
    equal(fetch(item).crm_id, text)
    equal(entry(ADDRESS, item.id)["extendedProperties"][0]["value"], text)


@step("a property stays with an item that a person changes or moves")
def _():
    path = {"PropertySetId": SET_ID, "PropertyName": "SuperOfficeId", "PropertyType": "String"}
    kept = user_adds(
        ADDRESS,
        subject="by hand",
        start="2026-04-01T10:00:00Z",
        end="2026-04-01T11:00:00Z",
        extendedProperties=[{"path": path, "value": "77"}],
    )
    item = account.calendar.get(id=kept["id"])
    equal(item.crm_id, "77")
    item.location = "Room 1"
    item.save(update_fields=["location"])
    item.move(account.trash)
    equal(account.trash.get(id=item.id).crm_id, "77")


@step("two properties of a folder tell cheaply that nothing happened, or that something was deleted")
def _():
    class LocalCommitTimeMax(ExtendedProperty):
        property_tag = 0x670A
        property_type = "SystemTime"

    class DeletedCountTotal(ExtendedProperty):
        property_tag = 0x670B
        property_type = "Integer"

    def state():
        account.calendar.refresh()
        return account.calendar.commit_time, account.calendar.deleted_count

    Folder.register("commit_time", LocalCommitTimeMax)
    Folder.register("deleted_count", DeletedCountTotal)
    try:
        item = create("later deleted")
        before = state()
        true(None not in before, f"a property is missing: {before}")
        equal(state(), before)
        item.delete()
        after = state()
        equal(after[1], before[1] + 1)
        true(after[0] >= before[0], "the time went back")
    finally:
        Folder.deregister("commit_time")
        Folder.deregister("deleted_count")


run()
