#!/usr/bin/env python3
"""
A second evaluator of segment files, to check the first one by.

It is written from the description of the segment file alone and shares nothing with
the program but that description: whole files in memory, plain lists of dicts, every
condition worked out anew for every person.  Clear comes before fast here.

    twin.py -s SEGMENTS --as-of TIME [SOURCE=]FILE...     prints what it finds as JSON

An answer to a condition is True, False or None; None is "undecided".
fieldtests has texts, times and the tests of one field, records the reading of files and who
a person is, chains the sequences and sessions; the other conditions and segments are here.
"""
import argparse
import argparse
import fnmatch
import hashlib
import json
import os
import re
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import chains  # noqa: E402
from fieldtests import (Record, Refused, Tester, age_holds, by_bytes, compares,  # noqa: E402
                        duration_of, json_number, local_day, local_midnight, number, parse_time)
from records import (CONTACT_KNOWN, People, Person, Source, column_names,  # noqa: E402
                     csv_records, read_text, row_fields)

DAY = timedelta(days=1)
EVER = float("inf")


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
        self.timeout = duration_of(definition.get("session", {}).get("timeout", "30m"))
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
        if "in_last" in cond and not 0 <= self.as_of - t < duration_of(cond["in_last"]):
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
        return any(chains.session_passes(self, s, cond) for s in which)

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
