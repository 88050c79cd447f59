/*
 * The structural index: 64 bytes at a time are turned into one bit mask a kind of byte;
 * the set bits become offsets.
 *
 * Against byte by byte, text in the nearest cache, eleven columns in 140 bytes: AVX2 is 11
 * times as fast, AVX-512 13 times, AVX-512 with VBMI2 21 times.
 */
#include "events/scan.h"

#include <string.h>

#include "base/alloc.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif
#ifdef __aarch64__
#include <arm_neon.h>
#endif

enum { WORD = 64 }; /* bytes of one mask */

/* Line ends of a word that are noted without asking whether there are so many. */
enum { ROWS_UNASKED = 2 };

int rt_scan_init(struct rt_scan *scan)
{
    uint32_t *at = rt_malloc((1 + RT_SCAN_BYTES + WORD) * sizeof *at);

    scan->n = scan->nrows = 0;
    scan->at = at ? at + 1 : NULL;
    scan->rows = rt_malloc((RT_SCAN_BYTES + ROWS_UNASKED) * sizeof *scan->rows);
    if (scan->at && scan->rows)
        return RT_OK;
    rt_scan_release(scan);
    return RT_ENOMEM;
}

void rt_scan_release(struct rt_scan *scan)
{
    if (scan->at)
        rt_free(scan->at - 1);
    rt_free(scan->rows);
    *scan = (struct rt_scan) { 0 };
}

/* ---- byte by byte: for processors without vectors, and the twin of those with them */

static bool is_blank(char c, char delimiter)
{
    return (c == ' ' || c == '\t') && c != delimiter;
}

/* What a field may end at, or with. */
static bool is_edge(char c, char delimiter)
{
    return c == delimiter || c == '"' || c == '\n' || c == '\r';
}

static void scan_plain(
    struct rt_span text, uint32_t from, uint32_t to, char delimiter, struct rt_scan *scan)
{
    uint32_t n = 0, nrows = 0, flags = 0;

    scan->at[-1] = from - 1;
    for (uint32_t i = from; i < to; i++) {
        char c = text.p[i];
        bool last_cr = c == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n');

        if (c == '\n' || last_cr) {
            scan->rows[nrows++] = n | flags;
            scan->at[n++] = i;
            flags = 0;
        } else if (c == '"') {
            scan->at[n++] = i;
            flags |= RT_SCAN_QUOTED;
        } else if (c == delimiter) {
            scan->at[n++] = i;
        } else if (is_blank(c, delimiter)
            && (i == from || is_edge(text.p[i - 1], delimiter)
                || (i + 1 < to && is_edge(text.p[i + 1], delimiter)))) {
            flags |= RT_SCAN_PADDED;
        }
    }
    scan->n = n;
    scan->nrows = nrows;
}

#if defined __x86_64__ || defined __aarch64__

/* ---- what the vector ways share: masks of 64 bytes to entries */

struct masks {
    uint64_t delimiters, quotes, lf, cr, blanks; /* bit i: byte i of the word */
    bool special; /* false: of quotes, '\r' and blanks there is none for sure */
};

/* Where the 64 bytes stand that are looked at. */
struct word {
    struct rt_span text;
    uint32_t from, to; /* of the whole stretch */
    uint32_t at, bytes;
    char delimiter;
};

/* The index as it grows: in registers, where the scan itself would be written back at each
 * word. */
struct notes {
    uint32_t *at, *rows;
    uint32_t n, nrows;
    uint32_t flags; /* of the line that is not at its end */
};

