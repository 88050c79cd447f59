/*
 * The structural index: 64 bytes at a time are turned into one bit mask a kind of byte;
 * the set bits become offsets.
 *
 * GB/s of index on one thread, nine columns in 134 bytes, text from memory (and from the
 * nearest cache): byte by byte 0.5 (0.7), AVX2 3.3 (6.9), AVX-512 4.3 (6.4).
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

int rt_scan_init(struct rt_scan *scan)
{
    uint32_t *at = rt_malloc((1 + RT_SCAN_BYTES + WORD) * sizeof *at);

    scan->n = scan->nrows = 0;
    scan->at = at ? at + 1 : NULL;
    scan->rows = rt_malloc(RT_SCAN_BYTES * sizeof *scan->rows);
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

static void scan_plain(
    struct rt_span text, uint32_t from, uint32_t to, char delimiter, struct rt_scan *scan)
{
    uint32_t n = 0, nrows = 0, quoted = 0;

    scan->at[-1] = from - 1;
    for (uint32_t i = from; i < to; i++) {
        char c = text.p[i];
        bool last_cr = c == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n');

        if (c == '\n' || last_cr) {
            scan->rows[nrows++] = n | quoted;
            scan->at[n++] = i;
            quoted = 0;
        } else if (c == '"') {
            scan->at[n++] = i;
            quoted = RT_SCAN_QUOTED;
        } else if (c == delimiter) {
            scan->at[n++] = i;
        }
    }
    scan->n = n;
    scan->nrows = nrows;
}

#if defined __x86_64__ || defined __aarch64__

/* ---- what the vector ways share: masks of 64 bytes to entries */

struct masks {
    uint64_t delimiters, quotes, lf, cr; /* bit i: byte i of the word */
};

/* Notes the line ends of a word. Returns the quote flag for the line that goes on. */
static inline __attribute__((always_inline)) uint32_t note_rows(
    struct rt_scan *scan, uint64_t ends, uint64_t quotes, uint64_t all, uint32_t quoted)
{
    while (ends) {
        uint64_t below = (ends & -ends) - 1;

        if (quotes & below)
            quoted = RT_SCAN_QUOTED;
        scan->rows[scan->nrows++] =
            (scan->n + (uint32_t)__builtin_popcountll(all & below)) | quoted;
        quotes &= ~below;
        quoted = 0;
        ends &= ends - 1;
    }
    return quotes ? RT_SCAN_QUOTED : quoted;
}

/* Notes the offsets of a word's set bits, four at a time without asking whether there are
 * so many: a loop of unknown length costs a wrong guess per word. Writes up to three
 * entries too many, into room that rt_scan_init leaves for them. */
static inline __attribute__((always_inline)) void note_offsets(
    struct rt_scan *scan, uint32_t base, uint64_t all)
{
    uint32_t *at = scan->at + scan->n;

    scan->n += (uint32_t)__builtin_popcountll(all);
    while (all) {
        for (int i = 0; i < 4; i++) {
            at[i] = base + (all ? (uint32_t)__builtin_ctzll(all) : 0);
            all &= all - 1;
        }
        at += 4;
    }
}

static inline bool is_lf_at(struct rt_span text, uint32_t i)
{
    return i < text.n && text.p[i] == '\n';
}

/*
 * One way to scan: name, the target of its instructions, its constants (SETUP), the masks
 * of the 64 bytes at p, and how offsets are noted. The last word may be short: it is
 * copied to where 64 bytes may be read.
 */
#define DEFINE_SCAN(NAME, TARGET, SETUP, MASKS, NOTE)                                    \
    TARGET static void NAME(struct rt_span text, uint32_t from, uint32_t to,             \
        char delimiter, struct rt_scan *scan)                                            \
    {                                                                                    \
        uint32_t quoted = 0;                                                             \
        SETUP(delimiter);                                                                \
                                                                                         \
        scan->at[-1] = from - 1;                                                         \
        scan->n = scan->nrows = 0;                                                       \
        for (uint32_t i = from, left; i < to; i += left) {                               \
            char tail[WORD];                                                             \
            const char *p = text.p + i;                                                  \
            struct masks m;                                                              \
            uint64_t ends, all;                                                          \
                                                                                         \
            left = to - i < WORD ? to - i : WORD;                                        \
            if (left < WORD) {                                                           \
                memset(tail, 0, sizeof tail);                                            \
                memcpy(tail, p, left);                                                   \
                p = tail;                                                                \
            }                                                                            \
            MASKS(m, p);                                                                 \
            if (left < WORD)                                                             \
                m.delimiters &= (UINT64_C(1) << left) - 1;                               \
            ends = m.lf;                                                                 \
            if (m.cr) {                                                                  \
                ends |= m.cr & ~(m.lf >> 1);                                             \
                if (is_lf_at(text, i + left))                                            \
                    ends &= ~(m.cr & UINT64_C(1) << (left - 1));                         \
            }                                                                            \
            all = m.delimiters | m.quotes | ends;                                        \
            quoted = note_rows(scan, ends, m.quotes, all, quoted);                       \
            NOTE(scan, i, all);                                                          \
        }                                                                                \
    }

