/* A query of up to 64 bytes is cut by bits that tell where its marks stand, found sixteen
 * bytes at a time: a third of the cost of a walk by memchr, which is for longer ones. */
#include "events/pixel.h"

#include "base/err.h"
#include "base/find.h"
#include "events/url.h"

/* A parameter of the query. */
struct param {
    struct rt_span name, value;
    bool plain; /* nothing in it is encoded for sure */
};

static inline bool is_named(const struct param *param, struct rt_span name)
{
    return rt_span_eq(param->name, name)
        || (!param->plain && rt_percent_eq(param->name, true, name));
}

/* The parameter's value is the cell's, unless that has one already. */
static inline int feed(
    struct rt_span *cell, const struct param *param, struct rt_arena *scratch)
{
    if (cell->p)
        return RT_OK;
    if (!param->plain)
        return rt_percent_text(param->value, true, scratch, cell);
    *cell = param->value;
    return RT_OK;
}

static int take_param(
    const struct rt_pixel_feeds *feeds, const struct param *param, struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, batch->nrows);

    if (is_named(param, feeds->event)
        && feed(&cells[RT_SLOT_EVENT], param, &batch->scratch) < 0)
        return RT_ENOMEM;
    for (size_t i = 0; i < feeds->nslots; i++)
        if (is_named(param, feeds->slots[i].param)
            && feed(&cells[feeds->slots[i].slot], param, &batch->scratch) < 0)
            return RT_ENOMEM;
    return RT_OK;
}

/* The pair that begins at byte `from` of a query of at most 64 bytes, of which `places` tell
 * where '&', '=' and what is encoded stand. Returns behind its '&', or behind the end. */
static inline size_t pair_at(struct rt_span query, size_t from,
    const struct rt_places64 *places, struct param *param)
{
    uint64_t rest = UINT64_MAX << from, ands = places->a & rest;
    size_t end = ands ? (size_t)__builtin_ctzll(ands) : query.n;
    uint64_t inside = rest & (end < 64 ? (UINT64_C(1) << end) - 1 : UINT64_MAX);
    uint64_t equals = places->b & inside;
    size_t mark = equals ? (size_t)__builtin_ctzll(equals) : end;

    param->name = (struct rt_span) { query.p + from, mark - from };
    from = mark + (mark < end);
    param->value = (struct rt_span) { query.p + from, end - from };
    param->plain = !(places->cd & inside);
    return end + 1;
}

static int take_short_query(
    const struct rt_pixel_feeds *feeds, struct rt_span query, struct rt_batch *batch)
{
    struct rt_places64 places = rt_places64(query.p, query.n, '&', '=', '%', '+');
    struct param param;

    for (size_t at = 0; at < query.n;) {
        if (places.a >> at & 1) {
            at++; /* "&&" */
            continue;
        }
        at = pair_at(query, at, &places, &param);
        if (take_param(feeds, &param, batch) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}

static int take_long_query(
    const struct rt_pixel_feeds *feeds, struct rt_span query, struct rt_batch *batch)
{
    struct param param = { .plain = false };

    while (rt_query_next(&query, &param.name, &param.value))
        if (take_param(feeds, &param, batch) < 0)
            return RT_ENOMEM;
    return RT_OK;
}

int rt_pixel_fill(
    const struct rt_pixel_feeds *feeds, struct rt_span query, struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, batch->nrows);

    cells[RT_SLOT_EVENT] = RT_SPAN_ABSENT;
    for (size_t i = 0; i < feeds->nslots; i++)
        cells[feeds->slots[i].slot] = RT_SPAN_ABSENT;
    return query.n <= 64 ? take_short_query(feeds, query, batch)
                         : take_long_query(feeds, query, batch);
}
