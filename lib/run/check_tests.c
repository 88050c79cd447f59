/*
 * Tests that exclude each other. A formula's conjuncts are laid side by side; what lies
 * under `any` counts only when every way of it is shut. Nothing is guessed: values are
 * tried on the tests themselves where a test names its values, numbers are compared as
 * ranges, and of other tests only a test and its own negation exclude each other.
 */
#include "people/asker.h"
#include "run/checking.h"

#include "base/num.h"

enum { CONJUNCTS_MAX = 64 };

struct conjunct {
    const struct rt_test *leaf;
    bool negated;
};

struct conjunction {
    struct conjunct all[CONJUNCTS_MAX]; /* what does not fit is not looked at */
    size_t n;
    struct rt_asker *asker;
    struct rt_span shut; /* the field of an `any` without a way */
};

static bool exclude(struct conjunction *c, struct rt_span *field);

/* Depth is that of the file, 100 levels at most. */
static void gather(struct conjunction *c, const struct rt_test *test, bool negated)
{
    bool all = test->kind == (negated ? RT_TEST_ANY : RT_TEST_ALL);

    if (test->kind == RT_TEST_NOT) {
        gather(c, test->parts[0], !negated);
    } else if (test->kind == RT_TEST_LEAF) {
        if (c->n < CONJUNCTS_MAX)
            c->all[c->n++] = (struct conjunct) { test, negated };
    } else if (all || test->n == 1) {
        for (size_t i = 0; i < test->n; i++)
            gather(c, test->parts[i], negated);
    } else {
        struct rt_span field = RT_SPAN_ABSENT;
        size_t shut = 0;

        for (size_t i = 0; i < test->n; i++) {
            struct conjunction way = { .asker = c->asker };

            gather(&way, test->parts[i], negated);
            shut += exclude(&way, &field);
        }
        if (shut == test->n)
            c->shut = field;
    }
}

static bool is_range(const struct rt_test *t)
{
    return t->op >= RT_OP_GT && t->op <= RT_OP_BETWEEN;
}

static bool is_time(const struct rt_test *t)
{
    return t->op == RT_OP_AGO || t->op == RT_OP_BEFORE || t->op == RT_OP_AFTER;
}

static bool same_texts(const struct rt_test *a, const struct rt_test *b)
{
    if (a->ntexts != b->ntexts || a->ignore_case != b->ignore_case)
        return false;
    for (size_t i = 0; i < a->ntexts; i++)
        if (!rt_span_eq(a->texts[i], b->texts[i]))
            return false;
    return true;
}

static bool same_leaf(const struct rt_test *a, const struct rt_test *b)
{
    if (a->op != b->op || a->nnumbers != b->nnumbers || a->nnetworks != b->nnetworks)
        return false;
    for (size_t i = 0; i < a->nnumbers; i++)
        if (a->numbers[i] != b->numbers[i])
            return false;
    if (a->nnetworks)
        return a == b;
    return same_texts(a, b) && a->min_us == b->min_us && a->max_us == b->max_us
        && a->time_us == b->time_us;
}

/* ---- numbers and times: ranges, both ends included */

struct range {
    int64_t lo, hi;
};

static void cut(struct range *r, int64_t lo, int64_t hi)
{
    r->lo = lo > r->lo ? lo : r->lo;
    r->hi = hi < r->hi ? hi : r->hi;
}

/* Numbers are millionths and whole, so `gt` begins one later. */
static void cut_by_number(struct range *r, const struct conjunct *c)
{
    int64_t x = c->leaf->numbers[0];

    switch (c->leaf->op) {
    case RT_OP_GT:
        cut(r, c->negated ? INT64_MIN : x + 1, c->negated ? x : INT64_MAX);
        break;
    case RT_OP_GTE:
        cut(r, c->negated ? INT64_MIN : x, c->negated ? x - 1 : INT64_MAX);
        break;
    case RT_OP_LT:
        cut(r, c->negated ? x : INT64_MIN, c->negated ? INT64_MAX : x - 1);
        break;
    case RT_OP_LTE:
        cut(r, c->negated ? x + 1 : INT64_MIN, c->negated ? INT64_MAX : x);
        break;
    default: /* between; its negation is no range */
        if (!c->negated)
            cut(r, x, c->leaf->numbers[1]);
    }
}

