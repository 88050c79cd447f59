"""
One case through both, retarget and its twin, and where the two part.
"""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import cases  # noqa: E402
import twin   # noqa: E402


def memory_folder():
    """Lists are synced to disk one by one: where there is no disk below, that costs nothing."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None


def write_case(case, folder):
    """-> the inputs for the command line"""
    def put(name, text):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(twin.by_bytes(text))

    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "out"))
    put("s.json", json.dumps(case["definition"], indent=1, ensure_ascii=False))
    for file in case["files"]:
        put(file["name"], cases.event_text(file))
    for file in case["contacts"]:
        put(file["name"], cases.csv_text([file["columns"]] + file["rows"]))
    for file in case["opt_outs"]:
        put(file["name"], cases.csv_text(file["rows"]))
    return [os.path.join(folder, file["name"]) for file in case["files"]]


def by_retarget(program, case, folder, inputs, jobs):
    """-> (what the twin prints, as the program tells it, None), or (None, what went wrong)"""
    report = os.path.join(folder, "report.json")
    out = os.path.join(folder, "out")
    lists = ["-t", "ids,jsonl", "--products", "1000"] if has_values(case) else ["-t", "ids"]
    done = subprocess.run(
        [program, "build", "-q", "-s", os.path.join(folder, "s.json"), *lists, "-o", out,
         "--report", report, "--as-of", case["as_of"], "-j", str(jobs), "--max-rejects", "100%"]
        + inputs, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").replace(folder + "/", "")
        return None, "exit status %d\n%s" % (done.returncode, said)
    with open(report, encoding="utf-8") as f:
        told = json.load(f)
    return {"people": told["people"],
            "sources": {s["name"]: source_counts(s) for s in told["sources"]},
            "segments": {s["name"]: segment_result(s, case, out) for s in told["segments"]}}, None


def by_twin(case, folder, inputs):
    want = twin.run(os.path.join(folder, "s.json"), case["as_of"], inputs)
    for segment in want["segments"].values():
        if not has_values(case):
            del segment["values"]
    return want


def has_values(case):
    """Is there a for_some, not under `not`, whose values go to lists?"""
    def within(cond):
        return "for_some" in cond or any(
            within(c) for key in ("all", "any") for c in cond.get(key, []))
    return any(within(s["match"]) for s in case["definition"]["segments"])


def source_counts(told):
    return {"read": told["read"], "used": told["used"], "dropped": sum(told["dropped"].values()),
            "rejected": sum(told["rejected"].values())}


def segment_result(told, case, out):
    segment = next(s for s in case["definition"]["segments"] if s["name"] == told["name"])
    lists = {}
    for arm in [""] + list(segment.get("split", {}).get("arms", {})):
        name = told["name"] + (arm and "." + arm) + ".ids.csv"
        with open(os.path.join(out, name), "rb") as f:
            lists[arm] = f.read().decode("utf-8", "surrogateescape").split("\n")[:-1]
    result = {"counts": {c: told[c] for c in twin.COUNTS}, "lists": lists}
    if has_values(case):
        result["values"] = values_of(os.path.join(out, told["name"] + ".jsonl.csv"))
    return result


def values_of(path):
    """Of each person, the values of its lines, which are all the same."""
    values = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            told = json.loads(line)
            mine = values.setdefault(told["key"], told.get("products", []))
            assert mine == told.get("products", []), path
    return values


def differences(path, ours, theirs):
    """Yields lines that say where the two results part."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            yield from differences(path + [key], ours.get(key), theirs.get(key))
    elif ours != theirs:
        yield "%s: retarget %s, twin %s" % (".".join(p or "all" for p in path), theirs, ours)


def compare(program, case, folder, jobs):
    """-> (kind of disagreement, its lines); the kind is None when the two agree"""
    inputs = write_case(case, folder)
    try:
        got, failure = by_retarget(program, case, folder, inputs, jobs)
    except subprocess.TimeoutExpired:
        return "hangs", ["no end after a minute"]
    if failure:
        lines = failure.split("\n")
        return lines[0] + lines[-2].rpartition(": ")[2], lines
    want = by_twin(case, folder, inputs)
    lines = list(differences([], want, got))
    return (lines[0].split(".")[0] + " differ" if lines else None), lines