/* Constants of a way; here of those that need none. */
struct kinds_any {
    char delimiter;
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE      __attribute__((noinline))

/* Words that are taken for unusual, once one is. */
enum { UNUSUAL_WORDS = 16 };

ALWAYS_INLINE struct kinds_any kinds_any(char delimiter)
{
    return (struct kinds_any) { delimiter };
}

/* Entries that are line ends. */
ALWAYS_INLINE uint64_t line_ends(const struct word *w, const struct masks *m)
{
    uint64_t last = UINT64_C(1) << (w->bytes - 1);
    uint32_t next = w->at + w->bytes;
    uint64_t ends = m->lf | (m->cr & ~(m->lf >> 1));

    if (m->cr & last && next < w->text.n && w->text.p[next] == '\n')
        ends &= ~last;
    return ends;
}

/* Of a blank that is the word's first or last byte, the neighbour stands in the text. By
 * value and apart: it is seldom asked for, and the busy loop keeps its registers. */
static NOINLINE uint64_t outer_padding(struct word w, uint64_t blanks)
{
    uint64_t first = 1, last = UINT64_C(1) << (w.bytes - 1), pads = 0;
    uint32_t next = w.at + w.bytes;

    if (blanks & first && (w.at == w.from || is_edge(w.text.p[w.at - 1], w.delimiter)))
        pads |= first;
    if (blanks & last && next < w.to && is_edge(w.text.p[next], w.delimiter))
        pads |= last;
    return pads;
}

/* Blanks at the beginning or the end of a field. */
ALWAYS_INLINE uint64_t padding(const struct word *w, const struct masks *m)
{
    uint64_t edges = m->delimiters | m->quotes | m->lf | m->cr;
    uint64_t outer = m->blanks & (UINT64_C(1) << (w->bytes - 1) | 1);

    return (m->blanks & (edges << 1 | edges >> 1))
        | (outer ? outer_padding(*w, outer) : 0);
}

/* The number of the entry at the lowest of the line ends; any number, if there is none. */
ALWAYS_INLINE uint32_t lowest_end(const struct notes *to, uint64_t ends, uint64_t all)
{
    uint64_t upto = ends ^ (ends - 1);

    return to->n + (uint32_t)__builtin_popcountll(all & upto) - 1;
}

/* Notes the line ends of a word whose entries are `all`. Nobody can guess whether a line
 * ends in a word; but three hardly ever do. So two are noted in any case, and counted as
 * many as there are. */
ALWAYS_INLINE void note_rows(struct notes *to, uint64_t ends, uint64_t all)
{
    uint32_t *row = to->rows + to->nrows;
    uint64_t more = ends & (ends - 1);

    *row++ = lowest_end(to, ends, all);
    *row++ = lowest_end(to, more, all);
    for (more &= more - 1; more; more &= more - 1)
        *row++ = lowest_end(to, more, all);
    to->nrows += (uint32_t)__builtin_popcountll(ends);
}

/* What is known of the line that ended at rows[first]; unless it has not ended. */
ALWAYS_INLINE void flag_row(struct notes *to, uint32_t first)
{
    if (!to->flags || to->nrows == first)
        return;
    to->rows[first] |= to->flags;
    to->flags = 0;
}

/* The same for a word with quotes, or with blanks beside its entries. */
ALWAYS_INLINE void note_flagged_rows(
    struct notes *to, uint64_t ends, uint64_t all, uint64_t quotes, uint64_t pads)
{
    for (; ends; ends &= ends - 1) {
        uint64_t upto = ends ^ (ends - 1);

        to->flags |= quotes & upto ? RT_SCAN_QUOTED : 0;
        to->flags |= pads & upto ? RT_SCAN_PADDED : 0;
        to->rows[to->nrows++] = lowest_end(to, ends, all) | to->flags;
        to->flags = 0;
        quotes &= ~upto;
        pads &= ~upto;
    }
    to->flags |= quotes ? RT_SCAN_QUOTED : 0;
    to->flags |= pads ? RT_SCAN_PADDED : 0;
}

/* True when a word has no quote, no '\r' but those before a '\n', and no blank at the
 * beginning or the end of a field. (It may have these where this says false: what stands
 * beside the word is not looked at.) */
ALWAYS_INLINE bool is_usual(const struct masks *m)
{
    const uint64_t first = 1, last = UINT64_C(1) << (WORD - 1);
    uint64_t edges = m->delimiters | m->lf | m->cr, lone_cr = m->cr & ~(m->lf >> 1);
    uint64_t beside = edges << 1 | edges >> 1 | first | last;

    return !m->special || !(m->quotes | lone_cr | (m->blanks & beside));
}

/* Notes a word's rows and returns its entries, to be noted next. */
ALWAYS_INLINE uint64_t note_word(
    const struct word *w, const struct masks *m, struct notes *to)
{
    uint64_t all = m->delimiters | m->lf, pads = m->special ? padding(w, m) : 0, ends;

    if (!m->special || !(m->quotes | m->cr | pads)) {
        uint32_t first = to->nrows;

        note_rows(to, m->lf, all);
        flag_row(to, first);
        return all;
    }
    ends = line_ends(w, m);
    all |= m->quotes | ends;
    note_flagged_rows(to, ends, all, m->quotes, pads);
    return all;
}

/* How many words to take for unusual at w->at, where one is: as many as before, and as many
 * again. */
static uint32_t count_unusual(const struct word *w, uint32_t before)
{
    uint32_t n = before ? 2 * before : UNUSUAL_WORDS, left = (w->to - w->at) / WORD;

    return n < left ? n : left;
}

/*
 * One way to scan: name, the target of its instructions, its constants (KINDS: type and
 * function), the masks of the 64 bytes at p, and how offsets are noted. The last word may
 * be short: it is copied to where 64 bytes may be read.
 *
 * Usual words have a loop of their own, in a function of its own: all that it needs stays in
 * registers. It ends at a word that is not usual; that one and some more go through a loop
 * that can do anything, since unusual words come together.
 */
#define DEFINE_SCAN(NAME, TARGET, KINDS, MASKS, NOTE)                                    \
    TARGET static NOINLINE struct notes NAME##_usual(                                    \
        struct notes notes, const struct word *w, uint32_t *end)                         \
    {                                                                                    \
        const struct KINDS kinds = KINDS(w->delimiter);                                  \
        const char *text = w->text.p;                                                    \
        uint32_t at = w->at, to = w->to, first = notes.nrows;                            \
                                                                                         \
        for (; to - at >= WORD; at += WORD) {                                            \
            struct masks m = MASKS(text + at, &kinds);                                   \
                                                                                         \
            if (!is_usual(&m))                                                           \
                break;                                                                   \
            note_rows(&notes, m.lf, m.delimiters | m.lf);                                \
            NOTE(&notes, at, m.delimiters | m.lf);                                       \
        }                                                                                \
        flag_row(&notes, first);                                                         \
        *end = at;                                                                       \
        return notes;                                                                    \
    }                                                                                    \
                                                                                         \
    TARGET static NOINLINE struct notes NAME##_any(                                      \
        struct notes notes, struct word w, uint32_t nwords)                              \
    {                                                                                    \
        const struct KINDS kinds = KINDS(w.delimiter);                                   \
                                                                                         \
        for (; nwords; nwords--, w.at += WORD) {                                         \
            struct masks m = MASKS(w.text.p + w.at, &kinds);                             \
                                                                                         \
            NOTE(&notes, w.at, note_word(&w, &m, &notes));                               \
        }                                                                                \
        return notes;                                                                    \
    }                                                                                    \
                                                                                         \
    TARGET static NOINLINE struct notes NAME##_last(struct notes notes, struct word w)   \
    {                                                                                    \
        const struct KINDS kinds = KINDS(w.delimiter);                                   \
        char tail[WORD] = { 0 };                                                         \
        struct masks m;                                                                  \
                                                                                         \
        w.bytes = w.to - w.at;                                                           \
        memcpy(tail, w.text.p + w.at, w.bytes);                                          \
        m = MASKS(tail, &kinds);                                                         \
        m.delimiters &= (UINT64_C(1) << w.bytes) - 1;                                    \
        NOTE(&notes, w.at, note_word(&w, &m, &notes));                                   \
        return notes;                                                                    \
    }                                                                                    \
                                                                                         \
    static void NAME(struct rt_span text, uint32_t from, uint32_t to, char delimiter,    \
        struct rt_scan *scan)                                                            \
    {                                                                                    \
        struct word w = { text, from, to, from, WORD, delimiter };                       \
        struct notes notes = { .at = scan->at, .rows = scan->rows };                     \
                                                                                         \
        scan->at[-1] = from - 1;                                                         \
        for (uint32_t nwords = 0; to - w.at >= WORD; w.at += nwords * WORD) {            \
            uint32_t at = w.at;                                                          \
                                                                                         \
            notes = NAME##_usual(notes, &w, &w.at);                                      \
            nwords = count_unusual(&w, w.at == at ? nwords : 0);                         \
            notes = NAME##_any(notes, w, nwords);                                        \
        }                                                                                \
        if (w.at < to)                                                                   \
            notes = NAME##_last(notes, w);                                               \
        scan->n = notes.n;                                                               \
        scan->nrows = notes.nrows;                                                       \
    }

