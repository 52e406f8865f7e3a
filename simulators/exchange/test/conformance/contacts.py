"""Contacts and their dictionaries of addresses and numbers."""

from exchangelib import Contact, EWSDate
from exchangelib.errors import ErrorItemNotFound
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress

from support import connect, counts, entries, equal, raises, run, step, true

ADDRESS = "alice@lockstep.test"
account = connect(ADDRESS)


def create(name, **fields):
    return Contact(account=account, folder=account.contacts, display_name=name, **fields).save()


def fetch(item):
    return account.contacts.get(id=item.id)


def emails(*addresses):
    return [EmailAddress(email=each, label=f"EmailAddress{place}") for place, each in enumerate(addresses, start=1)]


def numbers(item):
    return {each.label: each.phone_number for each in item.phone_numbers or []}


def lines(item, label):
    found = next(each for each in item.physical_addresses if each.label == label)
    return (found.street, found.city, found.state, found.country, found.zipcode)


@step("a contact reads back with every field that was given")
def _():
    given = {
        "given_name": "Kari",
        "middle_name": "Anne",
        "surname": "Nordmann",
        "nickname": "K",
        "initials": "K.A.N.",
        "file_as": "Nordmann, Kari",
        "company_name": "Fjord & Fjell",
        "department": "Sales",
        "job_title": "Head",
        "office": "4B",
        "manager": "Ola Nordmann",
        "assistant_name": "Per",
        "spouse_name": "Ola",
        "profession": "Engineer",
        "generation": "Jr.",
        "business_homepage": "https://example.test/",
        "birthday": EWSDate(1984, 2, 29),
        "categories": ["VIP"],
        "body": "note",
    }
    back = fetch(create("Kari Nordmann", **given))
    for name, value in given.items():
        equal(getattr(back, name), value, name)
    equal((back.display_name, back.complete_name.full_name), ("Kari Nordmann", "Kari Nordmann"))


@step("a contact is in the contacts folder and nowhere else")
def _():
    before = counts(ADDRESS)
    item = create("Counted")
    after = counts(ADDRESS)
    equal(after["contacts"], before["contacts"] + 1)
    equal(after["calendar"], before["calendar"])
    equal(fetch(item).item_class, "IPM.Contact")
    equal(entries(ADDRESS), [])


@step("three e-mail addresses keep their places")
def _():
    back = fetch(create("Mail", email_addresses=emails("one@example.test", "two@example.test", "three@example.test")))
    equal({each.label: each.email for each in back.email_addresses}, {
        "EmailAddress1": "one@example.test",
        "EmailAddress2": "two@example.test",
        "EmailAddress3": "three@example.test",
    })


@step("one e-mail address can be changed and another removed without touching the third")
def _():
    item = fetch(create("Less mail", email_addresses=emails("one@example.test", "two@example.test", "three@example.test")))
    item.email_addresses = [
        EmailAddress(email="new@example.test", label="EmailAddress1"),
        EmailAddress(email="three@example.test", label="EmailAddress3"),
    ]
    item.save(update_fields=["email_addresses"])
    found = {each.label: each.email for each in fetch(item).email_addresses}
    equal(found, {"EmailAddress1": "new@example.test", "EmailAddress3": "three@example.test"})


@step("phone numbers are kept by their kind, changed and removed one by one")
def _():
    given = {"BusinessPhone": "+47 22 00 00 00", "MobilePhone": "+47 900 00 000", "HomePhone": "+47 33 00 00 00"}
    listed = [PhoneNumber(label=label, phone_number=number) for label, number in given.items()]
    item = fetch(create("Phones", phone_numbers=listed))
    equal(numbers(item), given)
    kept = {"BusinessPhone": "+47 22 00 00 01", "HomePhone": "+47 33 00 00 00"}
    item.phone_numbers = [PhoneNumber(label=label, phone_number=number) for label, number in kept.items()]
    item.save(update_fields=["phone_numbers"])
    equal(numbers(fetch(item)), kept)


@step("postal addresses keep their lines, and one line changes alone")
def _():
    business = PhysicalAddress(
        label="Business", street="Storgata 1\n2. etg.", city="Oslo", state="Oslo", country="Norway", zipcode="0155"
    )
    home = PhysicalAddress(label="Home", street="Lia 2", city="Bergen", country="Norway", zipcode="5003")
    item = fetch(create("Post", physical_addresses=[business, home]))
    equal(lines(item, "Business"), ("Storgata 1\n2. etg.", "Oslo", "Oslo", "Norway", "0155"))
    equal(lines(item, "Home"), ("Lia 2", "Bergen", None, "Norway", "5003"))
    item.physical_addresses = [
        PhysicalAddress(label="Business", street="Storgata 1\n2. etg.", city="Moss", country="Norway", zipcode="0155"),
        home,
    ]
    item.save(update_fields=["physical_addresses"])
    back = fetch(item)
    equal(lines(back, "Business"), ("Storgata 1\n2. etg.", "Moss", None, "Norway", "0155"))
    equal(lines(back, "Home"), ("Lia 2", "Bergen", None, "Norway", "5003"))


@step("the server files a contact as the mapping says")
def _():
    item = create("Ola Hansen", given_name="Ola", surname="Hansen", company_name="Fjord", file_as_mapping="LastCommaFirst")
    equal(fetch(item).file_as, "Hansen, Ola")
    equal(fetch(create("Firm", company_name="Fjord", file_as_mapping="Company")).file_as, "Fjord")


@step("a contact that changes takes a new change key, and fields that were not named stay")
def _():
    item = fetch(create("Change", company_name="Old", job_title="Head", email_addresses=emails("one@example.test")))
    old = item.changekey
    item.company_name = "New"
    item.save(update_fields=["company_name"])
    back = fetch(item)
    true(back.changekey != old, "the change key stayed")
    equal((back.company_name, back.job_title, len(back.email_addresses)), ("New", "Head", 1))


@step("contacts are searched by name, by company and by one of their addresses")
def _():
    create("Search One", given_name="Search", surname="One", company_name="Searchers", email_addresses=emails("find.me@example.test"))
    create("Search Two", given_name="Search", surname="Two", company_name="Searchers")
    found = account.contacts.filter(company_name="Searchers", surname="Two")
    equal([item.display_name for item in found], ["Search Two"])
    found = account.contacts.filter(email_addresses__EmailAddress1="find.me@example.test")
    equal([item.display_name for item in found], ["Search One"])


@step("a deleted contact is not found any more")
def _():
    item = create("Gone")
    before = counts(ADDRESS)
    item.move_to_trash()
    after = counts(ADDRESS)
    equal((after["contacts"], after["deleteditems"]), (before["contacts"] - 1, before["deleteditems"] + 1))
    equal(account.contacts.filter(display_name="Gone").count(), 0)
    raises(ErrorItemNotFound, lambda: account.contacts.get(id=item.id) if item.id else ErrorItemNotFound(""))


run()
