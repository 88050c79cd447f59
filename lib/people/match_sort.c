/* The classes of a batch's records, and what is wanted at their times: the loops that every
 * record goes through, without branches that depend on it. */
#include "base/columns.h"
#include "people/match_int.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- times at which nobody looks any more */

static void add_cut(struct rt_match *m, int64_t us)
{
    uint32_t i = m->ncuts;

    for (uint32_t k = 0; k < m->ncuts; k++)
        if (m->cuts[k] == us)
            return;
    for (; i > 0 && m->cuts[i - 1] > us; i--)
        m->cuts[i] = m->cuts[i - 1];
    m->cuts[i] = us;
    m->ncuts++;
}

int rt_match_build_times(struct rt_match *m)
{
    const struct rt_plan *plan = m->plan;
    uint32_t words = plan->matcher_words;

    m->cuts = rt_arena_new(&m->arena, 2 * (size_t)plan->nmatchers + 1, sizeof *m->cuts);
    if (!m->cuts)
        return RT_ENOMEM;
    add_cut(m, RT_TIME_MIN);
    for (uint32_t i = 0; i < plan->nmatchers; i++) {
        add_cut(m, plan->matchers[i].lo_us);
        if (plan->matchers[i].hi_us != RT_TIME_MAX)
            add_cut(m, plan->matchers[i].hi_us + 1);
    }
    m->active = rt_arena_new(&m->arena, (size_t)m->ncuts * words, sizeof *m->active);
    if (!m->active)
        return RT_ENOMEM;
    for (uint32_t c = 0; c < m->ncuts; c++)
        for (uint32_t i = 0; i < plan->nmatchers; i++)
            if (plan->matchers[i].lo_us <= m->cuts[c]
                && m->cuts[c] <= plan->matchers[i].hi_us)
                m->active[(size_t)c * words + i / 64] |= UINT64_C(1) << i % 64;
    return RT_OK;
}

