#!/usr/bin/env python3
"""
A second evaluator of segment files, to check the first one by.

It is written from the description of the segment file alone and shares nothing with
the program but that description: whole files in memory, plain lists of dicts, every
condition worked out anew for every person.  Clear comes before fast here.

    twin.py -s SEGMENTS --as-of TIME [SOURCE=]FILE...     prints what it finds as JSON

An answer to a condition is True, False or None; None is "undecided".
Times are whole microseconds since 1970 UTC; numbers are whole millionths.
Text is Python text with bytes that are no UTF-8 as surrogates; by_bytes() sorts it as
the bytes it came from.
"""
import argparse
import fnmatch
import gzip
import hashlib
import ipaddress
import json
import os
import re
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import chains  # noqa: E402

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
EVER = float("inf")


class Refused(Exception):
    """Something this twin does not evaluate."""


def by_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def ascii_lower(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


# ---- times, durations, numbers

def micros(moment):
    gap = moment - EPOCH
    return (gap.days * 86400 + gap.seconds) * 1000000 + gap.microseconds


def local_midnight(day, zone):
    return micros(datetime(day.year, day.month, day.day, tzinfo=zone, fold=0))


def local_day(us, zone):
    return (EPOCH + timedelta(microseconds=us)).astimezone(zone).date()


TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z| UTC|[+-]\d\d(?::\d\d)?)?)?",
    re.ASCII)


def parse_time(text, zone):
    """-> (microseconds, is it a date alone), or None when the text is no time."""
    if re.fullmatch(r"[0-9]+", text):
        n = int(text)
        for limit, scale in ((10**11, 10**6), (10**14, 10**3), (10**17, 1)):
            if n < limit:
                return n * scale, False
        return None
    m = TIME.fullmatch(text)
    if not m:
        return None
    year, month, day, hour, minute, second, fraction, offset = m.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0),
                          int(second or 0), int(((fraction or "") + "000000")[:6]))
    except ValueError:
        return None
    if offset is None:
        moment = moment.replace(tzinfo=zone, fold=0)
    elif offset in ("Z", " UTC"):
        moment = moment.replace(tzinfo=timezone.utc)
    else:
        sign = -1 if offset[0] == "-" else 1
        gap = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6] or 0))
        moment = moment.replace(tzinfo=timezone(sign * gap))
    return micros(moment), hour is None


def number(text):
    """-> millionths, or None when the text is no number."""
    m = re.fullmatch(r"[ \t]*([+-]?)([0-9]{1,12})(?:\.([0-9]+))?[ \t]*", text)
    if not m:
        return None
    sign, whole, fraction = m.groups()
    n = int(whole) * 1000000 + int(((fraction or "") + "000000")[:6])
    return -n if sign == "-" else n


def json_number(value):
    return int(Decimal(str(value)) * 1000000)


def is_number(value):
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


# ---- tests of one field

TRUE_WORDS = ("true", "1", "yes", "y", "t")
FALSE_WORDS = ("false", "0", "no", "n", "f")


class Record:
    """Fields of one event or contact row; time is None for the latter."""

    def __init__(self, fields, zone, time=None):
        self.fields = fields
        self.zone = zone
        self.time = time
        self.ids = []

    def get(self, name):
        value = self.fields.get(name, "")
        if value == "":
            value = derived(self.fields, name)
        return value


def percent_decoded(text, plus=False):
    data = by_bytes(text.replace("+", " ") if plus else text)
    data = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), data)
    return data.decode("utf-8", "surrogateescape")


def url_parts(url):
    url = url.split("#", 1)[0]
    host = ""
    m = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?]*)", url)
    if m:
        host = ascii_lower(re.sub(r":[0-9]*$", "", m.group(1)))
        url = url[m.end():]
    path, _, query = url.partition("?")
    return host, path, query


