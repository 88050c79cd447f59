-- W1: events by name.
-- list events
SELECT type || ' ' || count(*) FROM {events} GROUP BY type;
