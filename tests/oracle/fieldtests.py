"""
Texts for the twin: times, durations, numbers, and the tests of one field.

Times are whole microseconds since 1970 UTC; numbers are whole millionths.
Text is Python text with bytes that are no UTF-8 as surrogates; by_bytes() sorts it as
the bytes it came from.
"""
import ipaddress
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
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


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def duration_of(text):
    return int(text[:-1]) * UNITS[text[-1]] * 1000000


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
    low = duration_of(window["min"]) if "min" in window else 0
    high = duration_of(window["max"]) if "max" in window else EVER
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
