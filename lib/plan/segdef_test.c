/*
 * Tests on a field: {"plan": "pro", "value": {"gte": 10}, "any": [...]} to a formula over
 * leaves. What the language says shortly is spelled out here, so that whoever evaluates
 * knows few forms:
 *
 *     "country": ["DE", "AT"]     EQ_TEXT of two texts
 *     "size": ["S", 38, true]     ANY of EQ_TEXT, EQ_NUM, TRUE
 *     "plan": {"ne": "pro"}       ALL of EXISTS and NOT of EQ_TEXT
 *     "plan": {"exists": false}   NOT of EXISTS
 */
#include "plan/segdef_int.h"

/* ---- building */

static struct rt_test *new_leaf(
    struct rt_reading *reading, struct rt_span field, enum rt_op op)
{
    struct rt_test *test = rt_reading_new(reading, 1, sizeof *test);

    if (!test)
        return NULL;
    test->kind = RT_TEST_LEAF;
    test->field = field;
    test->op = op;
    return test;
}

/* parts are the arena's already; one part needs nothing around it, unless it is NOT. */
static const struct rt_test *join(struct rt_reading *reading, enum rt_test_kind kind,
    const struct rt_test *const *parts, size_t n)
{
    struct rt_test *test;

    if (n == 1 && kind != RT_TEST_NOT)
        return parts[0];
    test = rt_reading_new(reading, 1, sizeof *test);
    if (!test)
        return NULL;
    test->kind = kind;
    test->parts = parts;
    test->n = n;
    return test;
}

static const struct rt_test *negate(
    struct rt_reading *reading, const struct rt_test *part)
{
    const struct rt_test **parts = rt_reading_new(reading, 1, sizeof *parts);

    if (!parts || !part)
        return NULL;
    parts[0] = part;
    return join(reading, RT_TEST_NOT, parts, 1);
}

/* Present, and not that. */
static const struct rt_test *present_but_not(
    struct rt_reading *reading, struct rt_span field, const struct rt_test *equal)
{
    const struct rt_test **parts = rt_reading_new(reading, 2, sizeof *parts);

    if (!parts)
        return NULL;
    parts[0] = new_leaf(reading, field, RT_OP_EXISTS);
    parts[1] = negate(reading, equal);
    return parts[0] && parts[1] ? join(reading, RT_TEST_ALL, parts, 2) : NULL;
}

/* ---- literals */

/* The values of one literal or a list of them, sorted by kind. */
struct literals {
    struct rt_span *texts;
    size_t ntexts;
    int64_t *numbers;
    size_t nnumbers;
    bool truth, untruth; /* true, false among them */
};

static bool add_literal(
    struct rt_reading *reading, const struct rt_json *json, struct literals *literals)
{
    switch (json->kind) {
    case RT_JSON_TEXT:
        if (json->text.n == 0) {
            rt_complain(
                reading, json, "nothing equals an empty text; say {\"exists\": false}");
            return false;
        }
        return rt_read_text(
            reading, json, "a value", &literals->texts[literals->ntexts++]);
    case RT_JSON_NUMBER:
        return rt_read_number(
            reading, json, "a value", &literals->numbers[literals->nnumbers++]);
    case RT_JSON_BOOL:
        literals->truth |= json->truth;
        literals->untruth |= !json->truth;
        return true;
    default:
        rt_complain(reading, json, "expected a text, a number, true or false, found %s%s",
            rt_found(json),
            json->kind == RT_JSON_NULL ? "; say {\"exists\": false}" : "");
        return false;
    }
}

static bool collect(struct rt_reading *reading, const struct rt_json *items, size_t n,
    struct literals *literals)
{
    bool good = true;

    *literals = (struct literals) {
        .texts = rt_reading_new(reading, n, sizeof *literals->texts),
        .numbers = rt_reading_new(reading, n, sizeof *literals->numbers),
    };
    if (!literals->texts || !literals->numbers)
        return false;
    for (size_t i = 0; i < n; i++)
        good &= add_literal(reading, &items[i], literals);
    return good;
}

static const struct rt_test *equals_one(struct rt_reading *reading, struct rt_span field,
    const struct literals *literals, bool ignore_case)
{
    const struct rt_test **parts = rt_reading_new(reading, 4, sizeof *parts);
    struct rt_test *test;
    size_t n = 0;

    if (!parts)
        return NULL;
    if (literals->ntexts) {
        parts[n++] = test = new_leaf(reading, field, RT_OP_EQ_TEXT);
        if (!test)
            return NULL;
        test->texts = literals->texts;
        test->ntexts = literals->ntexts;
        test->ignore_case = ignore_case;
    }
    if (literals->nnumbers) {
        parts[n++] = test = new_leaf(reading, field, RT_OP_EQ_NUM);
        if (!test)
            return NULL;
        test->numbers = literals->numbers;
        test->nnumbers = literals->nnumbers;
    }
    if (literals->truth && !(parts[n++] = new_leaf(reading, field, RT_OP_TRUE)))
        return NULL;
    if (literals->untruth && !(parts[n++] = new_leaf(reading, field, RT_OP_FALSE)))
        return NULL;
    return join(reading, RT_TEST_ANY, parts, n);
}

