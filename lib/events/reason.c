/* The reasons' names: one for the report's JSON, one for a person. */
#include "events/reason.h"

#include <stddef.h>

static const struct {
    const char *name, *text;
} reasons[RT_REASONS] = {
    [RT_DROP_METHOD] = { "method", "not a GET request" },
    [RT_DROP_STATUS] = { "status", "a request that did not succeed" },
    [RT_DROP_ASSET] = { "asset", "an image, style sheet, script or the like" },
    [RT_DROP_BOT] = { "bot", "a crawler, by its user agent" },
    [RT_DROP_FUTURE] = { "future", "later than as-of" },
    [RT_DROP_NO_ID] = { "no_id", "none of the ids is there" },
    [RT_DROP_DUPLICATE] = { "duplicate", "the same as another record" },
    [RT_REJECT_TOO_FEW_FIELDS] = { "too_few_fields", "fewer fields than the header has" },
    [RT_REJECT_TOO_MANY_FIELDS] = { "too_many_fields",
        "more fields than the header has" },
    [RT_REJECT_UNCLOSED_QUOTE] = { "unclosed_quote", "quote never closed" },
    [RT_REJECT_TOO_LONG] = { "too_long", "longer than 1 MiB" },
    [RT_REJECT_NO_TIME] = { "no_time", "no time" },
    [RT_REJECT_BAD_TIME] = { "bad_time", "a time that cannot be read" },
    [RT_REJECT_NO_EVENT] = { "no_event", "no event name" },
    [RT_REJECT_BAD_JSON] = { "bad_json", "not JSON" },
    [RT_REJECT_NOT_OBJECT] = { "not_object", "JSON, but not an object" },
    [RT_REJECT_TOO_DEEP] = { "too_deep", "JSON nested too deep" },
    [RT_REJECT_BAD_LINE] = { "bad_line", "not a line of this log format" },
};

_Static_assert(
    RT_RECORD_MAX == 1 << 20, "the text of RT_REJECT_TOO_LONG names the limit");

const char *rt_reason_name(enum rt_reason reason)
{
    return (unsigned)reason < RT_REASONS ? reasons[reason].name : "";
}

const char *rt_reason_text(enum rt_reason reason)
{
    return (unsigned)reason < RT_REASONS ? reasons[reason].text : "";
}
