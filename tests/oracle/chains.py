"""
Sequences and sessions for the twin, by trying everything: every chain of events that the
positive steps allow is built and looked at, every session is cut and tested.

The words are those of the segment file's description.  An evaluator is handed in for what
all conditions share: which events a step means, and which times are in a window.
"""


import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from fieldtests import Refused, by_bytes, compares, duration_of  # noqa: E402


def sessions_of(events, timeout):
    """-> lists of events, in time order; a gap longer than the timeout starts a new one"""
    sessions = []
    for event in sorted(events, key=lambda e: e.time):
        if not sessions or event.time - sessions[-1][-1].time > timeout:
            sessions.append([])
        sessions[-1].append(event)
    return sessions


def contains(events, event):
    """Is this very event among them?  Two events that say the same are still two."""
    return any(e is event for e in events)


def same_values(one, other, fields):
    return all(one.get(f) == other.get(f) != "" for f in fields)


class Sequence:
    """One `sequence` and one person's events."""

    def __init__(self, evaluator, events, cond):
        self.evaluator = evaluator
        self.events = events
        self.cond = cond
        self.steps = cond["sequence"]
        self.positive = [i for i, step in enumerate(self.steps) if "did" in step]
        self.chosen = [evaluator.chosen(events, s.get("did", s.get("did_not")), s.get("where", {}))
                       for s in self.steps]       # which events each step means
        self.negative = [i for i, step in enumerate(self.steps) if "did_not" in step]
        self.session = {}
        for n, session in enumerate(sessions_of(events, evaluator.timeout)):
            for event in session:
                self.session[id(event)] = n

    def answer(self):
        """True, False, or None for undecided."""
        chains = list(self.chains([]))
        if not chains:
            return False
        anchor = self.cond.get("anchor", "last" if self.negative else "any")
        if anchor != "any":
            start = (min if anchor == "first" else max)(c[0].time for c in chains)
            chains = [c for c in chains if c[0].time == start]
        answers = [self.verdict(c) for c in chains]
        return True if True in answers else None if None in answers else False

    # -- the positive steps

    def chains(self, begun):
        """Yields every way to go on from the events chosen so far to the last positive step."""
        if len(begun) == len(self.positive):
            yield begun
            return
        i = self.positive[len(begun)]
        for event in self.chosen[i]:
            if self.fits(self.steps[i], begun, event):
                yield from self.chains(begun + [event])

    def fits(self, step, begun, event):
        if contains(begun, event) or not self.evaluator.window_holds(self.cond, event.time):
            return False
        if not begun:
            return True
        gap = event.time - begun[-1].time
        if gap < 0:
            return False
        if "within" in step and gap > duration_of(step["within"]):
            return False
        if "after" in step and gap < duration_of(step["after"]):
            return False
        if "within" in self.cond and event.time - begun[0].time > duration_of(self.cond["within"]):
            return False
        if step.get("next") and any(begun[-1].time < e.time < event.time for e in self.events):
            return False
        if self.cond.get("in") == "session" \
                and self.session[id(event)] != self.session[id(begun[0])]:
            return False
        return same_values(event, begun[-1], step.get("same", []))

    # -- the negative steps

    def verdict(self, chain):
        """What the negative steps say of one complete chain."""
        answers = [self.kept_clear(i, chain) for i in self.negative]
        return False if False in answers else None if None in answers else True

    def kept_clear(self, i, chain):
        """Did nothing happen that this negative step forbids?"""
        step = self.steps[i]
        before = sum(p < i for p in self.positive)   # positive steps ahead of this one
        leading, trailing = before == 0, before == len(chain)
        beside = chain[0] if leading else chain[before - 1]
        start, end = beside.time, self.evaluator.as_of
        if leading:
            start = beside.time - duration_of(step["within"]) if "within" in step else float("-inf")
            end = beside.time
        elif not trailing:
            end = chain[before].time
        elif "within" in step:
            end = beside.time + duration_of(step["within"])
        for event in self.chosen[i]:
            if start <= event.time <= end and not contains(chain, event) \
                    and same_values(event, beside, step.get("same", [])):
                return False
        return None if trailing and end > self.evaluator.as_of else True


class Landing:
    """A session seen as one record: of every field the first value that is not empty."""

    def __init__(self, session):
        self.session = session
        self.zone = session[0].zone

    def get(self, name):
        for time in sorted({e.time for e in self.session}):
            there = [e for e in self.session if e.time == time and e.get(name) != ""]
            if there:
                value = min((e.get(name) for e in there), key=by_bytes)
                zones = {str(e.zone): e.zone for e in there if e.get(name) == value}
                if len(zones) > 1:
                    raise Refused("one text at one instant from sources of two time zones")
                self.zone = next(iter(zones.values()))
                return value
        return ""


def bounds_hold(n, bounds, read):
    """bounds: {"gte": …} and kin, all of which must hold; read turns one into a number."""
    return all(compares(n, op, read(bound)) for op, bound in bounds.items())


def session_passes(evaluator, session, cond):
    """Does one session pass everything that a `session` condition asks of it?"""
    first, last = session[0].time, session[-1].time
    if not evaluator.window_holds(cond, first):
        return False
    if not evaluator.tester.record_passes(Landing(session), cond.get("landing", {})):
        return False
    if "has" in cond:
        has = cond["has"]
        n = len(evaluator.chosen(session, has["did"], has.get("where", {})))
        if not evaluator.count_holds(n, has):
            return False
    return bounds_hold(last - first, cond.get("duration", {}), duration_of) \
        and bounds_hold(len(session), cond.get("events", {}), int)