/* ---- operators */

enum form {
    FORM_LITERAL,  /* eq ne */
    FORM_LITERALS, /* in not_in */
    FORM_NUMBER,   /* gt gte lt lte */
    FORM_NUMBERS,  /* between */
    FORM_TEXT,     /* contains starts_with ends_with glob regex */
    FORM_BOOL,     /* exists */
    FORM_AGES,     /* ago */
    FORM_TIME,     /* before after */
    FORM_NETWORKS, /* cidr */
    FORM_MODIFIER  /* ignore_case */
};

static const struct operation {
    const char *name;
    enum form form;
    enum rt_op op; /* not for literals: their kind decides */
    bool negative; /* literals: ne, not_in */
} operators[] = {
    { "eq", FORM_LITERAL, RT_OP_EQ_TEXT, false },
    { "ne", FORM_LITERAL, RT_OP_EQ_TEXT, true },
    { "in", FORM_LITERALS, RT_OP_EQ_TEXT, false },
    { "not_in", FORM_LITERALS, RT_OP_EQ_TEXT, true },
    { "gt", FORM_NUMBER, RT_OP_GT, false },
    { "gte", FORM_NUMBER, RT_OP_GTE, false },
    { "lt", FORM_NUMBER, RT_OP_LT, false },
    { "lte", FORM_NUMBER, RT_OP_LTE, false },
    { "between", FORM_NUMBERS, RT_OP_BETWEEN, false },
    { "contains", FORM_TEXT, RT_OP_CONTAINS, false },
    { "starts_with", FORM_TEXT, RT_OP_STARTS, false },
    { "ends_with", FORM_TEXT, RT_OP_ENDS, false },
    { "glob", FORM_TEXT, RT_OP_GLOB, false },
    { "regex", FORM_TEXT, RT_OP_REGEX, false },
    { "exists", FORM_BOOL, RT_OP_EXISTS, false },
    { "ago", FORM_AGES, RT_OP_AGO, false },
    { "before", FORM_TIME, RT_OP_BEFORE, false },
    { "after", FORM_TIME, RT_OP_AFTER, false },
    { "cidr", FORM_NETWORKS, RT_OP_CIDR, false },
    { "ignore_case", FORM_MODIFIER, RT_OP_EQ_TEXT, false },
};

/* The field and the modifiers of one operator object. */
struct subject {
    struct rt_span field;
    bool ignore_case;
    bool used_case; /* an operator made use of it */
};

static const struct rt_test *read_literals(struct rt_reading *reading,
    const struct rt_json *json, const struct operation *operation,
    struct subject *subject)
{
    struct literals literals;
    const struct rt_test *test;
    bool good;

    if (operation->form == FORM_LITERAL && json->kind == RT_JSON_ARRAY) {
        rt_complain(reading, json,
            "expected one value, found a list; \"%s\" takes a list",
            operation->negative ? "not_in" : "in");
        return NULL;
    }
    if (operation->form == FORM_LITERALS) {
        if (!rt_read_list(reading, json, "a list of at least one value"))
            return NULL;
        good = collect(reading, json->items, json->n, &literals);
    } else {
        good = collect(reading, json, 1, &literals);
    }
    if (!good)
        return NULL;
    subject->used_case |= literals.ntexts > 0;
    test = equals_one(reading, subject->field, &literals, subject->ignore_case);
    return test && operation->negative ? present_but_not(reading, subject->field, test)
                                       : test;
}

static bool read_numbers(struct rt_reading *reading, const struct rt_json *json, size_t n,
    struct rt_test *test)
{
    int64_t *numbers = rt_reading_new(reading, n, sizeof *numbers);
    bool good = numbers != NULL;

    for (size_t i = 0; numbers && i < n; i++)
        good &= rt_read_number(reading, &json[i], "a number", &numbers[i]);
    test->numbers = numbers;
    test->nnumbers = n;
    return good;
}

static bool read_between(
    struct rt_reading *reading, const struct rt_json *json, struct rt_test *test)
{
    static const char due[] = "a list of two numbers, the smaller one first";

