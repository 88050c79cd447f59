/*
 * Digests by OpenSSL: algorithms fetched once, one context a thread (fetching anew for
 * each value costs 430 ns instead of 117).
 */
#ifndef RT_DIGEST_H
#define RT_DIGEST_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

enum rt_digest_kind { RT_SHA256, RT_MD5, RT_SHA1, RT_DIGEST_KINDS };

enum { RT_DIGEST_MAX = 32 }; /* bytes of the longest */

struct rt_digest; /* one a thread */

/* out: owned by the caller, rt_digest_free. RT_OK or RT_ENOMEM. */
int rt_digest_new(struct rt_digest **out, struct rt_err *err);
void rt_digest_free(struct rt_digest *digest);

/* Bytes of a kind: 32, 16, 20. */
unsigned rt_digest_size(enum rt_digest_kind kind);

/*
 * Makes sure that a kind can be had, for a good message before work begins: a library in
 * FIPS mode has no MD5. Who does not ask gets it ready by the first digest.
 *
 * RT_OK, RT_EIO ("MD5 is not available ..."), RT_ENOMEM.
 */
int rt_digest_need(
    struct rt_digest *digest, enum rt_digest_kind kind, struct rt_err *err);

/* The digest of the bytes. RT_OK, or RT_EIO when the library fails or does not have the
 * kind (rt_digest_need says which), RT_ENOMEM. */
int rt_digest_of(struct rt_digest *digest, enum rt_digest_kind kind, struct rt_span bytes,
    uint8_t out[RT_DIGEST_MAX]);

/* The same without a short way: the tests hold both equal. */
int rt_digest_of_plain(struct rt_digest *digest, enum rt_digest_kind kind,
    struct rt_span bytes, uint8_t out[RT_DIGEST_MAX]);

/* Lower-case hex, two characters a byte, no NUL. */
void rt_hex(const uint8_t *bytes, unsigned n, char *out);

/* Standard Base64 with padding (RFC 4648 section 4), no NUL; returns its length, which is
 * 4 * ceil(n / 3). */
unsigned rt_base64(const uint8_t *bytes, unsigned n, char *out);

/* Reads exactly 2n hex digits of either case. RT_OK, or RT_ESYNTAX (bytes undefined). */
int rt_unhex(struct rt_span text, uint8_t *bytes, unsigned n);

#endif