#endif

#ifdef __x86_64__

/* ---- AVX2: two halves of 32 bytes */

#define AVX2_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))

AVX2_TARGET ALWAYS_INLINE uint64_t mask_avx2(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low)
        | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2_TARGET ALWAYS_INLINE uint64_t where_avx2(__m256i low, __m256i high, char c)
{
    __m256i what = _mm256_set1_epi8(c);

    return mask_avx2(_mm256_cmpeq_epi8(low, what), _mm256_cmpeq_epi8(high, what));
}

struct kinds_avx2 {
    char delimiter;
    __m256i specials; /* '"', '\r', blank and tab, by their lower four bits */
};

AVX2_TARGET ALWAYS_INLINE struct kinds_avx2 kinds_avx2(char delimiter)
{
    char table[16] = { [0] = 1, ['"' & 15] = '"', ['\r' & 15] = '\r' };

    if (delimiter != ' ')
        table[' ' & 15] = ' ';
    if (delimiter != '\t')
        table['\t' & 15] = '\t';
    return (struct kinds_avx2) { delimiter,
        _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(const void *)table)) };
}

/* Where a byte is one of the specials: each is looked up by its lower four bits, which no
 * two of them share. What stands in the table's other places is never found there. */
AVX2_TARGET ALWAYS_INLINE __m256i special_avx2(
    __m256i bytes, const struct kinds_avx2 *kinds)
{
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(kinds->specials, bytes), bytes);
}