static bool any_inside(const struct rt_test *leaf, struct range r)
{
    for (size_t i = 0; i < leaf->nnumbers; i++)
        if (leaf->numbers[i] >= r.lo && leaf->numbers[i] <= r.hi)
            return true;
    return false;
}

/* Negated ranges also hold for what is no number: they count beside a test that asks for
 * one. */
static bool numbers_exclude(const struct conjunction *c, struct rt_span field)
{
    struct range r = { INT64_MIN, INT64_MAX };
    bool number = false;

    for (size_t i = 0; i < c->n; i++)
        if (rt_span_eq(c->all[i].leaf->field, field) && !c->all[i].negated)
            number |= is_range(c->all[i].leaf) || c->all[i].leaf->op == RT_OP_EQ_NUM;
    for (size_t i = 0; i < c->n && number; i++)
        if (rt_span_eq(c->all[i].leaf->field, field) && is_range(c->all[i].leaf))
            cut_by_number(&r, &c->all[i]);
    for (size_t i = 0; i < c->n && number; i++)
        if (rt_span_eq(c->all[i].leaf->field, field) && !c->all[i].negated
            && c->all[i].leaf->op == RT_OP_EQ_NUM && !any_inside(c->all[i].leaf, r))
            return true;
    return r.lo > r.hi;
}

static bool times_exclude(const struct conjunction *c, struct rt_span field)
{
    struct range times = { INT64_MIN, INT64_MAX }, ages = times;

    for (size_t i = 0; i < c->n; i++) {
        const struct rt_test *leaf = c->all[i].leaf;

        if (c->all[i].negated || !rt_span_eq(leaf->field, field))
            continue;
        if (leaf->op == RT_OP_AFTER)
            cut(&times, leaf->time_us, INT64_MAX);
        if (leaf->op == RT_OP_BEFORE)
            cut(&times, INT64_MIN, leaf->time_us - 1);
        if (leaf->op == RT_OP_AGO)
            cut(&ages, leaf->min_us,
                leaf->max_us == RT_TIME_MAX ? INT64_MAX : leaf->max_us - 1);
    }
    return times.lo > times.hi || ages.lo > ages.hi;
}

/* ---- texts */

/* Can a field have this text, as far as the other tests on it go? */
static bool text_passes(const struct conjunction *c, size_t but, struct rt_span text)
{
    struct rt_timeform form = { .kind = RT_TIME_ANY };

    for (size_t i = 0; i < c->n; i++) {
        struct rt_plan_test test = { .leaf = c->all[i].leaf };

        if (i == but || test.leaf->op == RT_OP_REGEX || is_time(test.leaf)
            || !rt_span_eq(test.leaf->field, c->all[but].leaf->field))
            continue;
        if (rt_asker_holds(c->asker, &test, text, &form) == c->all[i].negated)
            return false;
    }
    return true;
}

static bool texts_exclude(const struct conjunction *c, size_t at)
{
    const struct rt_test *leaf = c->all[at].leaf;

    if (c->all[at].negated || leaf->op != RT_OP_EQ_TEXT || leaf->ignore_case)
        return false;
    for (size_t i = 0; i < leaf->ntexts; i++)
        if (text_passes(c, at, leaf->texts[i]))
            return false;
    return true;
}

/* A test and its negation, or one that asks for a value where there may be none. */
static bool pair_excludes(const struct conjunct *a, const struct conjunct *b)
{
    return !a->negated && b->negated && rt_span_eq(a->leaf->field, b->leaf->field)
        && (b->leaf->op == RT_OP_EXISTS || same_leaf(a->leaf, b->leaf));
}

static bool exclude(struct conjunction *c, struct rt_span *field)
{
    *field = c->shut;
    for (size_t i = 0; i < c->n && !field->p; i++) {
        bool no = texts_exclude(c, i) || numbers_exclude(c, c->all[i].leaf->field)
            || times_exclude(c, c->all[i].leaf->field);

        for (size_t k = 0; k < c->n && !no; k++)
            no = pair_excludes(&c->all[i], &c->all[k]);
        if (no)
            *field = c->all[i].leaf->field;
    }
    return field->p != NULL;
}

bool rt_check_tests(const struct rt_test *a, const struct rt_test *b,
    struct rt_asker *asker, struct rt_span *field)
{
    struct conjunction c = { .asker = asker };

    if (a)
        gather(&c, a, false);
    if (b)
        gather(&c, b, false);
    return exclude(&c, field);
}