def derived(fields, name):
    host, path, query = url_parts(fields.get("url", ""))
    if name == "host":
        return host
    if name == "path":
        return percent_decoded(path)
    if name == "query":
        return query
    if name == "referrer_host":
        return url_parts(fields.get("referrer", ""))[0]
    if re.fullmatch(r"utm_(source|medium|campaign|term|content)", name):
        name = "query." + name
    if name.startswith("query."):
        for part in query.split("&"):
            key, _, value = part.partition("=")
            if percent_decoded(key, True) == name[6:]:
                return percent_decoded(value, True)
    return ""


def equals(value, literal, fold):
    if isinstance(literal, bool):
        return ascii_lower(value) in (TRUE_WORDS if literal else FALSE_WORDS)
    if is_number(literal):
        return number(value) == json_number(literal)
    if fold:
        return ascii_lower(value) == ascii_lower(literal)
    return value == literal


def glob_holds(pattern, value):
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(glob_holds(pattern[1:], value[i:]) for i in range(len(value) + 1))
    return bool(value) and pattern[0] in ("?", value[0]) and glob_holds(pattern[1:], value[1:])


def in_networks(value, networks):
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    nets = [ipaddress.ip_network(n) for n in ([networks] if isinstance(networks, str) else networks)]
    return any(address.version == n.version and address in n for n in nets)


def age_holds(window, age):
    low = chains.duration_of(window["min"]) if "min" in window else 0
    high = chains.duration_of(window["max"]) if "max" in window else EVER
    return low <= age < high


class Tester:
    """Tests of fields need the as-of time and the file's zone, no more."""

    def __init__(self, as_of, zone):
        self.as_of = as_of
        self.zone = zone

    def record_passes(self, record, tests):
        """tests: {field: test, …} with all, any and not inside."""
        for key, test in tests.items():
            if key == "all":
                good = all(self.record_passes(record, t) for t in test)
            elif key == "any":
                good = any(self.record_passes(record, t) for t in test)
            elif key == "not":
                good = not self.record_passes(record, test)
            else:
                good = self.field_passes(record, record.get(key), test)
            if not good:
                return False
        return True

    def field_passes(self, record, value, test):
        if not isinstance(test, dict):
            test = {"in": test} if isinstance(test, list) else {"eq": test}
        fold = test.get("ignore_case", False)
        return all(self.operator_holds(record, value, op, want, fold)
                   for op, want in test.items() if op != "ignore_case")

    def operator_holds(self, record, value, op, want, fold):
        if op == "exists":
            return (value != "") == want
        if value == "":
            return False
        if op == "eq":
            return equals(value, want, fold)
        if op == "ne":
            return not equals(value, want, fold)
        if op == "in":
            return any(equals(value, w, fold) for w in want)
        if op == "not_in":
            return not any(equals(value, w, fold) for w in want)
        if op in ("gt", "gte", "lt", "lte"):
            n = number(value)
            return n is not None and compares(n, op, json_number(want))
        if op == "between":
            n = number(value)
            return n is not None and json_number(want[0]) <= n <= json_number(want[1])
        if op == "regex":
            flags = re.ASCII | (re.IGNORECASE if fold else 0)
            return re.search(want, value, flags) is not None
        if op in ("before", "after", "ago"):
            return self.time_holds(record, value, op, want)
        if op == "cidr":
            return in_networks(value, want)
        if fold:
            value, want = ascii_lower(value), ascii_lower(want)
        if op == "contains":
            return want in value
        if op == "starts_with":
            return value.startswith(want)
        if op == "ends_with":
            return value.endswith(want)
        if op == "glob":
            return glob_holds(want, value)
        raise Refused("operator " + op)

    def time_holds(self, record, value, op, want):
        parsed = parse_time(value, record.zone)
        if parsed is None:
            return False
        t = parsed[0]
        if op == "ago":
            return age_holds(want, self.as_of - t)
        bound = parse_time(want, self.zone)[0]
        return t < bound if op == "before" else t >= bound


def compares(n, op, bound):
    return {"gt": n > bound, "gte": n >= bound, "lt": n < bound, "lte": n <= bound,
            "eq": n == bound}[op]


# ---- reading files