AVX2_TARGET ALWAYS_INLINE struct masks masks_avx2(
    const char *p, const struct kinds_avx2 *kinds)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    __m256i special =
        _mm256_or_si256(special_avx2(low, kinds), special_avx2(high, kinds));
    struct masks m = { .delimiters = where_avx2(low, high, kinds->delimiter),
        .lf = where_avx2(low, high, '\n') };

    if (_mm256_movemask_epi8(special)) {
        m.special = true;
        m.quotes = where_avx2(low, high, '"');
        m.cr = where_avx2(low, high, '\r');
        m.blanks =
            (where_avx2(low, high, ' ') | where_avx2(low, high, '\t')) & ~m.delimiters;
    }
    return m;
}

/* Notes the lowest of a word's set bits; returns the others. */
AVX2_TARGET ALWAYS_INLINE uint64_t note_lowest(uint32_t *at, uint32_t base, uint64_t all)
{
    *at = base + (uint32_t)_tzcnt_u64(all);
    return _blsr_u64(all);
}

/* Notes the offsets of a word's set bits, four at a time without asking whether there are
 * so many: a loop of unknown length costs a wrong guess per word. Writes up to three
 * entries too many, into room that rt_scan_init leaves for them. */
AVX2_TARGET ALWAYS_INLINE void note_counted(struct notes *to, uint32_t base, uint64_t all)
{
    uint32_t *at = to->at + to->n;

    to->n += (uint32_t)__builtin_popcountll(all);
    for (; all; at += 4) {
        all = note_lowest(at, base, all);
        all = note_lowest(at + 1, base, all);
        all = note_lowest(at + 2, base, all);
        all = note_lowest(at + 3, base, all);
    }
}

DEFINE_SCAN(scan_avx2, AVX2_TARGET, kinds_avx2, masks_avx2, note_counted)

/* ---- AVX-512BW: masks come for free, and offsets by compressing a row of numbers */

#define AVX512_TARGET                                                                    \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx2,bmi,bmi2,popcnt")))

AVX512_TARGET ALWAYS_INLINE uint64_t where_avx512(__m512i bytes, char c)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

AVX512_TARGET ALWAYS_INLINE struct masks masks_avx512(
    const char *p, const struct kinds_any *kinds)
{
    __m512i bytes = _mm512_loadu_si512(p);
    struct masks m = { .delimiters = where_avx512(bytes, kinds->delimiter),
        .quotes = where_avx512(bytes, '"'),
        .lf = where_avx512(bytes, '\n'),
        .cr = where_avx512(bytes, '\r'),
        .special = true };

    m.blanks = (where_avx512(bytes, ' ') | where_avx512(bytes, '\t')) & ~m.delimiters;
    return m;
}

/* No branch depends on the text here. Each store writes 16 entries, of which the next
 * overwrites those that are too many. */
AVX512_TARGET ALWAYS_INLINE void note_compressed(
    struct notes *to, uint32_t base, uint64_t all)
{
    const __m512i count =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t *at = to->at + to->n;

    for (uint32_t i = 0; i < WORD; i += 16) {
        __mmask16 mask = (__mmask16)(all >> i);
        __m512i offsets = _mm512_add_epi32(count, _mm512_set1_epi32((int)(base + i)));

        _mm512_storeu_si512(at, _mm512_maskz_compress_epi32(mask, offsets));
        at += __builtin_popcount(mask);
    }
    to->n = (uint32_t)(at - to->at);
}

DEFINE_SCAN(scan_avx512, AVX512_TARGET, kinds_any, masks_avx512, note_compressed)

/* ---- AVX-512 VBMI2: bytes are compressed at once, then made offsets */

#define VBMI2_TARGET                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi,bmi2,"         \
                          "popcnt")))

/* The numbers 0 to 63. */
static const uint8_t numbers[WORD] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
    36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56,
    57, 58, 59, 60, 61, 62, 63 };

