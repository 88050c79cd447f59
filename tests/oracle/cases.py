"""
Seeded random cases: a segment file, events, contacts, opt-outs.

Small and adversarial: few people, few names, and times that fall on the bounds of the
very windows the segments ask for, a microsecond before and after them: the definition is
made first and notes the bounds it uses.

A case is plain data (JSON in and out), so that a failing one can be cut down:

    {"as_of", "definition",
     "files":    [{"name", "source", "form": "csv"|"jsonl", "columns", "rows", "ends"}],
     "contacts": [{"name", "columns", "rows"}],
     "opt_outs": [{"name", "rows"}]}

A row is a list of texts; None is an absent JSON key and an empty CSV cell.
"""
import hashlib
import json
import random
import zlib
import os
import re
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from chaincases import GAPS, KINDS, ChainMaker  # noqa: E402

EVENTS = ["view", "cart", "buy", "login"]
FIELDS = ["product_id", "value", "plan", "when", "ip", "url", "country", "consent"]
NUMBERS = ["1", "10", "10.0", "2.5", "-3", "0", "1e3", " 12 ", "+5", "1.1234567", ".5", "-0",
           "999999999999.999999", "1234567890123", "1,234", "abc", "2.500000", "2.4999999", "007",
           "-1.1234567", "\t7", "1.", "--1", "0x10"]
PLANS = ["pro", "Pro", "free", "PRO plus", "a*b", "yes", "NO", "1", "0", "caf\u00e9", "T", "x,y",
         "say \"hi\"", "two\nlines", " pad ", " pro", "10", "10.00"]
URLS = ["https://Shop.Example:8080/a%20b/c?x=1&x=2&utm_source=News+Letter#f",
        "https://shop.example/p/1?y=a%2Bb", "/only/path?x=3&utm_medium=cpc", "https://m.shop.example/",
        "https://shop.example/p/2?x=&utm_campaign=%41", "http://shop.example/sale?utm_term=a%26b"]
IPS = ["10.0.0.1", "10.0.255.255", "10.1.0.0", "192.168.1.7", "2001:db8::1", "2001:db8:1::1", "host"]
COUNTRIES = ["DE", "de", "AT", "IT"]
CONSENTS = ["1", "0", "yes", "granted", "Yes"]
PRODUCTS = ["p1", "p2", "P1", "p3"]
DURATIONS = ["1s", "90m", "1h", "6h", "1d", "2d", "7d", "1w", "30d"]
CALENDAR = ["today", "yesterday", "this_week", "last_week", "this_month", "last_month",
            "last_1_days", "last_3_days", "last_7_days"]
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
# Zones with the moments around which their days have other than 24 hours.
MOMENTS = [("UTC", "2024-03-01T12:00:00Z"), ("Europe/Rome", "2024-04-01T00:30:00Z"),
           ("Europe/Rome", "2024-10-27T09:00:00Z"), ("America/New_York", "2024-11-03T23:10:00Z"),
           ("Australia/Lord_Howe", "2024-04-07T20:00:00Z"), ("Asia/Kolkata", "2023-12-31T18:30:00Z"),
           ("America/Sao_Paulo", "2017-10-15T20:00:00Z"), ("Africa/Cairo", "2024-04-26T15:00:00Z"),
           ("Pacific/Apia", "2012-01-02T01:00:00Z"), ("UTC", "2024-02-29T00:00:00Z"),
           ("Asia/Beirut", "2024-03-31T06:00:00Z"), ("America/St_Johns", "2005-10-30T12:00:00Z")]
# Local times that those zones have twice or not at all.
ODD_TIMES = {"Europe/Rome": ["2024-10-27T02:30:00", "2024-03-31T02:30:00"],
             "America/New_York": ["2024-11-03T01:30:00"],
             "Australia/Lord_Howe": ["2024-04-07T01:45:00"],
             "America/Sao_Paulo": ["2017-10-15T00:30:00", "2017-10-15T00:00:00"],
             "Africa/Cairo": ["2024-04-26T00:30:00"], "Asia/Beirut": ["2024-03-31T00:30:00"],
             "Pacific/Apia": ["2011-12-30T12:00:00"], "America/St_Johns": ["2005-10-29T23:30:00"]}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def seconds_of(text):
    return int(text[:-1]) * SECONDS[text[-1]]