#endif

#ifdef __x86_64__

/* ---- AVX2: two halves of 32 bytes */

#define AVX2_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))

#define AVX2_SETUP(delimiter)                                                            \
    const __m256i is_delimiter = _mm256_set1_epi8(delimiter),                            \
                  is_quote = _mm256_set1_epi8('"'), is_lf = _mm256_set1_epi8('\n'),      \
                  is_cr = _mm256_set1_epi8('\r')

#define AVX2_MASK(what)                                                                  \
    ((uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, what))                        \
        | (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, what)) << 32)

#define AVX2_MASKS(m, p)                                                                 \
    do {                                                                                 \
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(p));            \
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)((p) + 32));    \
                                                                                         \
        (m).delimiters = AVX2_MASK(is_delimiter);                                        \
        (m).quotes = AVX2_MASK(is_quote);                                                \
        (m).lf = AVX2_MASK(is_lf);                                                       \
        (m).cr = AVX2_MASK(is_cr);                                                       \
    } while (0)

DEFINE_SCAN(scan_avx2, AVX2_TARGET, AVX2_SETUP, AVX2_MASKS, note_offsets)

/* ---- AVX-512BW: masks come for free, and offsets by compressing a row of numbers */

#define AVX512_TARGET                                                                    \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx2,bmi,bmi2,popcnt")))

#define AVX512_SETUP(delimiter)                                                          \
    const __m512i is_delimiter = _mm512_set1_epi8(delimiter),                            \
                  is_quote = _mm512_set1_epi8('"'), is_lf = _mm512_set1_epi8('\n'),      \
                  is_cr = _mm512_set1_epi8('\r')

#define AVX512_MASKS(m, p)                                                               \
    do {                                                                                 \
        __m512i bytes = _mm512_loadu_si512(p);                                           \
                                                                                         \
        (m).delimiters = _mm512_cmpeq_epi8_mask(bytes, is_delimiter);                    \
        (m).quotes = _mm512_cmpeq_epi8_mask(bytes, is_quote);                            \
        (m).lf = _mm512_cmpeq_epi8_mask(bytes, is_lf);                                   \
        (m).cr = _mm512_cmpeq_epi8_mask(bytes, is_cr);                                   \
    } while (0)

/* No branch depends on the text here. Each store writes 16 entries, of which the next
 * overwrites those that are too many. */
AVX512_TARGET static inline __attribute__((always_inline)) void note_compressed(
    struct rt_scan *scan, uint32_t base, uint64_t all)
{
    const __m512i count =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t *at = scan->at + scan->n;

    for (uint32_t i = 0; i < WORD; i += 16) {
        __mmask16 mask = (__mmask16)(all >> i);
        __m512i offsets = _mm512_add_epi32(count, _mm512_set1_epi32((int)(base + i)));

        _mm512_storeu_si512(at, _mm512_maskz_compress_epi32(mask, offsets));
        at += __builtin_popcount(mask);
    }
    scan->n = (uint32_t)(at - scan->at);
}

DEFINE_SCAN(scan_avx512, AVX512_TARGET, AVX512_SETUP, AVX512_MASKS, note_compressed)

#endif

#ifdef __aarch64__

/* ---- NEON: four quarters of 16 bytes; a mask by weighing and adding neighbours */

static inline uint64_t neon_mask(const uint8x16_t q[4], uint8_t c)
{
    static const uint8_t weights[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32,
        64, 128 };
    const uint8x16_t weight = vld1q_u8(weights), what = vdupq_n_u8(c);
    uint8x16_t a = vandq_u8(vceqq_u8(q[0], what), weight);
    uint8x16_t b = vandq_u8(vceqq_u8(q[1], what), weight);
    uint8x16_t d = vandq_u8(vceqq_u8(q[2], what), weight);
    uint8x16_t e = vandq_u8(vceqq_u8(q[3], what), weight);
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(d, e));

    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

#define NEON_TARGET
#define NEON_SETUP(delimiter) const uint8_t wanted = (uint8_t)(delimiter)

#define NEON_MASKS(m, p)                                                                 \
    do {                                                                                 \
        const uint8_t *bytes = (const uint8_t *)(p);                                     \
        uint8x16_t q[4] = { vld1q_u8(bytes), vld1q_u8(bytes + 16), vld1q_u8(bytes + 32), \
            vld1q_u8(bytes + 48) };                                                      \
                                                                                         \
        (m).delimiters = neon_mask(q, wanted);                                           \
        (m).quotes = neon_mask(q, '"');                                                  \
        (m).lf = neon_mask(q, '\n');                                                     \
        (m).cr = neon_mask(q, '\r');                                                     \
    } while (0)

DEFINE_SCAN(scan_neon, NEON_TARGET, NEON_SETUP, NEON_MASKS, note_offsets)

#endif

size_t rt_scan_ways(struct rt_scan_way ways[RT_SCAN_WAYS])
{
    size_t n = 0;

#ifdef __x86_64__
    bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("popcnt");

    if (bits && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
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