/* The stretch in which the time is. */
static uint32_t stretch_of(const struct rt_match *m, int64_t us)
{
    uint32_t lo = 0, hi = m->ncuts;

    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (m->cuts[mid] <= us)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static const uint64_t *active_in(const struct rt_match *m, uint32_t stretch)
{
    return m->active + (size_t)stretch * m->plan->matcher_words;
}

/* How far past its cut the stretch's last time is. */
static uint64_t stretch_width(const struct rt_match *m, uint32_t s)
{
    int64_t last = s + 1 < m->ncuts ? m->cuts[s + 1] - 1 : INT64_MAX;

    return (uint64_t)last - (uint64_t)m->cuts[s];
}

/* Are all times in the stretch? Mostly they are: files begin with the oldest or newest. */
static bool all_in(const struct rt_match *m, uint32_t s)
{
    uint64_t cut = (uint64_t)m->cuts[s], width = stretch_width(m, s);
    bool out = false;

    for (uint32_t i = 0; i < m->input->n; i++)
        out |= (uint64_t)m->input->times_us[i] - cut > width;
    return !out;
}

static void sort_by_time(struct rt_match *m)
{
    const struct rt_match_input *in = m->input;
    uint32_t words = m->plan->matcher_words, last = RT_NONE;

    if (in->n)
        m->stretch = stretch_of(m, in->times_us[0]);
    m->wanted = m->always = active_in(m, m->stretch);
    if (all_in(m, m->stretch))
        return;
    m->always = NULL;
    m->wanted = m->wanted_by_some;
    memset(m->wanted_by_some, 0, words * sizeof *m->wanted_by_some);
    for (uint32_t i = 0; i < in->n; i++) {
        uint64_t since = (uint64_t)in->times_us[i] - (uint64_t)m->cuts[m->stretch];

        if (since > stretch_width(m, m->stretch))
            m->stretch = stretch_of(m, in->times_us[i]);
        m->active_at[i] = active_in(m, m->stretch);
        for (uint32_t w = 0; m->stretch != last && w < words; w++)
            m->wanted_by_some[w] |= m->active_at[i][w];
        last = m->stretch;
    }
}

/* ---- classes */

/* The classes that ask more than a name. Where they are few their records are looked for;
 * else only for those of the classes that a batch has. */
static void list_asking(struct rt_match *m)
{
    uint32_t n = 0, nclasses = rt_classes_count(m->classes);

    for (uint32_t c = 0; c < nclasses; c++)
        n += rt_classes_numbered(m->classes, c)->nfields > 0;
    m->few = n <= RT_FEW_CLASSES;
    for (uint32_t c = 0; c < nclasses; c++) {
        m->place_of[c] = RT_NO_PLACE;
        if (!m->few || rt_classes_numbered(m->classes, c)->nfields == 0)
            continue;
        m->place_of[c] = (uint16_t)m->nmet;
        m->met[m->nmet++] = c;
    }
}

int rt_match_build_sorting(struct rt_match *m)
{
    uint32_t words = m->plan->matcher_words, nclasses = rt_classes_count(m->classes);

    m->bits = rt_arena_new(&m->arena, (size_t)RT_BATCH_ROWS * words, sizeof *m->bits);
    m->wanted_by_some = rt_arena_new(&m->arena, words, sizeof *m->wanted_by_some);
    m->place_of = rt_arena_new(&m->arena, nclasses, sizeof *m->place_of);
    if (!m->bits || !m->wanted_by_some || !m->place_of)
        return RT_ENOMEM;
    list_asking(m);
    for (uint32_t i = 0; i < RT_BATCH_ROWS; i++)
        m->all.at[i] = (uint16_t)i;
    return RT_OK;
}

static void find_classes(struct rt_match *m)
{
    const struct rt_match_input *in = m->input;

    for (uint32_t i = 0; i < in->n; i++)
        m->cells[i] = in->cells + (size_t)in->rows[i] * in->nslots;
    if (!in->contact) {
        rt_classes_column(m->classes, m->cells, in->n, m->classes_of);
        return;
    }
    for (uint32_t i = 0; i < in->n; i++)
        m->classes_of[i] = rt_classes_contact(m->classes)->number;
}

/* Lists the classes met, at most one a record. */
static void list_classes(struct rt_match *m)
{
    m->nmet = 0;
    for (uint32_t i = 0; i < m->input->n; i++) {
        uint16_t *place = &m->place_of[m->classes_of[i]];

        if (*place == RT_NO_PLACE) {
            *place = (uint16_t)m->nmet;
            m->met[m->nmet++] = m->classes_of[i];
        }
        m->places[i] = (uint8_t)*place;
    }
    for (uint32_t k = 0; k < m->nmet; k++)
        m->place_of[m->met[k]] = RT_NO_PLACE;
}

static void find_places(struct rt_match *m)
{
    const uint16_t *place_of = m->place_of;
    uint32_t n = m->input->n;

    if (!m->few) {
        list_classes(m);
        return;
    }
    for (uint32_t i = 0; i < n && m->nmet; i++)
        m->places[i] = (uint8_t)place_of[m->classes_of[i]];
}

static void begin_bits(struct rt_match *m)
{
    const uint64_t *plain = rt_classes_plain(m->classes);
    uint32_t words = m->plan->matcher_words, n = m->input->n;
    uint64_t *bits = m->bits;

    for (uint32_t i = 0; i < n && words == 1; i++)
        bits[i] = plain[m->classes_of[i]];
    for (uint32_t i = 0; i < n && words > 1; i++)
        memcpy(rt_match_bits(m, i), plain + (size_t)m->classes_of[i] * words,
            words * sizeof *plain);
}

void rt_match_sort(struct rt_match *m)
{
    m->all.n = m->input->n;
    find_classes(m);
    find_places(m);
    begin_bits(m);
    sort_by_time(m);
    if (m->remembers)
        memset(m->hashed_slot, 0xff, m->input->n * sizeof *m->hashed_slot);
}

/* ---- the records of a class */

/* Which of the sixteen places from `from` on are this one, as bits. */
static inline uint32_t at_place(const struct rt_match *m, uint32_t from, uint32_t place)
{
#ifdef __SSE2__
    __m128i places = _mm_loadu_si128((const __m128i *)(m->places + from));

    return (uint32_t)_mm_movemask_epi8(
        _mm_cmpeq_epi8(places, _mm_set1_epi8((char)place)));
#else
    uint32_t mask = 0;

    for (uint32_t i = 0; i < 16; i++)
        mask |= (uint32_t)(m->places[from + i] == place) << i;
    return mask;
#endif
}

const struct rt_records *rt_match_of_class(struct rt_match *m, uint32_t place)
{
    uint32_t n = 0;

    for (uint32_t from = 0; from < m->input->n; from += RT_COLUMN_PART) {
        uint64_t mask = 0;

        for (uint32_t i = 0; i < RT_COLUMN_PART; i += 16)
            mask |= (uint64_t)at_place(m, from + i, place) << i;
        mask &= rt_low_bits(rt_column_part(from, m->input->n));
        for (; mask; mask &= mask - 1)
            m->some.at[n++] = (uint16_t)(from + (uint32_t)__builtin_ctzll(mask));
    }
    m->some.n = n;
    return &m->some;
}