    if (!rt_read_list(reading, json, due))
        return false;
    if (json->n != 2) {
        rt_complain(reading, json, "expected %s, found a list of %zu", due, json->n);
        return false;
    }
    if (!read_numbers(reading, json->items, 2, test))
        return false;
    if (test->numbers[0] > test->numbers[1]) {
        rt_complain(reading, json, "can never hold: the smaller number stands first");
        return false;
    }
    return true;
}

/* Compiled to see whether it can be; whoever evaluates compiles it again. */
static bool check_regex(
    struct rt_reading *reading, const struct rt_json *json, const struct rt_test *test)
{
    struct rt_regex *regex = NULL;
    struct rt_err err = { 0 };
    int rc = rt_regex_new(test->texts[0], test->ignore_case, &regex, &err);

    rt_regex_free(regex);
    if (rc == RT_ENOMEM)
        reading->status = rc;
    else if (rc < 0)
        rt_complain(reading, json, "%s, at character %u", err.text, (unsigned)err.col);
    return rc == RT_OK;
}

static bool read_pattern(struct rt_reading *reading, const struct rt_json *json,
    struct subject *subject, struct rt_test *test)
{
    struct rt_span *text = rt_reading_new(reading, 1, sizeof *text);

    if (!text || !rt_read_text(reading, json, "a text", text))
        return false;
    test->texts = text;
    test->ntexts = 1;
    test->ignore_case = subject->ignore_case;
    subject->used_case = true;
    return test->op != RT_OP_REGEX || check_regex(reading, json, test);
}

static bool read_networks(
    struct rt_reading *reading, const struct rt_json *json, struct rt_test *test)
{
    static const char due[] = "a network like \"10.0.0.0/8\"";
    bool is_list = json->kind == RT_JSON_ARRAY, good = true;
    size_t n = is_list ? json->n : 1;
    const struct rt_json *items = is_list ? json->items : json;
    struct rt_network *networks;

    if (is_list && !rt_read_list(reading, json, "a list of at least one network"))
        return false;
    networks = rt_reading_new(reading, n, sizeof *networks);
    for (size_t i = 0; networks && i < n; i++) {
        struct rt_span text;

        if (!rt_read_text(reading, &items[i], due, &text)) {
            good = false;
        } else if (rt_network_parse(text, &networks[i]) < 0) {
            rt_complain(
                reading, &items[i], "expected %s, all bits past the prefix zero", due);
            good = false;
        }
    }
    test->networks = networks;
    test->nnetworks = n;
    return networks && good;
}

static const struct rt_test *read_operator(struct rt_reading *reading,
    const struct rt_json *json, const struct operation *operation,
    struct subject *subject)
{
    struct rt_test *test = new_leaf(reading, subject->field, operation->op);
    bool day_only, exists = true, good = false;

    if (!test)
        return NULL;
    switch (operation->form) {
    case FORM_LITERAL:
    case FORM_LITERALS:
        return read_literals(reading, json, operation, subject);
    case FORM_NUMBER:
        good = read_numbers(reading, json, 1, test);
        break;
    case FORM_NUMBERS:
        good = read_between(reading, json, test);
        break;
    case FORM_TEXT:
        good = read_pattern(reading, json, subject, test);
        break;
    case FORM_BOOL:
        good = rt_read_bool(reading, json, &exists);
        break;
    case FORM_AGES:
        good = rt_read_ago(reading, json, &test->min_us, &test->max_us);
        break;
    case FORM_TIME:
        good = rt_read_time(reading, json, &test->time_us, &day_only);
        break;
    case FORM_NETWORKS:
        good = read_networks(reading, json, test);
        break;
    case FORM_MODIFIER: /* dealt with by the caller */
        break;
    }
    if (!good)
        return NULL;
    return exists ? test : negate(reading, test);
}

static const struct operation *find_operator(struct rt_span name)
{
    for (size_t i = 0; i < RT_COUNT_OF(operators); i++)
        if (rt_span_eq(name, rt_span_of(operators[i].name)))
            return &operators[i];
    return NULL;
}

static void complain_of_operator(struct rt_reading *reading, const struct rt_json *json)
{
    const char *names[RT_COUNT_OF(operators)];

    if (rt_span_eq(json->key, RT_SPAN("not"))) {
        rt_complain_key(reading, json,
            "\"not\" stands around the whole test: {\"not\": {\"field\": ...}}");
        return;
    }
    for (size_t i = 0; i < RT_COUNT_OF(operators); i++)
        names[i] = operators[i].name;
    rt_complain_key(reading, json, "unknown operator \"%s\"%s", rt_show(json->key).text,
        rt_hint(reading, json->key, names, RT_COUNT_OF(names)).text);
}

