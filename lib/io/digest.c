/* Digests by OpenSSL.
 *
 * SHA-256, which is nearly all, by the functions that have it in their names: 0.56 of the
 * time that a context takes for a text of one block, for all that a context adds is the
 * way to the same code. OpenSSL 3 calls them deprecated and keeps them; where they were
 * left out of the library, and where its SHA-256 is not its own default one (in FIPS mode
 * the validated module's must be used), a context does it.
 *
 * A context keeps its algorithm: EVP_DigestInit_ex2 with no algorithm starts the same one
 * again and skips the look-up, so there is one context a kind. MD5 and SHA-1 are fetched
 * when first asked for: few runs need them, and a library in FIPS mode has no MD5. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "io/digest.h"

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/sha.h>

#include "base/alloc.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const struct {
    const char *fetch, *name;
    unsigned bytes;
} kinds[RT_DIGEST_KINDS] = {
    [RT_SHA256] = { "SHA2-256", "SHA-256", 32 },
    [RT_MD5] = { "MD5", "MD5", 16 },
    [RT_SHA1] = { "SHA1", "SHA-1", 20 },
};

struct rt_digest {
    EVP_MD_CTX *contexts[RT_DIGEST_KINDS]; /* NULL until asked for */
    bool by_name;                          /* SHA-256 needs no context */
};

#ifdef OPENSSL_NO_DEPRECATED_3_0
static bool is_own(const EVP_MD *algorithm)
{
    (void)algorithm;
    return false;
}

static int sha256(struct rt_span bytes, uint8_t *out)
{
    (void)bytes, (void)out;
    return RT_EIO;
}
#else
/* Whether the algorithm is the one that the functions of its name are. */
static bool is_own(const EVP_MD *algorithm)
{
    const OSSL_PROVIDER *provider = EVP_MD_get0_provider(algorithm);

    return provider && strcmp(OSSL_PROVIDER_get0_name(provider), "default") == 0;
}

static int sha256(struct rt_span bytes, uint8_t *out)
{
    SHA256_CTX state;

    if (!SHA256_Init(&state) || !SHA256_Update(&state, bytes.n ? bytes.p : "", bytes.n)
        || !SHA256_Final(out, &state))
        return RT_EIO;
    return RT_OK;
}
#endif

int rt_digest_need(struct rt_digest *digest, enum rt_digest_kind kind, struct rt_err *err)
{
    EVP_MD_CTX *context;
    EVP_MD *algorithm;
    int ok;

    if (digest->contexts[kind])
        return RT_OK;
    algorithm = EVP_MD_fetch(NULL, kinds[kind].fetch, NULL);
    if (!algorithm)
        return rt_err_set(err, RT_EIO,
            "%s is not available in this system's OpenSSL (FIPS mode forbids some "
            "digests)",
            kinds[kind].name);
    context = EVP_MD_CTX_new();
    ok = context && EVP_DigestInit_ex2(context, algorithm, NULL);
    digest->by_name |= kind == RT_SHA256 && is_own(algorithm);
    EVP_MD_free(algorithm); /* the context holds its own reference */
    if (!ok) {
        EVP_MD_CTX_free(context);
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    digest->contexts[kind] = context;
    return RT_OK;
}

int rt_digest_new(struct rt_digest **out, struct rt_err *err)
{
    struct rt_digest *digest = rt_calloc(1, sizeof *digest);
    int rc;

    if (!digest)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rc = rt_digest_need(digest, RT_SHA256, err);
    if (rc < 0) {
        rt_digest_free(digest);
        return rc;
    }
    *out = digest;
    return RT_OK;
}

void rt_digest_free(struct rt_digest *digest)
{
    if (!digest)
        return;
    for (int kind = 0; kind < RT_DIGEST_KINDS; kind++)
        EVP_MD_CTX_free(digest->contexts[kind]);
    rt_free(digest);
}

unsigned rt_digest_size(enum rt_digest_kind kind)
{
    return kinds[kind].bytes;
}

int rt_digest_of(struct rt_digest *digest, enum rt_digest_kind kind, struct rt_span bytes,
    uint8_t out[RT_DIGEST_MAX])
{
    if (kind == RT_SHA256 && digest->by_name)
        return sha256(bytes, out);
    return rt_digest_of_plain(digest, kind, bytes, out);
}

int rt_digest_of_plain(struct rt_digest *digest, enum rt_digest_kind kind,
    struct rt_span bytes, uint8_t out[RT_DIGEST_MAX])
{
    EVP_MD_CTX *context;
    int rc = rt_digest_need(digest, kind, NULL);

    if (rc < 0)
        return rc;
    context = digest->contexts[kind];
    if (!EVP_DigestInit_ex2(context, NULL, NULL)
        || !EVP_DigestUpdate(context, bytes.n ? bytes.p : "", bytes.n)
        || !EVP_DigestFinal_ex(context, out, NULL))
        return RT_EIO;
    return RT_OK;
}

/* ---- hex and Base64 */

#ifdef __SSE2__
/* Sixteen bytes to 32 digits: halves side by side, and to each what its digit is above it. */
static void hex16(const uint8_t *bytes, char *out)
{
    const __m128i low = _mm_set1_epi8(15), nine = _mm_set1_epi8(9);
    const __m128i digit = _mm_set1_epi8('0'), letter = _mm_set1_epi8('a' - '0' - 10);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    __m128i high = _mm_and_si128(_mm_srli_epi16(b, 4), low);

    b = _mm_and_si128(b, low);
    for (int i = 0; i < 2; i++) {
        __m128i four = i ? _mm_unpackhi_epi8(high, b) : _mm_unpacklo_epi8(high, b);
        __m128i above = _mm_and_si128(_mm_cmpgt_epi8(four, nine), letter);

        _mm_storeu_si128((__m128i *)(void *)(out + 16 * i),
            _mm_add_epi8(_mm_add_epi8(four, digit), above));
    }
}
#endif

void rt_hex(const uint8_t *bytes, unsigned n, char *out)
{
    static const char pairs[] =
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
        "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
        "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
        "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
        "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

    unsigned i = 0;

#ifdef __SSE2__
    for (; n - i >= 16; i += 16)
        hex16(bytes + i, out + 2 * i);
#endif
    for (; i < n; i++)
        memcpy(out + 2 * i, pairs + 2 * bytes[i], 2);
}

unsigned rt_base64(const uint8_t *bytes, unsigned n, char *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *p = out;

    for (unsigned i = 0; i < n; i += 3) {
        unsigned left = n - i;
        unsigned bits = (unsigned)bytes[i] << 16
            | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0)
            | (left > 2 ? bytes[i + 2] : 0);

        *p++ = digits[bits >> 18];
        *p++ = digits[bits >> 12 & 63];
        *p++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *p++ = left > 2 ? digits[bits & 63] : '=';
    }
    return (unsigned)(p - out);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = rt_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int rt_unhex(struct rt_span text, uint8_t *bytes, unsigned n)
{
    if (text.n != 2 * (size_t)n)
        return RT_ESYNTAX;
    for (unsigned i = 0; i < n; i++) {
        int high = hex_value(text.p[2 * i]), low = hex_value(text.p[2 * i + 1]);

        if (high < 0 || low < 0)
            return RT_ESYNTAX;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return RT_OK;
}
