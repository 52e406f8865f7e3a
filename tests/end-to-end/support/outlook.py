"""A calendar client that this project did not write (exchangelib) as a small command: one JSON request a line on
standard input, one JSON answer a line on standard output. It stands for Outlook in the end-to-end tests."""

import datetime
import json
import sys
import warnings

from exchangelib import BASIC, DELEGATE, Account, Build, CalendarItem, Configuration, Credentials, EWSDate, EWSDateTime, EWSTimeZone, Version

warnings.simplefilter("ignore")


def connect(url, address, password):
    config = Configuration(
        service_endpoint=url,
        credentials=Credentials(address, password),
        auth_type=BASIC,
        version=Version(Build(15, 1, 2507, 6)),
    )
    return Account(primary_smtp_address=address, config=config, autodiscover=False, access_type=DELEGATE)


def instant(text, zone):
    utc = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return EWSDateTime.from_datetime(utc).astimezone(zone)


def fields_of(request):
    zone = EWSTimeZone(request.get("zone", "Europe/Oslo"))
    fields = {}
    for name in ("subject", "location", "body"):
        if name in request:
            fields[name] = request[name]
    if "busy" in request:
        fields["legacy_free_busy_status"] = request["busy"]
    if request.get("allDay"):
        fields.update(start=EWSDate.fromisoformat(request["start"]), end=EWSDate.fromisoformat(request["end"]), is_all_day=True)
    elif "start" in request:
        fields.update(start=instant(request["start"], zone), end=instant(request["end"], zone))
    return fields


def told(item):
    return {
        "id": item.id,
        "changeKey": item.changekey,
        "subject": item.subject,
        "location": item.location,
        "body": None if item.body is None else str(item.body),
        "start": item.start.isoformat() if item.start else None,
        "end": item.end.isoformat() if item.end else None,
        "allDay": bool(item.is_all_day),
        "busy": item.legacy_free_busy_status,
    }


class Outlook:
    def __init__(self, account):
        self.account = account

    def create(self, request):
        item = CalendarItem(account=self.account, folder=self.account.calendar, **fields_of(request))
        item.save(send_meeting_invitations="SendToNone")
        return {"id": item.id, "changeKey": item.changekey}

    def change(self, request):
        item = self.account.calendar.get(id=request["id"])
        fields = fields_of(request)
        for name, value in fields.items():
            setattr(item, name, value)
        item.save(update_fields=list(fields), send_meeting_invitations="SendToNone")
        return {"id": item.id, "changeKey": item.changekey}

    def delete(self, request):
        item = self.account.calendar.get(id=request["id"])
        item.move_to_trash(send_meeting_cancellations="SendToNone")
        return {}

    def list(self, _request):
        return {"items": [told(item) for item in self.account.calendar.all()]}

    def sync(self, request):
        changes = self.account.calendar.sync_items(sync_state=request.get("syncState"), only_fields=["subject"])
        seen = []
        for kind, item in changes:
            identity = item[0].id if isinstance(item, tuple) else item.id
            seen.append({"kind": kind, "id": identity})
        return {"changes": seen, "syncState": self.account.calendar.item_sync_state}


def main():
    url, address, password = sys.argv[1:4]
    outlook = Outlook(connect(url, address, password))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, "value": getattr(outlook, request["do"])(request)}
        except Exception as error:  # told to the test, which decides
            answer = {"ok": False, "error": type(error).__name__, "message": str(error)}
        print(json.dumps(answer), flush=True)


main()