def read_text(path):
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    return data.decode("utf-8", "surrogateescape")


def csv_records(text):
    """
    Yields (the record as it stands, its cells).  Quoted cells may hold line ends; blanks
    around a cell without quotes are none of it.
    """
    at = 0
    while at < len(text):
        start, cells, ended = at, [], False
        while not ended:
            cell = ""
            quoted = text[at:at + 1] == '"'
            if quoted:
                at += 1
                while True:
                    close = text.index('"', at)
                    cell += text[at:close]
                    at = close + 1
                    if text[at:at + 1] != '"':
                        break
                    cell += '"'
                    at += 1
            while at < len(text) and text[at] not in ",\n":
                cell += text[at]
                at += 1
            if text[at:at + 1] == ",":
                at += 1
            else:
                ended = True
                raw = text[start:at]
                at += 1
                if raw.endswith("\r"):
                    raw, cell = raw[:-1], cell[:-1]
            cells.append(cell if quoted else cell.strip(" \t"))
        if raw.strip(" \t") != "":
            yield raw, cells


WELL_KNOWN = {
    "time": "event_time timestamp ts datetime date_time created_at occurred_at event_timestamp"
            " invoicedate",
    "event": "event_type event_name action",
    "event_id": "message_id insert_id",
    "user_id": "userid customer_id customerid",
    "client_id": "visitorid visitor_id cookie_id anonymous_id user_pseudo_id",
    "session_id": "sessionid user_session ga_session_id",
    "email": "email_address e_mail",
    "phone": "phone_number mobile",
    "url": "page_location page_url uri",
    "referrer": "referer page_referrer",
    "ip": "ip_address remote_addr client_ip",
    "user_agent": "useragent",
    "product_id": "itemid item_id sku stockcode",
    "category": "category_code item_category",
    "value": "price revenue amount unitprice",
    "quantity": "qty",
    "order_id": "transactionid transaction_id invoiceno invoice_no",
    "percent": "video_percent progress",
    "country": "country_code",
    "device": "device_category",
}
OTHER_CANONICAL = "method status bytes brand currency campaign consent".split()
CONTACT_KNOWN = {k: WELL_KNOWN[k] for k in ("user_id", "client_id", "session_id", "email", "phone",
                                            "country")}
CONTACT_KNOWN.update({
    "first_name": "firstname given_name fn", "last_name": "lastname surname family_name ln",
    "city": "town ct", "region": "state province st", "postcode": "postal_code zip zip_code",
    "street": "address address1", "birth_date": "birthday dob", "gender": "sex gen",
    "mobile_id": "madid idfa gaid"})


def compared(header):
    return re.sub(r"[ .-]", "_", ascii_lower(header))


def column_names(headers, mapped, known, plain):
    """What each column is called: the mapping first, canonical names, well-known headers."""
    names = [None] * len(headers)
    taken = set()

    def take(field, holds):
        if field not in taken:
            for i, header in enumerate(headers):
                if names[i] is None and holds(header):
                    names[i] = field
                    taken.add(field)
                    return

    for field, header in mapped.items():
        take(field, lambda h: h == header)
        take(field, lambda h: compared(h) == compared(header))
    for field in list(known) + plain:
        take(field, lambda h: compared(h) == field)
    for field, words in known.items():
        take(field, lambda h: compared(h) in words.split())
    for i, header in enumerate(headers):
        if names[i] is None and header not in names:
            names[i] = header
    return names


def json_text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    raise Refused("nested JSON in an event")


