/* digest: published vectors, and what happens where an algorithm is forbidden. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/digest.h"

Suite *digest_suite(void);

/* SHA: NIST's examples for FIPS 180-4 (one block "abc", two blocks, the empty message);
 * MD5: RFC 1321, appendix A.5. */
static const struct {
    enum rt_digest_kind kind;
    const char *message, *hex;
} digests[] = {
    { RT_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { RT_SHA256, "abc",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { RT_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { RT_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { RT_SHA1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
    { RT_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
    { RT_MD5, "a", "0cc175b9c0f1b6a831c399e269772661" },
    { RT_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
    { RT_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
    { RT_MD5, "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
};

enum { NDIGESTS = sizeof digests / sizeof *digests };

/* All in one go and twice, so that a context that remembers anything is found out. */
START_TEST(published_digests)
{
    struct rt_digest *digest = NULL;
    uint8_t out[RT_DIGEST_MAX];
    char hex[2 * RT_DIGEST_MAX + 1];

    ck_assert_int_eq(rt_digest_new(&digest, NULL), RT_OK);
    for (int i = 0; i < 2 * NDIGESTS; i++) {
        enum rt_digest_kind kind = digests[i % NDIGESTS].kind;
        unsigned n = rt_digest_size(kind);

        ck_assert_int_eq(
            rt_digest_of(digest, kind, rt_span_of(digests[i % NDIGESTS].message), out),
            RT_OK);
        rt_hex(out, n, hex);
        hex[2 * n] = '\0';
        ck_assert_str_eq(hex, digests[i % NDIGESTS].hex);
    }
    rt_digest_free(digest);
}
END_TEST

/* Of every length around the ends of blocks, by the short way and the plain one. */
START_TEST(both_ways_alike)
{
    struct rt_digest *digest = NULL;
    uint8_t out[RT_DIGEST_MAX], plain[RT_DIGEST_MAX];
    char text[300];

    ck_assert_int_eq(rt_digest_new(&digest, NULL), RT_OK);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * i * 7 + i);
    for (size_t n = 0; n <= sizeof text; n++) {
        struct rt_span span = { text, n };

        ck_assert_int_eq(rt_digest_of(digest, RT_SHA256, span, out), RT_OK);
        ck_assert_int_eq(rt_digest_of_plain(digest, RT_SHA256, span, plain), RT_OK);
        ck_assert_mem_eq(out, plain, 32);
    }
    rt_digest_free(digest);
}
END_TEST

/* FIPS 180-2, B.3: a million times "a". */
START_TEST(a_long_message)
{
    struct rt_digest *digest = NULL;
    uint8_t out[RT_DIGEST_MAX], want[32];
    char *a = malloc(1000000);

    memset(a, 'a', 1000000);
    ck_assert_int_eq(rt_digest_new(&digest, NULL), RT_OK);
    ck_assert_int_eq(
        rt_digest_of(digest, RT_SHA256, (struct rt_span) { a, 1000000 }, out), RT_OK);
    ck_assert_int_eq(
        rt_unhex(
            RT_SPAN("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
            want, 32),
        RT_OK);
    ck_assert_mem_eq(out, want, 32);
    ck_assert_int_eq(rt_digest_of(digest, RT_SHA256, RT_SPAN_ABSENT, out), RT_OK);
    ck_assert_uint_eq(out[0], 0xe3); /* of nothing */
    rt_digest_free(digest);
    free(a);
}
END_TEST

/* OpenSSL reads its configuration at the first use, so this needs a process of its own.
 */
START_TEST(md5_may_be_forbidden)
{
    static const char text[] = "openssl_conf = start\n[start]\nalg_section = algorithms\n"
                               "[algorithms]\ndefault_properties = fips=yes\n";
    char path[] = "/tmp/retarget-openssl-XXXXXX";
    int fd = mkstemp(path);
    struct rt_digest *digest = NULL;
    struct rt_err err = { 0 };
    const char *fork_mode = getenv("CK_FORK");

    if (fork_mode && strcmp(fork_mode, "no") == 0)
        return;
    ck_assert_int_eq(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    setenv("OPENSSL_CONF", path, 1);
    ck_assert_int_eq(rt_digest_new(&digest, &err), RT_OK);
    ck_assert_int_eq(rt_digest_need(digest, RT_SHA256, &err), RT_EIO);
    ck_assert_str_eq(err.text,
        "SHA-256 is not available in this system's OpenSSL (FIPS mode forbids some "
        "digests)");
    rt_digest_free(digest);
    unlink(path);
}
END_TEST

START_TEST(need_says_what_can_be_had)
{
    struct rt_digest *digest = NULL;
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_digest_new(&digest, &err), RT_OK);
    ck_assert_int_eq(rt_digest_need(digest, RT_MD5, &err), RT_OK);
    ck_assert_int_eq(rt_digest_need(digest, RT_MD5, &err), RT_OK);
    ck_assert_int_eq(err.code, RT_OK);
    rt_digest_free(digest);
    rt_digest_free(NULL);
}
END_TEST

/* RFC 4648, section 10. */
static const struct {
    const char *plain, *base64;
} base64s[] = {
    { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
    { "\xfb\xff\xbf", "+/+/" }, /* the two digits of table 1 that are no letters */
};

START_TEST(base64)
{
    char out[9] = "........";
    unsigned n = rt_base64(
        (const uint8_t *)base64s[_i].plain, (unsigned)strlen(base64s[_i].plain), out);

    ck_assert_uint_eq(n, strlen(base64s[_i].base64));
    out[n] = '\0';
    ck_assert_str_eq(out, base64s[_i].base64);
}
END_TEST

START_TEST(hex_both_ways)
{
    uint8_t bytes[256], back[256];
    char hex[512], want[3];

    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    rt_hex(bytes, 256, hex);
    for (int i = 0; i < 256; i++) {
        snprintf(want, sizeof want, "%02x", i);
        ck_assert_mem_eq(hex + 2 * i, want, 2);
    }
    for (unsigned n = 0; n < 9; n++) { /* not a digit more than asked for */
        memset(hex + 2 * n, '.', 4);
        rt_hex(bytes, n, hex);
        ck_assert_mem_eq(hex + 2 * n, "....", 4);
    }
    rt_hex(bytes, 256, hex);
    ck_assert_int_eq(rt_unhex((struct rt_span) { hex, 512 }, back, 256), RT_OK);
    ck_assert_mem_eq(back, bytes, 256);
}
END_TEST

static const struct {
    const char *text;
    unsigned n;
    int rc;
} hexes[] = {
    { "00ff", 2, RT_OK },
    { "AbCdEf", 3, RT_OK },
    { "", 0, RT_OK },
    { "0", 1, RT_ESYNTAX },
    { "000", 1, RT_ESYNTAX },
    { "0g", 1, RT_ESYNTAX },
    { "g0", 1, RT_ESYNTAX },
    { " 0", 1, RT_ESYNTAX },
    { "0/", 1, RT_ESYNTAX },
    { "0:", 1, RT_ESYNTAX },
    { "0@", 1, RT_ESYNTAX },
    { "0`", 1, RT_ESYNTAX },
};

START_TEST(hex_is_strict)
{
    uint8_t bytes[4];

    ck_assert_int_eq(
        rt_unhex(rt_span_of(hexes[_i].text), bytes, hexes[_i].n), hexes[_i].rc);
}
END_TEST

START_TEST(no_memory)
{
    struct rt_digest *digest = NULL;
    struct rt_err err = { 0 };

    rt_alloc_fail_at(1, 0);
    ck_assert_int_eq(rt_digest_new(&digest, &err), RT_ENOMEM);
    rt_alloc_fail_at(0, 0);
    ck_assert_ptr_null(digest);
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

Suite *digest_suite(void)
{
    Suite *s = suite_create("digest");
    TCase *tc = tcase_create("digest");

    tcase_add_test(tc, published_digests);
    tcase_add_test(tc, both_ways_alike);
    tcase_add_test(tc, a_long_message);
    tcase_add_test(tc, md5_may_be_forbidden);
    tcase_add_test(tc, need_says_what_can_be_had);
    tcase_add_loop_test(tc, base64, 0, COUNT(base64s));
    tcase_add_test(tc, hex_both_ways);
    tcase_add_loop_test(tc, hex_is_strict, 0, COUNT(hexes));
    tcase_add_test(tc, no_memory);
    suite_add_tcase(s, tc);
    return s;
}
