# For cases in which something goes wrong: lays a segment file, an input and yesterday's
# list, and looks afterwards whether that list still stands, byte for byte, and alone.
#
#   try ARGUMENT...   builds from s.json into lists/ and tells how it ended
#   stands            tells whether lists/ is as it was; lays it anew if not
cat >s.json <<'END'
{
  "version": 1,
  "segments": [
    { "name": "viewers", "match": { "did": "view" } },
    { "name": "buyers", "match": { "did": "purchase" } }
  ],
  "outputs": [ { "to": "ids" } ]
}
END
cat >events.csv <<'END'
time,event,user_id
2026-06-30T10:00:00Z,view,ann
2026-06-30T10:01:00Z,view,bob
2026-06-30T10:02:00Z,purchase,bob
END
mkdir lists
echo 'user_id:zoe' >yesterday
cp yesterday lists/viewers.ids.csv

stands() {
    if [ "$(ls -A lists | grep -v '^\.retarget\.lock$')" = viewers.ids.csv ] &&
        cmp -s lists/viewers.ids.csv yesterday; then
        echo "yesterday's list stands"
    else
        echo "lists changed:"
        head lists/*
        rm -f lists/*
        cp yesterday lists/viewers.ids.csv
    fi
}

try() {
    retarget build -q -s s.json -o lists --as-of 2026-07-01T00:00:00Z "$@"
    echo "exit $?"
    stands
}
