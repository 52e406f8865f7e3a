"""A service account that acts for the owners of mailboxes, and what it may not."""

from exchangelib import IMPERSONATION, CalendarItem
from exchangelib.account import Identity
from exchangelib.errors import (
    ErrorImpersonateUserDenied,
    ErrorInvalidUserPrincipalName,
    ErrorInvalidUserSid,
    ErrorNonExistentMailbox,
    ErrorNonPrimarySmtpAddress,
)
from exchangelib.fields import FieldPath
from exchangelib.services import GetItem

from support import connect, control, counts, entry, equal, last_seq, log_after, oslo, raises, run, step, true, user_adds

ALICE = "alice@lockstep.test"
BOB = "bob@lockstep.test"
SERVICE = "sync@lockstep.test"
SCOPED = "scoped@lockstep.test"
control("POST", "seed", {"mailboxes": [{"address": ALICE, "aliases": ["al@lockstep.test"]}]})


def acting_for(address, login=SERVICE):
    return connect(address, login=login, access_type=IMPERSONATION)


alice = acting_for(ALICE)
bob = acting_for(BOB)


def create(account, subject):
    times = {"start": oslo(2026, 3, 2, 9), "end": oslo(2026, 3, 2, 10)}
    return CalendarItem(account=account, folder=account.calendar, subject=subject, **times).save()


@step("the service account writes into the mailbox that it acts for, and into no other")
def _():
    before = counts(BOB)
    item = create(alice, "for alice")
    equal(entry(ALICE, item.id)["subject"], "for alice")
    equal(counts(BOB), before)


@step("what it writes is the owner's")
def _():
    item = create(alice, "of alice")
    equal(alice.calendar.get(id=item.id).organizer.email_address, ALICE)
    equal(entry(ALICE, item.id)["lastModifiedBy"], "Alice Sample")


@step("the log names the account, and the mailbox as the one whose budget pays")
def _():
    seq = last_seq()
    create(bob, "logged")
    record = next(each for each in log_after(seq) if each["operation"] == "CreateItem")
    equal((record["account"], record["mailbox"]), (SERVICE, BOB))
    true(BOB in record["budgetOwner"], f"the budget of {record['budgetOwner']} pays")
    true(record["budgetOwner"] != BOB, "the person's own budget pays")


@step("without impersonation the same account sees nothing of a mailbox")
def _():
    kept = user_adds(ALICE, subject="private", start="2026-03-02T08:00:00Z", end="2026-03-02T09:00:00Z")
    plain = connect(ALICE, login=SERVICE)
    error = raises(Exception, lambda: plain.calendar.get(id=kept["id"]))
    true(type(error).__name__ in ("ErrorFolderNotFound", "ErrorItemNotFound", "ErrorAccessDenied"), f"the error is {error!r}")


@step("an account without the role may not impersonate")
def _():
    before = counts(ALICE)
    error = raises(ErrorImpersonateUserDenied, lambda: create(acting_for(ALICE, login=BOB), "denied"))
    equal(str(error), "The account does not have permission to impersonate the requested user.")
    equal(counts(ALICE), before)


@step("a role with a scope ends where the scope ends")
def _():
    item = create(acting_for(ALICE, login=SCOPED), "in scope")
    equal(entry(ALICE, item.id)["subject"], "in scope")
    before = counts(BOB)
    raises(ErrorImpersonateUserDenied, lambda: create(acting_for(BOB, login=SCOPED), "out of scope"))
    equal(counts(BOB), before)


@step("a mailbox that is not there cannot be impersonated")
def _():
    raises(ErrorNonExistentMailbox, lambda: acting_for("nobody@lockstep.test").root)


@step("an alias is no primary address")
def _():
    raises(ErrorNonPrimarySmtpAddress, lambda: acting_for("al@lockstep.test").root)


@step("an alias is good as an address of any kind, and so is the principal name")
def _():
    item = create(alice, "named otherwise")
    for identity in (Identity(smtp_address="al@lockstep.test"), Identity(upn=ALICE)):
        account = acting_for(ALICE)
        account.identity = identity
        seq = last_seq()
        equal([each.subject for each in account.fetch([(item.id, None)], folder=alice.calendar, only_fields=["subject"])], ["named otherwise"])
        equal([each["mailbox"] for each in log_after(seq)], [ALICE])


@step("an identifier that means nobody is refused")
def _():
    item = create(alice, "unreachable")
    for identity, kind in (
        (Identity(upn="nobody@lockstep.test"), ErrorInvalidUserPrincipalName),
        (Identity(sid="S-1-5-21-1-2-3-4"), ErrorInvalidUserSid),
    ):
        account = acting_for(ALICE)
        account.identity = identity
        raises(kind, lambda who=account: list(who.fetch([(item.id, None)], folder=alice.calendar, only_fields=["subject"])))


@step("the anchor mailbox of a request does not decide for whom it acts")
def _():
    item = create(bob, "anchored")
    account = acting_for(BOB)
    service = GetItem(account=account)
    service._extra_headers = lambda: {"X-AnchorMailbox": ALICE}
    seq = last_seq()
    fields = [FieldPath(field=CalendarItem.get_field_by_fieldname("subject"))]
    (back,) = service.call(items=[(item.id, None)], additional_fields=fields, shape="IdOnly")
    equal((back.subject, log_after(seq)[-1]["mailbox"]), ("anchored", BOB))


run()