/* Reads the operators of the object into parts; the number of good ones. */
static size_t read_operators(struct rt_reading *reading, const struct rt_json *json,
    struct subject *subject, const struct rt_test **parts, size_t *named)
{
    size_t n = 0;

    *named = 0;
    for (size_t i = 0; i < json->n; i++) {
        const struct operation *operation = find_operator(json->items[i].key);

        if (!operation) {
            complain_of_operator(reading, &json->items[i]);
            ++*named;
        } else if (operation->form != FORM_MODIFIER) {
            parts[n] = read_operator(reading, &json->items[i], operation, subject);
            n += parts[n] != NULL;
            ++*named;
        }
    }
    return n;
}

static const struct rt_test *read_operator_object(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span field)
{
    const struct rt_json *modifier = rt_json_get(json, "ignore_case");
    const struct rt_test **parts = rt_reading_new(reading, json->n, sizeof *parts);
    struct subject subject = { .field = field };
    size_t n, named;

    if (!parts)
        return NULL;
    if (modifier && !rt_read_bool(reading, modifier, &subject.ignore_case))
        modifier = NULL;
    n = read_operators(reading, json, &subject, parts, &named);
    if (named == 0) {
        rt_complain(reading, json, "names no operator, such as {\"gte\": 10}");
        return NULL;
    }
    if (n < named)
        return NULL;
    if (modifier && !subject.used_case) {
        rt_complain_key(reading, modifier, "\"ignore_case\" goes with texts only");
        return NULL;
    }
    return join(reading, RT_TEST_ALL, parts, n);
}

/* ---- formulas */

static const struct rt_test *read_field_test(
    struct rt_reading *reading, const struct rt_json *json)
{
    static const struct operation one_of = { "in", FORM_LITERALS, RT_OP_EQ_TEXT, false };
    static const struct operation equal = { "eq", FORM_LITERAL, RT_OP_EQ_TEXT, false };
    struct subject subject = { .field = rt_arena_copy(reading->arena, json->key) };

    if (!subject.field.p) {
        reading->status = RT_ENOMEM;
        return NULL;
    }
    if (json->key.n == 0) {
        rt_complain_key(reading, json, "is empty, expected a field name");
        return NULL;
    }
    if (json->kind == RT_JSON_OBJECT)
        return read_operator_object(reading, json, subject.field);
    return read_literals(
        reading, json, json->kind == RT_JSON_ARRAY ? &one_of : &equal, &subject);
}

static const struct rt_test *read_test_list(
    struct rt_reading *reading, const struct rt_json *json, enum rt_test_kind kind)
{
    const struct rt_test **parts;
    bool good = true;

    if (!rt_read_list(reading, json, "a list of at least one {field: test}"))
        return NULL;
    parts = rt_reading_new(reading, json->n, sizeof *parts);
    if (!parts)
        return NULL;
    for (size_t i = 0; i < json->n; i++) {
        parts[i] = rt_read_tests(reading, &json->items[i]);
        good &= parts[i] != NULL;
    }
    return good ? join(reading, kind, parts, json->n) : NULL;
}

static const struct rt_test *read_member(
    struct rt_reading *reading, const struct rt_json *json)
{
    if (rt_span_eq(json->key, RT_SPAN("all")))
        return read_test_list(reading, json, RT_TEST_ALL);
    if (rt_span_eq(json->key, RT_SPAN("any")))
        return read_test_list(reading, json, RT_TEST_ANY);
    if (rt_span_eq(json->key, RT_SPAN("not")))
        return negate(reading, rt_read_tests(reading, json));
    return read_field_test(reading, json);
}

const struct rt_test *rt_read_tests(
    struct rt_reading *reading, const struct rt_json *json)
{
    const struct rt_test **parts;
    bool good = true;

    if (!rt_read_kind(reading, json, RT_JSON_OBJECT, "tests like {\"field\": \"value\"}"))
        return NULL;
    if (json->n == 0) {
        rt_complain(
            reading, json, "is empty, expected tests like {\"field\": \"value\"}");
        return NULL;
    }
    parts = rt_reading_new(reading, json->n, sizeof *parts);
    if (!parts)
        return NULL;
    for (size_t i = 0; i < json->n; i++) {
        parts[i] = read_member(reading, &json->items[i]);
        good &= parts[i] != NULL;
    }
    return good ? join(reading, RT_TEST_ALL, parts, json->n) : NULL;
}

bool rt_read_where(struct rt_reading *reading, const struct rt_json *object,
    const char *key, const struct rt_test **out)
{
    const struct rt_json *json = rt_json_get(object, key);

    *out = json ? rt_read_tests(reading, json) : NULL;
    return !json || *out;
}
