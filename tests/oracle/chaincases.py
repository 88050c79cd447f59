"""
Random conditions that look at more than one event, or one person: sequences, sessions,
for_some and ranks.  A part of cases.Maker, which has the dice and notes the bounds used.

Gaps between events matter here as ages do elsewhere: those that a definition asks for are
noted, so that events are made that far apart, a microsecond less and a microsecond more.
"""
GAPS = ["0s", "1s", "1m", "90m", "1h", "6h", "1d"]
SAME = [["product_id"], ["product_id"], ["country"], ["product_id", "country"], ["path"], ["plan"]]
SHARES = ["0.0001%", "1%", "12.5%", "20%", "25%", "33.3333%", "33.3334%", "50%", "66.67%", "75%",
          "99.9999%", "100%"]
KINDS = ["sequence", "session", "for_some", "rank"]
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(text):
    return int(text[:-1]) * UNITS[text[-1]]


class ChainMaker:
    def gap(self, texts=GAPS):
        text = self.r.choice(self.few_gaps if self.busy and self.maybe(0.7) else texts)
        self.gaps.append(seconds(text) * 1000000)
        return text

    def two_gaps(self):
        """The shorter one first, maybe the same."""
        return sorted([self.gap(), self.gap()], key=seconds)

    def spread(self, instants):
        """Instants that lie as far from those as the definition's gaps, more or less exactly."""
        far = []
        for _ in range(self.r.randint(2, 6) if self.gaps else 0):
            at = self.r.choice(instants + far)
            at += self.r.choice([1, -1, -1]) * self.r.choice(self.gaps) + self.r.choice([0, 0, 0, 1, -1])
            far.append(at)
        return far

    def rare_window(self):
        return self.window(anchors=False) if self.maybe(0.15 if self.busy else 0.35) else {}

    # ---- sequence

    def sequence(self):
        npositive = self.r.choice([1, 2, 2, 2, 3, 3, 4])
        steps = []
        for i in range(npositive):
            steps += self.negatives(i, 0.3)
            steps.append(self.positive_step(i))
        steps += self.negatives(npositive, 0.4, last=True)
        cond = {"sequence": steps, **self.rare_window()}
        if self.maybe(0.3) and npositive > 1:
            cond["within"] = self.gap()
        if self.maybe(0.3) and not self.inside:
            cond["in"] = "session"
        if self.maybe(0.5):
            cond["anchor"] = self.r.choice(["any", "first", "last"])
        return cond

    def step_event(self, key):
        step = {key: self.what()}
        if self.maybe(0.05 if self.busy else 0.15):
            step["where"] = self.where(2)
        return step

    def positive_step(self, i):
        step = self.step_event("did")
        if i == 0:
            return step
        roll = self.r.randrange(6)
        if roll in (0, 1):
            step["within"] = self.gap()
        elif roll == 2:
            step["after"] = self.gap()
        elif roll == 3:
            step["after"], step["within"] = self.two_gaps()
        if self.maybe(0.2):
            step["next"] = True
        if self.maybe(0.3):
            step["same"] = self.r.choice(SAME)
        return step

    def negatives(self, place, chance, last=False):
        """None, one or more `did_not`s ahead of a positive step, or behind the last."""
        steps = []
        while self.maybe(chance) and len(steps) < 3:
            step = self.step_event("did_not")
            if (place == 0 or last) and self.maybe(0.7):
                step["within"] = self.gap(GAPS + ["2d", "3d", "7d"] if last else GAPS)
                if last:
                    self.used.append(self.now - seconds(step["within"]) * 1000000)
            if self.maybe(0.25):
                step["same"] = self.r.choice(SAME)
            steps.append(step)
        return steps

    # ---- session

    def session(self):
        cond = {"session": self.r.choice(["first", "last", "any", "any"]), **self.rare_window()}
        if self.maybe(0.4):
            cond["landing"] = self.where(1)
        if self.maybe(0.5):
            cond["has"] = {"did": self.what(), **self.counts()}
            if self.maybe(0.3):
                cond["has"]["where"] = self.where(2)
        if self.maybe(0.4):
            low, high = self.two_gaps()
            cond["duration"] = self.r.choice([{"gte": low}, {"gt": low}, {"lt": high},
                                              {"lte": high}, {"eq": low}, {"gte": low, "lte": high}])
            if cond["duration"] == {"lt": "0s"}:
                cond["duration"] = {"lte": "0s"}
        if self.maybe(0.4):
            n = self.r.randint(1, 4)
            cond["events"] = self.r.choice([{"gte": n}, {"lte": n}, {"eq": n},
                                            {"gt": n - 1, "lt": n + 2}])
        return cond

    def counts(self):
        low, high = sorted([self.r.randint(0, 2), self.r.randint(1, 3)])
        return self.r.choice([{}, {"at_least": max(low, 1)}, {"at_most": high}, {"exactly": low},
                              {"at_least": max(low, 1), "at_most": max(high, 1)}])

    # ---- for_some and rank

    def for_some(self):
        self.inside = True
        field = self.r.choice(["product_id"] * 4 + ["country", "plan", "path", "query.x", "value",
                                                    "event", "client_id", "user_id"])
        cond = {"for_some": field, "holds": self.condition(self.r.choice([1, 2, 3]))}
        self.inside = False
        return cond

    def rank(self):
        measure = self.r.choice(["count", "count", "sum", "avg", "max"])
        rank = {measure: True if measure == "count" else "value", "of": self.what()}
        if self.maybe(0.3):
            rank["where"] = self.where(1)
        if self.maybe(0.5):
            rank.update(self.window())
        n = self.r.choice(SHARES) if self.maybe(0.5) else self.r.choice([1, 1, 2, 3, 500])
        cond = {"rank": rank, self.r.choice(["top", "bottom"]): n}
        if self.segments and self.maybe(0.4):
            cond["among"] = self.r.choice(self.segments)["name"]
        return cond