/* Writes the lowest 16 of the places; returns the others. */
VBMI2_TARGET ALWAYS_INLINE __m512i note_16(uint32_t *at, __m512i base, __m512i places)
{
    __m512i offsets = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places));

    _mm512_storeu_si512(at, _mm512_add_epi32(offsets, base));
    return _mm512_alignr_epi64(places, places, 2);
}

/* As note_compressed; 32 without asking, since with every field quoted there often are
 * more than 16, but hardly ever more than that. */
VBMI2_TARGET ALWAYS_INLINE void note_bytes(struct notes *to, uint32_t base, uint64_t all)
{
    const __m512i start = _mm512_set1_epi32((int)base);
    __m512i places = _mm512_maskz_compress_epi8(all, _mm512_loadu_si512(numbers));
    uint32_t *at = to->at + to->n, n = (uint32_t)__builtin_popcountll(all);

    places = note_16(at, start, places);
    places = note_16(at + 16, start, places);
    for (uint32_t done = 32; done < n; done += 16)
        places = note_16(at + done, start, places);
    to->n += n;
}

DEFINE_SCAN(scan_vbmi2, VBMI2_TARGET, kinds_any, masks_avx512, note_bytes)

#endif

#ifdef __aarch64__

/* ---- NEON: four quarters of 16 bytes; a mask by weighing and adding neighbours */

ALWAYS_INLINE uint64_t where_neon(const uint8x16_t q[4], char c)
{
    static const uint8_t weights[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32,
        64, 128 };
    const uint8x16_t weight = vld1q_u8(weights), what = vdupq_n_u8((uint8_t)c);
    uint8x16_t a = vandq_u8(vceqq_u8(q[0], what), weight);
    uint8x16_t b = vandq_u8(vceqq_u8(q[1], what), weight);
    uint8x16_t d = vandq_u8(vceqq_u8(q[2], what), weight);
    uint8x16_t e = vandq_u8(vceqq_u8(q[3], what), weight);
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(d, e));

    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

ALWAYS_INLINE struct masks masks_neon(const char *p, const struct kinds_any *kinds)
{
    const uint8_t *bytes = (const uint8_t *)p;
    const uint8x16_t q[4] = { vld1q_u8(bytes), vld1q_u8(bytes + 16), vld1q_u8(bytes + 32),
        vld1q_u8(bytes + 48) };
    struct masks m = { .delimiters = where_neon(q, kinds->delimiter),
        .quotes = where_neon(q, '"'),
        .lf = where_neon(q, '\n'),
        .cr = where_neon(q, '\r'),
        .special = true };

    m.blanks = (where_neon(q, ' ') | where_neon(q, '\t')) & ~m.delimiters;
    return m;
}

/* As in AVX2; but here a zero has no bit to count up to. */
ALWAYS_INLINE uint64_t note_lowest(uint32_t *at, uint32_t base, uint64_t all)
{
    *at = base + (all ? (uint32_t)__builtin_ctzll(all) : 0);
    return all & (all - 1);
}

ALWAYS_INLINE void note_counted(struct notes *to, uint32_t base, uint64_t all)
{
    uint32_t *at = to->at + to->n;

    to->n += (uint32_t)__builtin_popcountll(all);
    for (; all; at += 4) {
        all = note_lowest(at, base, all);
        all = note_lowest(at + 1, base, all);
        all = note_lowest(at + 2, base, all);
        all = note_lowest(at + 3, base, all);
    }
}

#define NEON_TARGET
DEFINE_SCAN(scan_neon, NEON_TARGET, kinds_any, masks_neon, note_counted)

#endif

size_t rt_scan_ways(struct rt_scan_way ways[RT_SCAN_WAYS])
{
    size_t n = 0;

#ifdef __x86_64__
    bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("popcnt");

    bool wide =
        bits && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");

    if (wide && __builtin_cpu_supports("avx512vbmi2"))
        ways[n++] = (struct rt_scan_way) { "AVX-512 VBMI2", scan_vbmi2 };
    if (wide)
        ways[n++] = (struct rt_scan_way) { "AVX-512", scan_avx512 };
    if (bits && __builtin_cpu_supports("avx2"))
        ways[n++] = (struct rt_scan_way) { "AVX2", scan_avx2 };
#endif
#ifdef __aarch64__
    ways[n++] = (struct rt_scan_way) { "NEON", scan_neon };
#endif
    ways[n++] = (struct rt_scan_way) { "plain", scan_plain };
    return n;
}
