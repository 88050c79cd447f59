"""The peer: one workload in DuckDB. Run by ./run, in a process of its own.

duck.py WORKLOAD THREADS DATA_DIR OUT_DIR AS_OF FULL
"""

import os
import sys

import duckdb

HERE = os.path.dirname(os.path.abspath(__file__))

EVENTS = """read_csv('{dir}/events.csv', header = true, auto_detect = false, delim = ',',
    quote = '"', escape = '"', columns = {{'t': 'TIMESTAMP', 'type': 'VARCHAR',
    'product_id': 'VARCHAR', 'category': 'VARCHAR', 'brand': 'VARCHAR',
    'price': 'DECIMAL(18,2)', 'user_id': 'VARCHAR', 'session': 'VARCHAR', 'url': 'VARCHAR',
    'percent': 'INTEGER', 'email': 'VARCHAR'}})"""
LOG = """read_csv('{dir}/access.log', header = false, auto_detect = false, delim = ' ',
    quote = '"', escape = '"', columns = {{'ip': 'VARCHAR', 'l': 'VARCHAR', 'u': 'VARCHAR',
    't': 'VARCHAR', 'zone': 'VARCHAR', 'request': 'VARCHAR', 'status': 'INTEGER',
    'bytes': 'BIGINT', 'referrer': 'VARCHAR', 'agent': 'VARCHAR'}})"""
CONTACTS = """read_csv('{dir}/contacts.csv', header = true, auto_detect = false,
    delim = ',', quote = '"', columns = {{'user_id': 'VARCHAR', 'email': 'VARCHAR'}})"""
# The steps of a sequence need all times, not only the last.
TIMES = {
    False: "min(t) FILTER (type = 'cart') AS first_cart,",
    True: "list(t) FILTER (type = 'cart') AS carts, list(t) FILTER (type = 'purchase') AS buys,",
}
VISITOR = (
    "'visitor:' || substr(sha256(encode(ip) || '\\x00'::BLOB || encode(agent)), 1, 16)"
)


def parts(name):
    """The statements of a file: (None, sql) first, then (list name, sql) each, and
    ('full', name, sql) for what takes a list's place when all is asked for."""
    out = [["setup", None, ""]]
    with open(os.path.join(HERE, name)) as f:
        for line in f:
            words = line.split()
            if words[:1] == ["--"] and words[1:2] in (["list"], ["full"]):
                out.append([words[1], words[2], ""])
            elif words[:1] != ["--"]:
                out[-1][2] += line
    return out


def main():
    workload, threads, data, out, as_of, full = sys.argv[1:]
    full = full == "full"
    files = {
        "W1": ["scan.sql"],
        "W2": ["audiences.sql"],
        "W3": ["lists.sql", "audiences.sql"],
        "W4": ["log.sql"],
    }[workload]
    known = {
        "events": (LOG if workload == "W4" else EVENTS).format(dir=data),
        "contacts": CONTACTS.format(dir=data),
        "as_of": f"TIMESTAMP '{as_of}'",
        "key": {"W4": VISITOR, "W3": "user_id"}.get(workload, "'user_id:' || user_id"),
        "times": TIMES[full],
    }
    db = duckdb.connect()
    db.execute(f"SET threads = {int(threads)}")
    db.execute("SET preserve_insertion_order = false")
    db.execute("SET enable_progress_bar = false")
    lists = {}
    for file in files:
        for kind, name, sql in parts(file):
            for key, value in known.items():
                sql = sql.replace("{" + key + "}", value)
            sql = sql.strip().rstrip(";")
            if kind == "setup":
                if sql:
                    db.execute(sql)
            elif kind == "list" or full:
                lists[name] = sql
    for name, sql in lists.items():
        if workload == "W3":
            sql = f"SELECT hash FROM emails WHERE user_id IN ({sql})"
        db.execute(f"COPY ({sql}) TO '{out}/{name}.csv' (HEADER false, QUOTE '')")


main()