class Maker(ChainMaker):
    """
    kinds: which of the conditions of chaincases to make besides the plain ones;
    share: how many of all conditions are one of them.
    """

    def __init__(self, seed, kinds=tuple(KINDS), share=0.45):
        self.r = random.Random(seed)
        self.segments = []
        self.kinds = list(kinds)
        self.share = share
        self.gaps = []
        self.inside = False              # a for_some: not every condition may stand there

    def maybe(self, chance):
        return self.r.random() < chance

    def some(self, items, least=1, most=3):
        return self.r.sample(items, min(len(items), self.r.randint(least, most)))

    # ---- times

    def set_times(self):
        self.zone_name, text = self.r.choice(MOMENTS)
        self.zone = ZoneInfo(self.zone_name)
        now = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if self.maybe(0.3):
            now += timedelta(microseconds=self.r.choice([1, 999999, 500000]))
        self.now = round((now - EPOCH) / timedelta(microseconds=1))
        self.as_of = self.iso(self.now)
        self.today = now.astimezone(self.zone).date()
        bounds = [self.now] * 3
        bounds += [self.now - seconds_of(d) * 1000000 for d in DURATIONS]
        for days in (0, 1, 2, 3, 6, 7, 8, 13, 14):
            bounds.append(self.midnight(self.today - timedelta(days=days)))
        month = self.today.replace(day=1)
        bounds += [self.midnight(month), self.midnight((month - timedelta(days=1)).replace(day=1))]
        self.bounds = bounds
        self.used = []

    def day(self, us):
        return (EPOCH + timedelta(microseconds=us)).astimezone(self.zone).date()

    def midnight(self, day):
        at = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return round((at - EPOCH) / timedelta(microseconds=1))

    def iso(self, us, zone=timezone.utc, with_zone=True, sep="T"):
        at = (EPOCH + timedelta(microseconds=us)).astimezone(zone)
        text = at.strftime("%Y-%m-%d" + sep + "%H:%M:%S")
        if at.microsecond or self.maybe(0.1):
            text += ".%06d" % at.microsecond
            if self.maybe(0.2):
                text += "9"
            elif self.maybe(0.3):
                text = text.rstrip("0").rstrip(".")
        if not with_zone:
            return text
        offset = int(at.utcoffset().total_seconds())
        if offset == 0:
            return text + self.r.choice(["Z", " UTC", "+00:00", "-00"])
        hours, minutes = divmod(abs(offset) // 60, 60)
        return text + "%s%02d:%02d" % ("+" if offset > 0 else "-", hours, minutes)

    def set_instants(self):
        """The few instants of all events and other times: few, so that there are ties."""
        if self.busy and self.gaps and self.maybe(0.7):
            start = self.r.choice([self.now, self.r.choice(self.used or self.bounds)])
            self.instants = self.spread([start]) + self.spread([start]) + [start]
            return
        self.instants = (self.r.choices(self.used or self.bounds, k=self.r.randint(2, 8))
                         + self.some(self.bounds, 1, 4)
                         + [self.now - self.r.randint(0, 40 * 86400) * 1000000])
        self.instants += self.spread(self.instants) + self.spread([self.now])

    def instant(self):
        return self.r.choice(self.instants) + self.r.choice([0] * 6 + [1, -1, 1000000, -3600000000])

    def duration(self, text):
        self.used.append(self.now - seconds_of(text) * 1000000)
        return text

    def calendar(self, name):
        """Notes where the window begins and ends, by and large: all bounds of days are tried."""
        days = {"today": (0,), "yesterday": (0, 1), "last_1_days": (0, 1), "last_3_days": (0, 3),
                "last_7_days": (0, 7)}.get(name)
        month = self.today.replace(day=1)
        if name.endswith("week"):
            behind = (self.today.weekday() + (self.sunday and 1)) % 7
            starts = [self.today - timedelta(days=behind + d) for d in (0, 7)]
        elif name.endswith("month"):
            starts = [month, (month - timedelta(days=1)).replace(day=1)]
        else:
            starts = [self.today - timedelta(days=d) for d in days]
        self.used += [self.midnight(day) for day in starts] + [self.now]
        return name

    def odd_time(self, zone):
        """The text if the zone has one, and notes its neighbours."""
        texts = ODD_TIMES.get(zone.key)
        if not texts or self.maybe(0.92):
            return None
        text = self.r.choice(texts)
        for fold in (0, 1):
            at = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
            self.used.append(round((at - EPOCH) / timedelta(microseconds=1)))
        return text

    def time_text(self, zone):
        odd = self.odd_time(zone)
        if odd:
            return odd
        us = self.instant()
        form = self.r.randrange(8)
        if form < 3:
            return self.iso(us)
        if form == 3:
            return self.iso(us, zone, True, self.r.choice("T "))
        if form in (4, 5):
            return self.iso(us, zone, False, self.r.choice("T "))
        if form == 6:
            return str(us) if us >= 10**14 else self.iso(us)
        if self.maybe(0.5):
            return self.iso(us, zone, False)[:10]
        return str(us // 1000000) if self.maybe(0.5) else str(us // 1000)

    # ---- events and people

    def make_ids(self):
        self.crowd = self.maybe(0.12)    # many people of few events each
        self.busy = self.crowd or self.maybe(0.4)   # else one person with most of the events
        self.few_gaps = self.some(GAPS, 2, 3)
        self.users = ["u%d" % i for i in range(1 if self.busy else self.r.randint(2, 5))]
        self.users += ["0"] * (not self.busy or self.maybe(0.3))
        self.emails = ["a@x.it", "A@X.it", "b@x.it", "B@x.IT ", "test@example.com", "c@x.it"]
        self.clients = ["c%d" % i for i in range(2 if self.busy else self.r.randint(2, 6))]
        self.clients += ["u1", "null"]

    def id_cells(self):
        """user_id, email, client_id: mostly one or two of them."""
        user = self.r.choice(self.users) if self.maybe(0.75 if self.busy else 0.45) else ""
        email = self.r.choice(self.emails) if self.maybe(0.25) else ""
        client = self.r.choice(self.clients) if self.maybe(0.6) else ""
        cells = [user, email, client]
        if self.maybe(0.04):
            cells[self.r.randrange(3)] = self.r.choice(["x" * 512, "x" * 513, "bad\x01id", " ", "\tu1 "])
        return cells

    def value_of(self, field):
        if self.maybe(0.2):
            return ""
        if self.busy and field == "product_id":
            return self.r.choice(PRODUCTS[:2])
        if field == "value":
            return self.r.choice(NUMBERS)
        if field == "when":
            return self.time_text(self.zone) if self.maybe(0.85) else "soon"
        return self.r.choice({"product_id": PRODUCTS, "plan": PLANS, "ip": IPS, "url": URLS,
                              "country": COUNTRIES, "consent": CONSENTS}[field])

    def event_row(self, zone, fields):
        time = self.time_text(zone) if self.maybe(0.98) else self.r.choice(["", "never", "2024-13-01"])
        name = self.r.choice(EVENTS[:3] if self.busy else EVENTS) if self.maybe(0.97) else ""
        number = self.r.choice(["", "e1", "e2", "e%d" % self.r.randrange(40)])
        return [time, name, number] + self.id_cells() + [self.value_of(f) for f in fields]

    def crowd_rows(self, zone, fields):
        rows = []
        for i in range(self.r.randint(10, 30)):
            for _ in range(self.r.randint(1, 5)):
                row = self.event_row(zone, fields)
                row[3:6] = ["k%d" % i, "", "k%d" % i]
                rows.append(row)
        return rows

    def make_source(self, name):
        source = {"name": name, "files": [name + "*"]}
        zone = self.zone
        if self.maybe(0.3):
            source["timezone"] = self.r.choice(MOMENTS)[0]
            zone = ZoneInfo(source["timezone"])
        if self.maybe(0.3):
            source["event"] = self.r.choice(EVENTS)
        if self.maybe(0.4):
            source["dedupe"] = self.r.choice(["event_id", "record"])
        fields = list(FIELDS)
        self.r.shuffle(fields)
        header = ["time", "event", "event_id", "user_id", "email", "client_id"] + fields
        style = self.r.randrange(3)
        if style == 1:
            known = {"time": "Event Time", "event": "event_type", "user_id": "Customer-ID",
                     "email": "E-Mail", "client_id": "visitorid", "value": "Price", "event_id":
                     "insert.id", "product_id": "SKU"}
            header = [known.get(h, h) for h in header]
        elif style == 2:
            source["fields"] = {"time": "T", "event": "What", "plan": "Tariff", "value": "amount"}
            header = [source["fields"].get(h, h) for h in header]
        files = []
        if self.maybe(0.7):
            source["format"] = self.r.choice(["csv", "csv", "jsonl"])
            if source["format"] == "csv" and self.maybe(0.3):
                source["ragged"] = "fill"
        for i in range(self.r.randint(1, 2)):
            form = source.get("format") or self.r.choice(["csv", "csv", "jsonl"])
            rows = [self.event_row(zone, fields)
                    for _ in range(self.r.randint(4 if self.busy else 1, 22))]
            if self.crowd:
                rows = self.crowd_rows(zone, fields)
            for row in list(rows):
                if self.maybe(0.08):
                    rows.append(list(row))
                elif self.maybe(0.05):
                    rows.append(row[:3] + self.id_cells() + row[6:])
            self.r.shuffle(rows)
            if form == "csv":
                if "format" in source:   # else recognised by looking, for which it is too short
                    rows = [self.ragged(row) for row in rows]
            else:
                rows = [[None if c == "" and self.maybe(0.5) else c for c in row] for row in rows]
            files.append({"name": "%s%d.%s" % (name, i, form), "source": name, "form": form,
                          "columns": header, "rows": rows,
                          "ends": self.r.choice(["\n", "\n", "\r\n"])})
        return source, files

    def ragged(self, row):
        if self.maybe(0.02):
            return row[:-self.r.randint(1, 3)]
        if self.maybe(0.02):
            return row + [self.r.choice(["", "more"])]
        return row

    def make_contacts(self):
        columns = ["email", "user_id", "client_id", "plan", "value", "when", "consent", "country"]
        entry = {"file": "contacts.csv"}
        rows = []
        for _ in range(self.r.randint(1, 8)):
            user, email, client = self.id_cells()
            rows.append([email, user, client if self.maybe(0.3) else ""]
                        + [self.value_of(f) for f in columns[3:]])
        if self.maybe(0.5):
            entry["fields"] = {"email": "Mail", "user_id": "Customer No"}
            columns = ["Mail", "Customer No"] + columns[2:]
        return entry, {"name": "contacts.csv", "columns": columns, "rows": rows}

    def make_opt_outs(self):
        rows = [[self.r.choice(["id", "email"])]] if self.maybe(0.5) else []
        for _ in range(self.r.randint(1, 3)):
            word = self.r.choice(self.r.choice([self.users, self.emails, self.clients]))
            if self.maybe(0.4):
                word = word.strip()
                word = hashlib.sha256((word.lower() if "@" in word else word).encode()).hexdigest()
            rows.append([word])
        if self.maybe(0.3):
            rows = [row + [self.r.choice(self.users + [""])] for row in rows]
        return {"name": "optout.csv", "rows": rows}

    # ---- tests

    def number_literal(self):
        return self.r.choice([0, 1, 5, 7, 10, 2.5, -3, 12, 1.123456, -1.123456, 0.5, 7.000001])

    def time_literal(self):
        odd = self.odd_time(self.zone)
        if odd:
            return odd
        us = self.r.choice(self.bounds)
        self.used.append(us)
        form = self.r.randrange(3)
        return (self.iso(us), self.iso(us, self.zone, False),
                self.iso(us, self.zone, False)[:10])[form]

    def age(self):
        low, high = sorted(self.r.sample(DURATIONS[:-3] + ["7d", "30d"], 2), key=seconds_of)
        self.duration(low)
        self.duration(high)
        if seconds_of(low) == seconds_of(high):
            return {"min": low}
        return self.r.choice([{"min": low}, {"max": high}, {"min": low, "max": high}])

    def time_test(self):
        return self.r.choice([{"before": self.time_literal()}, {"after": self.time_literal()},
                              {"ago": self.age()}])

    def number_test(self):
        one, two = sorted([self.number_literal(), self.number_literal()])
        return self.r.choice([one, [one, two], {self.r.choice(["gt", "gte", "lt", "lte"]): one},
                              {"between": [one, two]}, {"ne": one}, {"gte": one, "lt": round(two + 1, 6)},
                              {"not_in": [one, "abc"]}, {"eq": one}])

    def text_test(self, values):
        word = self.r.choice(values)
        part = word[self.r.randrange(len(word)):][:3]
        test = self.r.choice([
            word, self.some(values, 1, 3), {"eq": word}, {"ne": word}, {"in": self.some(values)},
            {"not_in": self.some(values)}, {"contains": part}, {"starts_with": word[:2]},
            {"ends_with": part}, {"glob": self.glob(word)}, {"regex": self.regex(word)}, True, False,
            {"ne": True}, {"contains": part, "ne": word}, {"in": [word, 10, True]}])
        if isinstance(test, dict) and self.maybe(0.35) and not any(
                isinstance(v, bool) or isinstance(v, list) and True in v for v in test.values()):
            test["ignore_case"] = True
        return test

    def glob(self, word):
        at = self.r.randrange(len(word))
        return self.r.choice(["*" + word[at:], word[:at] + "?" + word[at + 1:], word[:at] + "*", "*",
                              "?*?", "*" + word[at] + "*", "?" * len(word)])

    def regex(self, word):
        plain = re.match("[A-Za-z0-9]*", word).group()[:3] or "a"
        return self.r.choice(["^" + plain, plain + "$", "[a-p]+", plain + "|free", r"\d", "^.{3}$",
                              "(p|r)+o", r"^[^0-9]*$", r"\bpro\b", "^PRO", "[b-f]$"])

    def field_test(self, fields=FIELDS):
        """-> {field: test}"""
        field = self.r.choice(fields)
        if self.maybe(0.12):
            return {field: {"exists": self.maybe(0.5)}}
        if field == "value":
            return {field: self.number_test() if self.maybe(0.8) else self.text_test(NUMBERS)}
        if field == "when":
            return {field: self.time_test()}
        if field == "ip":
            return {field: {"cidr": self.r.choice(["10.0.0.0/16", ["10.1.0.0/24", "192.168.0.0/16"],
                                                   "2001:db8::/48", "0.0.0.0/0", "10.0.0.1/32"])}}
        if field == "url":
            field, values = self.r.choice([
                ("host", ["shop.example", "m.shop.example"]), ("path", ["/a b/c", "/only/path", "/"]),
                ("query.x", ["1", "2", "3"]), ("utm_source", ["News Letter"]), ("utm_term", ["a&b"]),
                ("query", ["y=a%2Bb"]), ("query.y", ["a+b", "a b"]), ("utm_campaign", ["A"])])
            return {field: self.text_test(values)}
        return {field: self.text_test({"product_id": PRODUCTS, "plan": PLANS, "country": COUNTRIES,
                                       "consent": CONSENTS}[field])}

    def where(self, depth=0, fields=FIELDS):
        tests = {}
        for _ in range(self.r.choice([1, 1, 1, 2])):
            tests.update(self.field_test(fields))
        if fields is FIELDS and self.maybe(0.06):
            tests["event"] = self.r.choice(EVENTS)
        if fields is FIELDS and self.maybe(0.04):
            tests["time"] = self.time_test()
        if depth < 2 and self.maybe(0.3):
            key = self.r.choice(["all", "any", "not"])
            inner = [self.where(depth + 1, fields) for _ in range(2)]
            tests[key] = inner[0] if key == "not" else inner
        return tests

    # ---- conditions

    def what(self):
        names = EVENTS[:3] * 2 if self.busy else EVENTS + list(self.named)
        if self.busy and self.maybe(0.2):
            names = EVENTS + list(self.named)
        roll = self.r.random()
        if roll < 0.12:
            return "*"
        if roll < 0.3:
            return self.some(names, 1, 3)
        return self.r.choice(names)

    def window(self, anchors=True):
        window = {}
        roll = self.r.randrange(7)
        if roll == 0:
            window["in_last"] = self.duration(self.r.choice(DURATIONS))
        elif roll == 1:
            window["ago"] = self.age()
        elif roll in (2, 3):
            window["on"] = self.calendar(self.r.choice(CALENDAR))
        elif roll == 4:
            one, two = sorted([self.r.choice(self.bounds), self.r.choice(self.bounds)])
            if self.maybe(0.7):
                window["from"] = self.iso(one, self.zone, self.maybe(0.5))
                if self.maybe(0.5):
                    window["from"] = self.iso(one, self.zone, False)[:10]
                self.used.append(one)
            if self.maybe(0.7) or not window:
                later = two + 2 * 86400000000 if window else two
                window["to"] = self.iso(later, self.zone, self.maybe(0.5))
                if self.maybe(0.5):
                    window["to"] = self.iso(later, self.zone, False)[:10]
                self.used += [later, self.midnight(self.day(later) + timedelta(days=1))]
            elif self.maybe(0.4):
                window["from"] = self.time_literal()
        if anchors and self.maybe(0.3):
            window[self.r.choice(["since_last", "since_first", "before_last", "before_first"])] = \
                self.what()
        return window

    def measure(self):
        roll = self.r.randrange(8)
        if roll < 2:
            return {}
        if roll < 5:
            low, high = sorted([self.r.randint(0, 3), self.r.randint(1, 4)])
            counts = self.r.choice([{"at_least": max(low, 1)}, {"at_most": high},
                                    {"at_least": max(low, 1), "at_most": max(high, 1)},
                                    {"exactly": low}])
            if self.maybe(0.5):
                counts["distinct"] = self.r.choice(["@day", "product_id", "value", "host", "plan"])
            return counts
        bound = {self.r.choice(["gte", "gt", "lte", "lt", "eq"]): self.number_literal()}
        if self.maybe(0.25):
            bound = {"gte": self.number_literal(), "lt": 13}
        return {self.r.choice(["sum", "avg", "avg", "min", "max"]): "value", **bound}

    def condition(self, depth=0):
        roll = self.r.random()
        if depth < 3 and roll < 0.28:
            key = self.r.choice(["all", "any", "not"])
            if key == "not":
                return {"not": self.condition(depth + 1)}
            return {key: [self.condition(depth + 1) for _ in range(self.r.randint(1, 3))]}
        if roll < 0.33 and self.segments and not self.inside:
            return {"segment": self.r.choice(self.segments)["name"]}
        if self.kinds and self.maybe(self.share):
            kind = self.r.choice(self.kinds)
            if kind == "sequence" or not self.inside:
                return getattr(self, kind)()
        if roll < 0.58:
            cond = {"did": self.what(), **self.measure(), **self.window()}
        elif roll < 0.75:
            cond = {"did_not": self.what(), **self.window()}
        elif roll < 0.9 or not self.has_contacts or self.inside:
            cond = {self.r.choice(["last", "first"]): self.what()}
            if self.maybe(0.6):
                cond["ago"] = self.age()
            if self.maybe(0.5) or len(cond) == 1:
                cond["is"] = self.where(1)
        else:
            return {"profile": self.where(1, ["plan", "value", "when", "country", "consent"])}
        if self.maybe(0.35):
            cond["where"] = self.where()
        return cond

    def make_segment(self, number, purposes):
        segment = {"name": "s%d" % number, "match": self.condition(self.r.choice([0, 2, 3, 3]))}
        if self.maybe(0.25):
            segment["exclude"] = [self.condition(1) for _ in range(self.r.randint(1, 2))]
        if self.maybe(0.35):
            segment["tier"] = self.r.choice(["gold", "blue"])
            segment["priority"] = self.priorities.pop()
        if purposes and self.maybe(0.3):
            segment["consent"] = self.some(purposes, 1, 2)
        if self.maybe(0.25):
            segment["split"] = {"salt": self.r.choice(["x", "june"]), "arms": self.r.choice([
                {"holdout": 50, "a": 50}, {"a": 33.33, "holdout": 33.33, "b": 20}, {"b": 60},
                {"holdout": 100}, {"a": 0.01, "b": 99.99}])}
        self.segments.append(segment)

    # ---- the whole

    def make(self, nsegments=14):
        self.set_times()
        self.make_ids()
        definition = {"version": 1, "timezone": self.zone_name}
        case = {"as_of": self.as_of, "definition": definition, "files": [], "contacts": [],
                "opt_outs": []}
        if self.maybe(0.4):
            definition["week_starts"] = self.r.choice(["monday", "sunday"])
        if self.maybe(0.6):
            usual = [g for g in self.few_gaps if g != "0s"]
            timeout = self.r.choice(usual if self.busy and usual else ["1s", "1m", "90m", "1h", "1d"])
            definition["session"] = {"timeout": timeout}
            self.gaps.append(seconds_of(timeout) * 1000000)
        self.sunday = definition.get("week_starts") == "sunday"
        self.make_definition(definition, case, nsegments)
        self.set_instants()
        definition["sources"] = []
        for name in ("shop", "web")[:self.r.randint(1, 2)]:
            source, files = self.make_source(name)
            definition["sources"].append(source)
            case["files"] += files
        people = self.make_people()
        if self.has_contacts:
            entry, contacts = self.make_contacts()
            people["contacts"] = [entry]
            case["contacts"].append(contacts)
        if people:
            definition["people"] = people
        return case

    def make_definition(self, definition, case, nsegments):
        self.named = {}
        if self.maybe(0.6):
            self.named = {"big": {"event": "cart", "where": self.where()},
                          "buy": {"event": self.r.choice(["cart", "*", ["buy", "view"]])}}
            definition["events"] = self.named
        self.has_contacts = self.maybe(0.6)
        purposes = self.make_privacy(case)
        self.priorities = list(range(1, nsegments + 1))
        self.r.shuffle(self.priorities)
        for i in range(nsegments):
            self.make_segment(i, purposes)
        definition["segments"] = self.segments

    def make_people(self):
        people = {}
        if self.maybe(0.4):
            people["ids"] = self.r.choice([["user_id", "client_id"], ["email", "user_id"],
                                           ["client_id", "email", "user_id"], ["client_id"],
                                           ["user_id"]])
        if self.maybe(0.25):
            people["link"] = False
        if self.maybe(0.35):
            people["max_ids"] = self.r.choice([2, 3, 4])
        if self.maybe(0.3):
            people["fallback"] = self.r.choice([["ip"], ["ip", "country"]])
        if self.maybe(0.5):
            people["ignore"] = self.r.choice([["null", "0", "Test@Example.com"], [" null "]])
        return people

    def make_privacy(self, case):
        privacy = {}
        if self.maybe(0.6):
            privacy["consent"] = {"ads": {"field": "consent", "granted": ["1", "yes", "granted"]},
                                  "mail": {"field": "plan", "granted": ["pro"], "absent": "grant"}}
        if self.maybe(0.5):
            case["opt_outs"].append(self.make_opt_outs())
            privacy["opt_out"] = [{"file": "optout.csv"}]
        if privacy:
            case["definition"]["privacy"] = privacy
        return list(privacy.get("consent", {}))


def make(seed, kinds=tuple(KINDS), share=0.45):
    return Maker(seed, kinds, share).make()


# ---- a case as files

def csv_cell(text, always):
    """Quoted when it must be; blanks around some cells count because of quotes, others not."""
    if text is None:
        return ""
    if always or any(c in text for c in ',"\n\r') or (text[:1] == " " and len(text) == 5):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_text(rows, ends="\n", always=False):
    return "".join(",".join(csv_cell(c, always) for c in row) + ends for row in rows)


JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def json_line(columns, row, bare):
    members = []
    for name, text in zip(columns, row):
        if text is not None:
            number = bare and JSON_NUMBER.fullmatch(text)
            members.append(json.dumps(name) + ":" + (text if number else json.dumps(text)))
    return "{" + ",".join(members) + "}"


def event_text(file):
    if file["form"] == "jsonl":              # a record's bytes are its own, wherever it stands
        return "".join(json_line(file["columns"], row, zlib.crc32(repr(row).encode()) % 2 == 0)
                       + file["ends"] for row in file["rows"])
    return csv_text([file["columns"]] + file["rows"], file["ends"])