class Source:
    """What came of the records of one source."""

    def __init__(self, definition, zone):
        self.definition = definition
        self.zone = zone
        self.records = []           # (raw text, Record), good ones
        self.read = self.rejected = self.dropped = 0

    def take(self, path):
        text = read_text(path)
        if text.lstrip()[:1] == "{":
            rows = self.json_rows(text)
        else:
            rows = self.csv_rows(text)
        for raw, fields in rows:
            self.read += 1
            record = fields and self.record(fields)
            if record:
                self.records.append((raw, record))
            else:
                self.rejected += 1

    def csv_rows(self, text):
        rows = csv_records(text)
        mapped = self.definition.get("fields", {})
        fill = self.definition.get("ragged") == "fill"
        names = column_names(next(rows)[1], mapped, WELL_KNOWN, OTHER_CANONICAL)
        for raw, cells in rows:
            yield raw, row_fields(names, cells, fill)

    def json_rows(self, text):
        for raw in text.split("\n"):
            if raw.strip(" \t\r") == "":
                continue
            try:
                obj = json.loads(raw, parse_int=str, parse_float=str)
            except ValueError:
                yield raw, None
                continue
            names = column_names(list(obj), self.definition.get("fields", {}), WELL_KNOWN,
                                 OTHER_CANONICAL)
            yield raw, {n: json_text(v) for n, v in zip(names, obj.values())}

    def record(self, fields):
        if fields.get("event", "") == "":
            fields["event"] = self.definition.get("event", "")
        parsed = parse_time(fields.get("time", ""), self.zone)
        if parsed is None or fields["event"] == "":
            return None
        return Record(fields, self.zone, parsed[0])

    def settle(self, as_of):
        """Leaves duplicates and the future out."""
        how = self.definition.get("dedupe")
        kept, best = [], {}
        for raw, record in self.records:
            key = raw if how == "record" else record.fields.get("event_id", "")
            if how is None or key == "":
                kept.append(record)
                continue
            rank = (record.time, by_bytes(raw))
            if key not in best or rank < best[key][0]:
                best[key] = (rank, record)
        kept += [record for _, record in best.values()]
        self.dropped += len(self.records) - len(kept)
        self.events = [r for r in kept if r.time <= as_of]
        self.dropped += len(kept) - len(self.events)

    @property
    def used(self):
        return self.read - self.rejected - self.dropped


def row_fields(names, cells, fill):
    """-> the fields of one CSV record; None rejects it."""
    if len(cells) < len(names) and not fill:
        return None
    if any(cell != "" for cell in cells[len(names):]):
        return None
    return {n: c for n, c in zip(names, cells) if n is not None}


# ---- people

class Person:
    def __init__(self, key):
        self.key = key
        self.events = []
        self.rows = []
        self.opted_out = False


class People:
    def __init__(self, definition):
        self.kinds = definition.get("ids", ["user_id", "email", "client_id"])
        self.link = definition.get("link", True)
        self.max_ids = definition.get("max_ids", 50)
        self.fallback = definition.get("fallback", [])
        self.ignored = definition.get("ignore", [])
        self.persons = {}

    def as_compared(self, kind, text):
        text = text.strip(" \t")
        return ascii_lower(text) if kind == "email" else text

    def id_of(self, kind, text):
        value = self.as_compared(kind, text)
        if value == "" or len(by_bytes(value)) > 512:
            return None
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            return None
        if value in (self.as_compared(kind, word) for word in self.ignored):
            return None
        return kind, value

    def ids_of(self, record):
        found = (self.id_of(kind, record.get(kind)) for kind in self.kinds)
        return [i for i in found if i]

    def durability(self, one):
        return self.kinds.index(one[0]), by_bytes(one[1])

    def assign(self, events, rows):
        """Every record to its person; those without one stay with nobody."""
        for record in events + rows:
            record.ids = self.ids_of(record)
        clusters = self.clusters(events + rows) if self.link else {}
        for record in events + rows:
            key = self.owner(record, clusters)
            if key is not None:
                person = self.persons.setdefault(key, Person(key))
                (person.rows if record.time is None else person.events).append(record)

    def clusters(self, records):
        """-> {id: the set of ids it is one with}."""
        cluster = {}
        for record in records:
            joined = set(record.ids)
            for one in record.ids:
                joined |= cluster.get(one, set())
            for one in joined:
                cluster[one] = joined
        return cluster

    def owner(self, record, clusters):
        if record.ids:
            cluster = clusters.get(record.ids[0], record.ids[:1])
            small = len(cluster) <= self.max_ids
            kind, value = min(cluster, key=self.durability) if small else record.ids[0]
            return kind + ":" + value
        values = [record.get(f) for f in self.fallback]
        if record.time is None or not values or "" in values:
            return None
        return "visitor:" + hashlib.sha256(by_bytes("\0".join(values))).hexdigest()[:16]

    def opt_out(self, cells):
        """Marks everyone on whose records one of these cells stands, plain or hashed."""
        plain = {kind: {self.as_compared(kind, c) for c in cells} for kind in self.kinds + ["email"]}
        hashed = {ascii_lower(c.strip(" \t")) for c in cells}
        for person in self.persons.values():
            for record in person.events + person.rows:
                ids = list(record.ids)
                ids.append(("email", self.as_compared("email", record.get("email"))))
                for kind, value in ids:
                    digest = hashlib.sha256(by_bytes(value)).hexdigest()
                    if value != "" and (value in plain[kind] or digest in hashed):
                        person.opted_out = True


