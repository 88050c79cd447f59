/* The operators of the segment language on one value each. */
#include "people/asker.h"

#include "base/find.h"
#include "base/findcolumn.h"
#include "base/num.h"
#include "plan/pattern.h"

int rt_asker_init(struct rt_asker *asker, int64_t as_of_us)
{
    *asker = (struct rt_asker) { .as_of_us = as_of_us };
    return rt_regex_scratch_new(&asker->regex);
}

void rt_asker_release(struct rt_asker *asker)
{
    rt_regex_scratch_free(asker->regex);
}

static bool one_of(struct rt_span value, const char *const *words)
{
    for (; *words; words++)
        if (rt_span_eq_nocase(value, rt_span_of(*words)))
            return true;
    return false;
}

static bool eq(struct rt_span a, struct rt_span b, bool ignore_case)
{
    return ignore_case ? rt_span_eq_nocase(a, b) : rt_span_eq(a, b);
}

static bool has_part(struct rt_span value, struct rt_span part, bool ignore_case)
{
    if (!ignore_case)
        return part.n == 0 || rt_find_text(value.p, value.n, part.p, part.n) < value.n;
    for (size_t i = 0; i + part.n <= value.n; i++)
        if (rt_span_eq_nocase((struct rt_span) { value.p + i, part.n }, part))
            return true;
    return false;
}

static bool text_holds(const struct rt_test *t, struct rt_span value)
{
    struct rt_span text = t->texts[0];

    switch (t->op) {
    case RT_OP_EQ_TEXT:
        for (size_t i = 0; i < t->ntexts; i++)
            if (eq(value, t->texts[i], t->ignore_case))
                return true;
        return false;
    case RT_OP_CONTAINS:
        return has_part(value, text, t->ignore_case);
    case RT_OP_STARTS:
        return value.n >= text.n
            && eq((struct rt_span) { value.p, text.n }, text, t->ignore_case);
    case RT_OP_ENDS:
        return value.n >= text.n
            && eq((struct rt_span) { value.p + value.n - text.n, text.n }, text,
                t->ignore_case);
    default:
        return rt_glob(text, value, t->ignore_case);
    }
}

static bool number_holds(const struct rt_test *t, struct rt_span value)
{
    const int64_t *x = t->numbers;
    int64_t v;

    if (rt_num_micro(value, &v) < 0)
        return false;
    switch (t->op) {
    case RT_OP_EQ_NUM:
        for (size_t i = 0; i < t->nnumbers; i++)
            if (v == x[i])
                return true;
        return false;
    case RT_OP_GT:
        return v > x[0];
    case RT_OP_GTE:
        return v >= x[0];
    case RT_OP_LT:
        return v < x[0];
    case RT_OP_LTE:
        return v <= x[0];
    default:
        return x[0] <= v && v <= x[1];
    }
}

/* A time in a field: as the source pins it, else by its own form. */
static bool time_holds(struct rt_asker *a, const struct rt_test *t, struct rt_span value,
    const struct rt_timeform *form)
{
    struct rt_timeform any = { .kind = RT_TIME_ANY, .zone = form->zone };
    int64_t us, age;

    if (rt_time_parse(value, form, &a->clock, &us) < 0
        && rt_time_parse(value, &any, &a->clock, &us) < 0)
        return false;
    if (t->op == RT_OP_BEFORE)
        return us < t->time_us;
    if (t->op == RT_OP_AFTER)
        return us >= t->time_us;
    age = a->as_of_us - us;
    return age >= t->min_us && (t->max_us == RT_TIME_MAX || age < t->max_us);
}

static bool in_networks(const struct rt_test *t, struct rt_span value)
{
    for (size_t i = 0; i < t->nnetworks; i++)
        if (rt_network_has(&t->networks[i], value))
            return true;
    return false;
}

bool rt_asker_holds(struct rt_asker *a, const struct rt_plan_test *test,
    struct rt_span value, const struct rt_timeform *form)
{
    static const char *const yes[] = { "true", "1", "yes", "y", "t", NULL };
    static const char *const no[] = { "false", "0", "no", "n", "f", NULL };

    if (value.n == 0)
        return false;
    switch (test->leaf->op) {
    case RT_OP_EXISTS:
        return true;
    case RT_OP_TRUE:
        return one_of(value, yes);
    case RT_OP_FALSE:
        return one_of(value, no);
    case RT_OP_EQ_TEXT:
    case RT_OP_CONTAINS:
    case RT_OP_STARTS:
    case RT_OP_ENDS:
    case RT_OP_GLOB:
        return text_holds(test->leaf, value);
    case RT_OP_REGEX:
        return rt_regex_search(test->regex, a->regex, value, &a->regex_limits);
    case RT_OP_EQ_NUM:
    case RT_OP_GT:
    case RT_OP_GTE:
    case RT_OP_LT:
    case RT_OP_LTE:
    case RT_OP_BETWEEN:
        return number_holds(test->leaf, value);
    case RT_OP_AGO:
    case RT_OP_BEFORE:
    case RT_OP_AFTER:
        return time_holds(a, test->leaf, value, form);
    case RT_OP_CIDR:
        return in_networks(test->leaf, value);
    }
    return false;
}

/* ---- columns */

enum { FEW_TEXTS = 4 }; /* that are compared one after the other with all values */

/* Is the value one of the texts? */
static void eq_column(
    const struct rt_test *t, const struct rt_span *values, uint32_t n, uint64_t *holds)
{
    uint64_t more[RT_BATCH_ROWS / RT_COLUMN_PART];

    rt_same_column(values, n, t->texts[0], holds);
    for (size_t i = 1; i < t->ntexts; i++) {
        rt_same_column(values, n, t->texts[i], more);
        for (uint32_t w = 0; w * RT_COLUMN_PART < n; w++)
            holds[w] |= more[w];
    }
}

/* The tests of texts that have a form for columns, which are most. False for the others. */
static bool text_column(
    const struct rt_test *t, const struct rt_span *values, uint32_t n, uint64_t *holds)
{
    if (t->ignore_case)
        return false;
    if (t->op == RT_OP_STARTS)
        rt_starts_column(values, n, t->texts[0], holds);
    else if (t->op == RT_OP_CONTAINS && t->texts[0].n)
        rt_find_column(values, n, t->texts[0], holds);
    else if (t->op == RT_OP_EQ_TEXT && t->ntexts <= FEW_TEXTS)
        eq_column(t, values, n, holds);
    else
        return false;
    return true;
}

static void each_value(struct rt_asker *a, const struct rt_plan_test *test,
    const struct rt_span *values, uint32_t n, const struct rt_timeform *form,
    uint64_t *holds)
{
    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++)
            word |= (uint64_t)rt_asker_holds(a, test, values[from + i], form) << i;
        holds[from / RT_COLUMN_PART] = word;
    }
}

void rt_asker_column(struct rt_asker *a, const struct rt_plan_test *test,
    const struct rt_span *values, uint32_t n, const struct rt_timeform *form,
    uint64_t *holds)
{
    if (test->leaf->op == RT_OP_REGEX)
        rt_regex_column(test->regex, a->regex, values, n, holds, &a->regex_limits);
    else if (!text_column(test->leaf, values, n, holds))
        each_value(a, test, values, n, form, holds);
}
