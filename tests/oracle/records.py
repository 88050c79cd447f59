"""
Records for the twin: event and contact files read whole, and whose each record is.
"""
import gzip
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from fieldtests import Record, Refused, ascii_lower, by_bytes, parse_time  # noqa: E402

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