# ---- conditions

def all_of(answers):
    answers = list(answers)
    return False if False in answers else None if None in answers else True


def any_of(answers):
    answers = list(answers)
    return True if True in answers else None if None in answers else False


def not_of(answer):
    return None if answer is None else not answer


def first_for_some(cond):
    """In the order of the file; None when there is none outside `not`."""
    if "for_some" in cond:
        return cond
    for inner in cond.get("all", []) + cond.get("any", []):
        found = first_for_some(inner)
        if found is not None:
            return found
    return None


class Evaluator:
    """persons: all of them, for ranks."""

    def __init__(self, definition, as_of, zone, persons):
        self.definition = definition
        self.persons = persons
        self.ranked = {}                # id of a rank condition -> the people who hold it
        self.timeout = chains.duration_of(definition.get("session", {}).get("timeout", "30m"))
        self.as_of = as_of
        self.zone = zone
        self.tester = Tester(as_of, zone)
        self.segments = {s["name"]: s for s in definition["segments"]}
        self.named = definition.get("events", {})

    # -- events

    def event_is(self, event, what):
        for one in what if isinstance(what, list) else [what]:
            if one == "*":
                return True
            if one in self.named:
                if self.named_event_is(event, self.named[one]):
                    return True
            elif event.fields["event"] == one:
                return True
        return False

    def named_event_is(self, event, named):
        raw = named["event"]
        raw = raw if isinstance(raw, list) else [raw]
        return (("*" in raw or event.fields["event"] in raw)
                and self.tester.record_passes(event, named.get("where", {})))

    def chosen(self, events, what, where):
        return [e for e in events
                if self.event_is(e, what) and self.tester.record_passes(e, where)]

    # -- windows

    def window_holds(self, cond, t):
        if "in_last" in cond and not 0 <= self.as_of - t < chains.duration_of(cond["in_last"]):
            return False
        if "ago" in cond and not age_holds(cond["ago"], self.as_of - t):
            return False
        if "on" in cond:
            start, end = self.calendar(cond["on"])
            if not start <= t < end:
                return False
        if "from" in cond and t < parse_time(cond["from"], self.zone)[0]:
            return False
        if "to" in cond and t >= self.end_of(cond["to"]):
            return False
        return True

    def end_of(self, text):
        us, whole_day = parse_time(text, self.zone)
        return local_midnight(date.fromisoformat(text) + DAY, self.zone) if whole_day else us

    def calendar(self, name):
        """-> [start, end) of a calendar window."""
        today = local_day(self.as_of, self.zone)
        now = self.as_of + 1
        first_weekday = 6 if self.definition.get("week_starts") == "sunday" else 0
        week = today - DAY * ((today.weekday() - first_weekday) % 7)
        month = today.replace(day=1)
        last = re.fullmatch(r"last_(\d+)_days", name)
        start, end = {
            "today": (today, None), "yesterday": (today - DAY, today),
            "this_week": (week, None), "last_week": (week - 7 * DAY, week),
            "this_month": (month, None), "last_month": ((month - DAY).replace(day=1), month),
        }.get(name) or (today - DAY * int(last.group(1)), today)
        return (local_midnight(start, self.zone),
                now if end is None else local_midnight(end, self.zone))

    def in_window(self, person, cond, events):
        """-> those of the events in the condition's window, or None: it has no anchor."""
        events = [e for e in events if self.window_holds(cond, e.time)]
        for anchor in ("since_last", "since_first", "before_last", "before_first"):
            if anchor not in cond:
                continue
            marks = self.chosen(person.events, cond[anchor], {})
            if not marks:
                return None
            at = (max if anchor.endswith("last") else min)(m.time for m in marks)
            after = anchor.startswith("since")
            events = [e for e in events if (e.time >= at if after else e.time <= at)
                      and not (e.time == at and e in marks)]
        return events

    # -- conditions of one person

    def answer(self, person, cond):
        if "all" in cond:
            return all_of(self.answer(person, c) for c in cond["all"])
        if "any" in cond:
            return any_of(self.answer(person, c) for c in cond["any"])
        if "not" in cond:
            return not_of(self.answer(person, cond["not"]))
        if "segment" in cond:
            return self.qualifies(person, self.segments[cond["segment"]])
        if "did" in cond:
            return self.did(person, cond)
        if "did_not" in cond:
            found = self.in_window(person, cond,
                                   self.chosen(person.events, cond["did_not"], cond.get("where", {})))
            return found is not None and not found
        if "last" in cond or "first" in cond:
            return self.last_or_first(person, cond, "last" if "last" in cond else "first")
        if "profile" in cond:
            return any(self.tester.record_passes(row, cond["profile"]) for row in person.rows)
        if "sequence" in cond:
            return chains.Sequence(self, person.events, cond).answer()
        if "session" in cond:
            return self.session(person, cond)
        if "for_some" in cond:
            return any_of(self.answer(part, cond["holds"])
                          for part in self.parts(person, cond["for_some"]).values())
        if "rank" in cond:
            if id(cond) not in self.ranked:
                self.ranked[id(cond)] = self.rank(cond)
            return person in self.ranked[id(cond)]
        raise Refused("condition with " + ", ".join(cond))

    def last_or_first(self, person, cond, which):
        events = self.chosen(person.events, cond[which], cond.get("where", {}))
        if not events:
            return False
        at = (max if which == "last" else min)(e.time for e in events)
        return (age_holds(cond.get("ago", {}), self.as_of - at)
                and any(self.tester.record_passes(e, cond.get("is", {}))
                        for e in events if e.time == at))

    def did(self, person, cond):
        events = self.in_window(person, cond,
                                self.chosen(person.events, cond["did"], cond.get("where", {})))
        if events is None:
            return False
        for measure in ("sum", "avg", "min", "max"):
            if measure in cond:
                return self.amount_holds(measure, events, cond)
        if "distinct" in cond:
            field = cond["distinct"]
            values = {str(local_day(e.time, self.zone)) if field == "@day" else e.get(field)
                      for e in events}
            n = len(values - {""})
        else:
            n = len(events)
        return self.count_holds(n, cond)

    def count_holds(self, n, cond):
        if "exactly" in cond:
            return n == cond["exactly"]
        least = cond.get("at_least", 0 if "at_most" in cond else 1)
        return least <= n <= cond.get("at_most", EVER)

    def amount_holds(self, measure, events, cond):
        numbers = [number(e.get(cond[measure])) for e in events]
        numbers = [n for n in numbers if n is not None]
        if not numbers and measure != "sum":
            return False
        times = 1
        if measure in ("sum", "avg"):
            amount = sum(numbers)
            times = len(numbers) if measure == "avg" else 1
        else:
            amount = min(numbers) if measure == "min" else max(numbers)
        return all(compares(amount, op, json_number(cond[op]) * times)
                   for op in ("gte", "gt", "lte", "lt", "eq") if op in cond)

    def session(self, person, cond):
        sessions = chains.sessions_of(person.events, self.timeout)
        which = {"first": sessions[:1], "last": sessions[-1:], "any": sessions}[cond["session"]]

        def refuse(why):
            raise Refused(why)

        return any(chains.session_passes(self, s, cond, refuse) for s in which)

    # -- for_some

    def parts(self, person, field):
        """-> {value: a person who has no events but those of that value}"""
        parts = {}
        for event in person.events:
            value = event.get(field)
            if value != "":
                parts.setdefault(value, Person(person.key)).events.append(event)
        return parts

    def values(self, person, segment):
        """The values that hold, of the first for_some of the match that is not under `not`."""
        cond = first_for_some(segment["match"])
        if cond is None:
            return []
        parts = self.parts(person, cond["for_some"])
        latest = {v: max(e.time for e in part.events) for v, part in parts.items()
                  if self.answer(part, cond["holds"]) is True}
        return sorted(latest, key=lambda v: (-latest[v], by_bytes(v)))

    # -- rank

    def rank(self, cond):
        """-> the people in the first so many, and those tied with the last of them"""
        places = []
        for person in self.persons:
            if "among" in cond and self.qualifies(person, self.segments[cond["among"]]) is not True:
                continue
            amount = self.amount_to_rank(person, cond["rank"])
            if amount is not None:
                places.append((amount, person))
        end = "top" if "top" in cond else "bottom"
        places.sort(key=lambda place: place[0], reverse=end == "top")
        n = cond[end]
        if isinstance(n, str):
            share = Fraction(n[:-1]) / 100 * len(places)
            n = -(-share.numerator // share.denominator)           # rounded up
        if not places:
            return []
        threshold = places[min(n, len(places)) - 1][0]
        if end == "top":
            return [person for amount, person in places if amount >= threshold]
        return [person for amount, person in places if amount <= threshold]

    def amount_to_rank(self, person, rank):
        """None for those without a place."""
        events = self.in_window(person, rank,
                                self.chosen(person.events, rank["of"], rank.get("where", {})))
        if not events:
            return None
        if "count" in rank:
            return len(events)
        measure = next(m for m in ("sum", "avg", "max") if m in rank)
        numbers = [number(e.get(rank[measure])) for e in events]
        numbers = [n for n in numbers if n is not None]
        if measure == "sum":
            return sum(numbers)
        if not numbers:
            return None
        return max(numbers) if measure == "max" else Fraction(sum(numbers), len(numbers))

    # -- segments

    def qualifies(self, person, segment):
        return all_of([self.answer(person, segment["match"])]
                      + [not_of(self.answer(person, c)) for c in segment.get("exclude", [])])

    def in_tier(self, person, segment):
        """Is this the segment of its tier that the person goes to?"""
        rivals = [s for s in self.segments.values()
                  if s.get("tier", "") == segment.get("tier", "") != ""]
        return not any(r["priority"] < segment["priority"] and self.qualifies(person, r) is True
                       for r in rivals)

    def consents(self, person, purpose):
        rule = self.definition["privacy"]["consent"][purpose]
        said = [(e.time, e.get(rule["field"])) for e in person.events]
        said += [(self.as_of, r.get(rule["field"])) for r in person.rows]
        said = [(t, v) for t, v in said if v != ""]
        if not said:
            return rule.get("absent", "deny") == "grant"
        latest = max(t for t, _ in said)
        return all(v in rule["granted"] for t, v in said if t == latest)

    def arm(self, person, segment):
        split = segment.get("split")
        if not split:
            return None
        seed = by_bytes(split["salt"] + "\0" + person.key)
        bucket = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % 10000
        end = 0
        for name, percent in split["arms"].items():
            end += int(Decimal(str(percent)) * 100)
            if bucket < end:
                return name
        return None

    def fate(self, person, segment):
        """-> (which count of the segment the person is in, its arm), or None."""
        whether = self.qualifies(person, segment)
        if whether is None:
            return "undecided", None
        if not whether or not self.in_tier(person, segment):
            return None
        if person.opted_out:
            return "opted_out", None
        if not all(self.consents(person, p) for p in segment.get("consent", [])):
            return "denied", None
        arm = self.arm(person, segment)
        return ("held_out" if arm == "holdout" else "listed"), arm


# ---- a whole run

def pick_source(definition, path):
    for source in definition.get("sources", []):
        patterns = source.get("files", [])
        patterns = [patterns] if isinstance(patterns, str) else patterns
        if any(fnmatch.fnmatchcase(os.path.basename(path), p) for p in patterns):
            return source["name"]
    raise Refused("input of no source")


def read_contacts(entry, folder, zone):
    rows = csv_records(read_text(os.path.join(folder, entry["file"])))
    names = column_names(next(rows)[1], entry.get("fields", {}), CONTACT_KNOWN, [])
    fields = (row_fields(names, cells, False) for _, cells in rows)
    return [Record(f, zone) for f in fields if f is not None]


def read_opt_outs(definition, folder):
    cells = []
    for entry in definition.get("privacy", {}).get("opt_out", []):
        for _, row in csv_records(read_text(os.path.join(folder, entry["file"]))):
            cells += row
    return [c for c in cells if c.strip(" \t") != ""]


def run(segment_file, as_of_text, inputs):
    with open(segment_file, encoding="utf-8") as f:
        definition = json.load(f, parse_float=Decimal)
    folder = os.path.dirname(segment_file)
    zone = ZoneInfo(definition.get("timezone", "UTC"))
    as_of = parse_time(as_of_text, zone)[0]

    sources = {}
    for text in inputs:
        name, equal, path = text.partition("=")
        if not equal:
            name, path = pick_source(definition, text), text
        if name not in sources:
            entry = next(s for s in definition["sources"] if s["name"] == name)
            sources[name] = Source(entry, ZoneInfo(entry.get("timezone", str(zone))))
        sources[name].take(path)

    people = People(definition.get("people", {}))
    rows = []
    for entry in definition.get("people", {}).get("contacts", []):
        rows += read_contacts(entry, folder, zone)
    for source in sources.values():
        source.settle(as_of)
    events = [e for s in sources.values() for e in s.events]
    people.assign(events, rows)
    owned = {id(e) for p in people.persons.values() for e in p.events}
    for source in sources.values():
        source.dropped += sum(id(e) not in owned for e in source.events)
    people.opt_out(read_opt_outs(definition, folder))

    evaluator = Evaluator(definition, as_of, zone, list(people.persons.values()))
    return {
        "people": len(people.persons),
        "sources": {n: {"read": s.read, "used": s.used, "dropped": s.dropped,
                        "rejected": s.rejected} for n, s in sources.items()},
        "segments": {s["name"]: segment_result(evaluator, people, s)
                     for s in definition["segments"]},
    }


COUNTS = ("undecided", "members", "opted_out", "denied", "held_out", "listed")


def segment_result(evaluator, people, segment):
    counts = dict.fromkeys(COUNTS, 0)
    lists = {arm: [] for arm in segment.get("split", {}).get("arms", {})}
    lists[""] = []                                # the list without an arm in its name
    values = {}                                   # of for_some, for those who are listed
    for person in people.persons.values():
        fate = evaluator.fate(person, segment)
        if fate is None:
            continue
        count, arm = fate
        counts[count] += 1
        counts["members"] += count != "undecided"
        if count == "listed":
            lists[""].append(person.key)
            values[person.key] = evaluator.values(person, segment)
        if arm is not None and count in ("listed", "held_out"):
            lists[arm].append(person.key)
    return {"counts": counts, "lists": {a: sorted(k, key=by_bytes) for a, k in lists.items()},
            "values": values}


def main():
    options = argparse.ArgumentParser(description="A second evaluator of segment files.")
    options.add_argument("-s", "--segments", required=True)
    options.add_argument("--as-of", required=True)
    options.add_argument("inputs", nargs="*")
    args = options.parse_args()
    json.dump(run(args.segments, args.as_of, args.inputs), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
