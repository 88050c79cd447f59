/* input and inflate: what a file is, and every way in which a packed one can be wrong. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/input.h"

Suite *input_suite(void);

/* The text below as deflate data (zlib 1.2.13, level 9) and as a zstd frame with checksum
 * (`zstd -19 --check`, 1.5.4). */
static const uint8_t deflated[] = { 0x7d, 0xcf, 0x2b, 0x0e, 0x02, 0x31, 0x18, 0x00, 0x61,
    0xcf, 0x59, 0xba, 0xc9, 0xff, 0xe8, 0x93, 0x73, 0xa0, 0x30, 0x18, 0x2a, 0x56, 0x80,
    0x80, 0xdd, 0xe5, 0xfa, 0x60, 0x1a, 0x4c, 0x33, 0xc9, 0xb8, 0x51, 0xdf, 0xb6, 0x3e,
    0x7a, 0xe8, 0x47, 0x7f, 0x6e, 0x61, 0x7f, 0xf7, 0xd7, 0x6d, 0xbd, 0x9f, 0x4c, 0x2c,
    0x2f, 0x52, 0x16, 0xd1, 0x8b, 0xda, 0x59, 0xe4, 0xd7, 0x35, 0x1c, 0x6b, 0xff, 0x84,
    0x5d, 0x26, 0x53, 0xc7, 0xd4, 0xc9, 0xb4, 0x31, 0x6d, 0x32, 0x7d, 0x4c, 0x9f, 0xcc,
    0x38, 0x66, 0x9c, 0xcc, 0x34, 0x66, 0x9a, 0xcc, 0x3c, 0x66, 0x9e, 0xcc, 0x42, 0x94,
    0x4a, 0x94, 0x06, 0x14, 0x15, 0xa0, 0xa8, 0x02, 0x45, 0x0d, 0x28, 0xea, 0x40, 0xd1,
    0x08, 0x14, 0x4d, 0x40, 0xd1, 0x4c, 0x94, 0x42, 0x94, 0x4a, 0x94, 0x06, 0x14, 0x13,
    0xa0, 0x98, 0x02, 0xc5, 0x0c, 0x28, 0xe6, 0x40, 0xb1, 0x08, 0x14, 0x4b, 0x40, 0xb1,
    0x4c, 0x94, 0x42, 0x94, 0x4a, 0x94, 0x06, 0x14, 0x17, 0xa0, 0xb8, 0x02, 0xc5, 0x0d,
    0x28, 0xee, 0x40, 0xf1, 0x08, 0x14, 0x4f, 0x40, 0xf1, 0x4c, 0x94, 0x42, 0x94, 0x4a,
    0x94, 0xf6, 0xa7, 0x7c, 0x01 };
static const uint8_t zstd_frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x64, 0x9b, 0x03, 0x0d,
    0x04, 0x00, 0xc2, 0x87, 0x15, 0x14, 0xa0, 0xbb, 0x18, 0x24, 0xad, 0xef, 0x10, 0x9e,
    0x02, 0xcc, 0x2f, 0xbb, 0xbb, 0x77, 0x4a, 0x24, 0xfb, 0x77, 0x05, 0x0f, 0xee, 0xed,
    0xec, 0xeb, 0xea, 0xe9, 0xbf, 0xdf, 0xf3, 0xce, 0xcd, 0xcc, 0xcb, 0xca, 0xc9, 0xb7,
    0x5d, 0xd3, 0xae, 0xad, 0xac, 0xab, 0xaa, 0xa9, 0xaf, 0xdb, 0xb2, 0xae, 0x8d, 0x6c,
    0x2d, 0xa5, 0x52, 0xfa, 0xed, 0x96, 0x0d, 0x7a, 0xde, 0xe1, 0x20, 0x82, 0x14, 0x48,
    0xc1, 0x1d, 0xca, 0x80, 0x31, 0x58, 0xa6, 0x01, 0xe3, 0x28, 0x94, 0xb7, 0x34, 0x88,
    0x49, 0x9e, 0xf3, 0xd0, 0x43, 0x0e, 0x26, 0x30, 0xa8, 0x11, 0x80, 0xf9, 0xfd, 0x7f,
    0x03, 0xf0, 0x35, 0xc6, 0x11, 0xdc, 0x12, 0x10, 0xe1, 0x63, 0xc2, 0xf3, 0x03, 0xc2,
    0x65, 0x54, 0xc6, 0x51, 0x89, 0x39, 0x37, 0x52, 0xab, 0x56, 0x4b, 0xab, 0xaa, 0xa5,
    0xbc, 0xec, 0x40, 0x93, 0x55, 0x11, 0xb4, 0x84, 0xc7 };

static void add_text(struct rt_buf *out)
{
    ck_assert_int_eq(rt_buf_adds(out, "time,event,user_id\n"), RT_OK);
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(
            rt_buf_addf(out, "2026-07-01T12:00:%02dZ,view,u%d\n", i % 60, i % 7), RT_OK);
}

/* CRC-32 of RFC 1952 section 8, bit by bit: slow, and nobody's code but the RFC's. */
static uint32_t crc32_of(const char *p, size_t n)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < n; i++) {
        crc ^= (uint8_t)p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static void add_le(struct rt_buf *out, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        ck_assert_int_eq(rt_buf_addc(out, (char)(v >> (8 * i))), RT_OK);
}

enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16 };

/* A gzip member of the text: header with the fields that flags name (RFC 1952, 2.3.1). */
static void add_member(struct rt_buf *out, int flags)
{
    struct rt_buf text = RT_BUF_INIT(10000);
    size_t from = out->n;

    add_text(&text);
    add_le(out, 0x00088b1f | (uint32_t)flags << 24, 4);
    add_le(out, 0x12345678, 4); /* time */
    add_le(out, 0x0302, 2);
    if (flags & FEXTRA) {
        add_le(out, 300, 2);
        for (int i = 0; i < 300; i++)
            add_le(out, 0x1f, 1);
    }
    if (flags & FNAME)
        rt_buf_add(out, "events.csv", 11);
    if (flags & FCOMMENT)
        rt_buf_add(out, "a comment", 10);
    if (flags & FHCRC)
        add_le(out, crc32_of(out->p + from, out->n - from) & 0xffff, 2);
    rt_buf_add(out, deflated, sizeof deflated);
    add_le(out, crc32_of(text.p, text.n), 4);
    add_le(out, (uint32_t)text.n, 4);
    rt_buf_release(&text);
}

/* ---- inflate, fed from memory in pieces */

struct memory {
    const char *p;
    size_t n, piece;
};

static long feed(void *context, const uint8_t **bytes, struct rt_err *err)
{
    struct memory *m = context;
    size_t n = m->n < m->piece ? m->n : m->piece;

    (void)err;
    *bytes = (const uint8_t *)m->p;
    m->p += n;
    m->n -= n;
    return (long)n;
}

/* Unpacks by reads of `step`; what came out is appended to out. */
static int unpack(enum rt_packing packing, struct rt_span packed, size_t piece,
    size_t step, struct rt_buf *out, struct rt_err *err)
{
    struct memory m = { packed.p, packed.n, piece };
    struct rt_inflate *z = NULL;
    int rc = rt_inflate_new(packing, feed, &m, "x", &z, err);
    char chunk[4096];
    long got;

    if (rc < 0)
        return rc;
    while ((got = rt_inflate_read(z, chunk, step, err)) > 0) {
        ck_assert_uint_le((size_t)got, step);
        rt_buf_add(out, chunk, (size_t)got);
    }
    if (got < 0) /* a broken stream stays broken */
        ck_assert_int_eq(rt_inflate_read(z, chunk, step, NULL), got);
    rt_inflate_free(z);
    return (int)got;
}

static void add_frame(struct rt_buf *out)
{
    rt_buf_add(out, zstd_frame, sizeof zstd_frame);
}

/* RFC 8878, 3.1.2: magic 0x184D2A5?, the length, that many bytes. */
static void add_skippable(struct rt_buf *out)
{
    add_le(out, 0x184d2a53, 4);
    add_le(out, 5, 4);
    rt_buf_add(out, "hello", 5);
}

/* m: member, M: member with every header field, 0: NUL, f: frame, s: skippable frame,
 * g: garbage. texts: how often the text comes out. */
static const struct {
    const char *name, *parts;
    enum rt_packing packing;
    int texts, rc;
    const char *says;
} streams[] = {
    { "gzip: one member", "m", RT_GZIP, 1, RT_OK, "" },
    { "gzip: every header field", "M", RT_GZIP, 1, RT_OK, "" },
    { "gzip: three members", "mMm", RT_GZIP, 3, RT_OK, "" },
    { "gzip: padded with NULs", "m00000", RT_GZIP, 1, RT_OK, "" },
    { "gzip: a member behind NULs", "m00m", RT_GZIP, 1, RT_EIO,
        "has trailing garbage: bytes behind its gzip data that are none" },
    { "gzip: garbage behind", "mg", RT_GZIP, 1, RT_EIO,
        "has trailing garbage: bytes behind its gzip data that are none" },
    { "gzip: half a magic behind", "m1", RT_GZIP, 1, RT_EIO,
        "is truncated: the gzip data ends in the middle" },
    { "gzip: wrong magic behind", "m1ggggggggg", RT_GZIP, 1, RT_EIO,
        "has trailing garbage: bytes behind its gzip data that are none" },
    { "gzip: NULs first", "0m", RT_GZIP, 0, RT_EIO, "is damaged: no gzip header" },
    { "nothing as gzip", "", RT_GZIP, 0, RT_OK, "" },
    { "zstd: one frame", "f", RT_ZSTD, 1, RT_OK, "" },
    { "zstd: frames, some to skip", "sffsf", RT_ZSTD, 3, RT_OK, "" },
    { "zstd: only one to skip", "s", RT_ZSTD, 0, RT_OK, "" },
    { "zstd: garbage behind", "fgggg", RT_ZSTD, 1, RT_EIO,
        "has trailing garbage: bytes behind its zstd data that are none" },
    { "zstd: garbage", "gggg", RT_ZSTD, 0, RT_EIO, "is damaged: no zstd header" },
    { "nothing as zstd", "", RT_ZSTD, 0, RT_OK, "" },
};

static void assemble(struct rt_buf *out, const char *parts)
{
    for (; *parts; parts++) {
        switch (*parts) {
        case 'm':
            add_member(out, 0);
            break;
        case 'M':
            add_member(out, FHCRC | FEXTRA | FNAME | FCOMMENT);
            break;
        case 'f':
            add_frame(out);
            break;
        case 's':
            add_skippable(out);
            break;
        default:
            rt_buf_addc(out, *parts == '0' ? '\0' : *parts == '1' ? '\x1f' : 'g');
        }
    }
}

START_TEST(packed_streams)
{
    static const size_t pieces[] = { 1, 2, 3, 10, 64, 1000, 1 << 20 };
    static const size_t steps[] = { 1, 7, 4096 };
    struct rt_buf packed = RT_BUF_INIT(1 << 20), want = RT_BUF_INIT(1 << 20);

    assemble(&packed, streams[_i].parts);
    for (int i = 0; i < streams[_i].texts; i++)
        add_text(&want);
    for (size_t i = 0; i < 21; i++) {
        struct rt_buf got = RT_BUF_INIT(1 << 20);
        struct rt_err err = { 0 };
        int rc = unpack(streams[_i].packing, rt_buf_span(&packed), pieces[i % 7],
            steps[i / 7], &got, &err);

        ck_assert_msg(rc == streams[_i].rc, "%s: %d %s", streams[_i].name, rc, err.text);
        ck_assert_str_eq(err.text, streams[_i].says);
        /* of a broken stream the last buffer is lost, so only what came is compared */
        ck_assert_msg(rt_span_starts(rt_buf_span(&want), rt_buf_span(&got)),
            "%s: other bytes", streams[_i].name);
        if (rc == RT_OK)
            ck_assert_uint_eq(got.n, want.n);
        rt_buf_release(&got);
    }
    rt_buf_release(&packed);
    rt_buf_release(&want);
}
END_TEST

static const struct {
    const char *parts;
    enum rt_packing packing;
} wholes[] = { { "M", RT_GZIP }, { "f", RT_ZSTD }, { "s", RT_ZSTD } };

/* Cut anywhere, a stream is truncated and says so. */
START_TEST(every_cut_is_noticed)
{
    struct rt_buf packed = RT_BUF_INIT(1 << 20);

    assemble(&packed, wholes[_i].parts);
    for (size_t n = 1; n < packed.n; n++) {
        for (size_t piece = 1; piece < 200; piece += 97) {
            struct rt_buf got = RT_BUF_INIT(1 << 20);
            struct rt_err err = { 0 };

            ck_assert_int_eq(unpack(wholes[_i].packing, (struct rt_span) { packed.p, n },
                                 piece, 100, &got, &err),
                RT_EIO);
            ck_assert_msg(
                strstr(err.text, "is truncated"), "cut at %zu: %s", n, err.text);
            ck_assert_str_eq(err.source, "x");
            rt_buf_release(&got);
        }
    }
    rt_buf_release(&packed);
}
END_TEST

static const struct {
    const char *name, *parts;
    enum rt_packing packing;
    long at; /* of the byte that is changed; from the end when negative */
    const char *says;
} damages[] = {
    { "gzip CRC", "m", RT_GZIP, -8, "is damaged: the gzip checksum or length is wrong" },
    { "gzip length", "m", RT_GZIP, -1,
        "is damaged: the gzip checksum or length is wrong" },
    { "gzip header CRC", "M", RT_GZIP, 10 + 302 + 11 + 10,
        "is damaged: the gzip header's checksum is wrong" },
    { "gzip name, so header CRC", "M", RT_GZIP, 10 + 302 + 1,
        "is damaged: the gzip header's checksum is wrong" },
    { "gzip method", "m", RT_GZIP, 2, "is damaged: a gzip method other than deflate" },
    { "deflate block type", "m", RT_GZIP, 10, NULL },
    { "zstd checksum", "f", RT_ZSTD, -1, "is damaged: the zstd checksum is wrong" },
    { "zstd block", "f", RT_ZSTD, 20, NULL },
};

START_TEST(damage_is_noticed)
{
    struct rt_buf packed = RT_BUF_INIT(1 << 20), got = RT_BUF_INIT(1 << 20);
    struct rt_err err = { 0 };
    long at = damages[_i].at;

    assemble(&packed, damages[_i].parts);
    packed.p[at < 0 ? (long)packed.n + at : at] ^= 2;
    ck_assert_msg(
        unpack(damages[_i].packing, rt_buf_span(&packed), 1000, 4096, &got, &err)
            == RT_EIO,
        "%s", damages[_i].name);
    if (damages[_i].says)
        ck_assert_str_eq(err.text, damages[_i].says);
    rt_buf_release(&packed);
    rt_buf_release(&got);
}
END_TEST

/* Found by fuzzing: a match that reaches before the first byte; ISA-L leaves its count of
 * the input below zero. */
START_TEST(match_before_the_start)
{
    static const char packed[] =
        "\x1f\x8b\x08\0\0\0\0\0\x02\x03\x4b\xd4\x49\xe2\xf7\x18\0"
        "\x3f\x60\x60\0\0\x02\0\xc5\x10\x97\x24\x04\0\0";
    struct rt_buf got = RT_BUF_INIT(1000);
    struct rt_err err = { 0 };

    ck_assert_int_eq(unpack(RT_GZIP, (struct rt_span) { packed, sizeof packed }, 1000,
                         4096, &got, &err),
        RT_EIO);
    ck_assert_str_eq(err.text, "is damaged: invalid deflate data");
    rt_buf_release(&got);
}
END_TEST

/* RFC 8878, 3.1.1.1.2: window size 2^(10 + exponent), the exponent in the upper five bits;
 * then one empty raw block, the last. */
static const struct {
    const char *name, *frame;
    int rc;
} windows[] = {
    { "128 MiB", "\x28\xb5\x2f\xfd\x00\x88\x01\x00\x00", RT_OK },
    { "144 MiB", "\x28\xb5\x2f\xfd\x00\x89\x01\x00\x00", RT_ELIMIT },
    { "256 MiB", "\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00", RT_ELIMIT },
};

START_TEST(zstd_window)
{
    struct rt_buf got = RT_BUF_INIT(10);
    struct rt_err err = { 0 };
    int rc =
        unpack(RT_ZSTD, (struct rt_span) { windows[_i].frame, 9 }, 1000, 100, &got, &err);

    ck_assert_msg(rc == windows[_i].rc, "%s: %d %s", windows[_i].name, rc, err.text);
    if (rc < 0)
        ck_assert_ptr_nonnull(strstr(err.text, "more than 128 MiB"));
    rt_buf_release(&got);
}
END_TEST

/* ---- files */

static char dir[] = "/tmp/retarget-input-XXXXXX";

static void make_dir(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
    memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
}

static const char *put(struct rt_span bytes)
{
    static char path[100];
    int fd;

    snprintf(path, sizeof path, "%s/file", dir);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes.p, bytes.n), (ssize_t)bytes.n);
    close(fd);
    return path;
}

static int read_whole(
    const char *path, size_t step, struct rt_buf *out, struct rt_err *err)
{
    struct rt_input *in = NULL;
    int rc = rt_input_open(path, &in, err);
    char *chunk;
    long got = 0;

    if (rc < 0)
        return rc;
    chunk = malloc(step);
    ck_assert_ptr_nonnull(chunk);
    while ((got = rt_input_read(in, chunk, step, err)) > 0)
        rt_buf_add(out, chunk, (size_t)got);
    if (got < 0)
        ck_assert_int_eq(rt_input_read(in, chunk, step, NULL), got);
    free(chunk);
    rt_input_close(in);
    return (int)got;
}

#define BYTES(literal) literal, sizeof literal - 1

static const struct {
    const char *name, *bytes;
    size_t n;
    const char *says;
} refusals[] = {
    { "bzip2", BYTES("BZh91AY&SY"), "bzip2 -dc" },
    { "xz",
        BYTES("\xfd"
              "7zXZ\0\0\4"),
        "xz -dc" },
    { "zip, xlsx", BYTES("PK\3\4\24\0\6\0"), "save it as CSV" },
    { "UTF-16 with mark", BYTES("\xff\xfet\0i\0m\0e\0"), "iconv -f UTF-16 -t UTF-8" },
    { "UTF-16 big-endian with mark", BYTES("\xfe\xff\0t\0i\0m\0e"),
        "iconv -f UTF-16 -t UTF-8" },
    { "UTF-16 of nothing", BYTES("\xff\xfe"), "iconv -f UTF-16 -t UTF-8" },
    { "UTF-32", BYTES("\xff\xfe\0\0t\0\0\0"), "iconv -f UTF-32 -t UTF-8" },
    { "UTF-16 without mark", BYTES("t\0i\0m\0e\0,\0e\0v\0"),
        "iconv -f UTF-16LE -t UTF-8" },
    { "UTF-16 big-endian without mark", BYTES("\0t\0i\0m\0e"),
        "iconv -f UTF-16BE -t UTF-8" },
    { "cut gzip", BYTES("\x1f\x8b\x08"), "is truncated" },
    { "cut zstd", BYTES("\x28\xb5\x2f\xfd"), "is truncated" },
};

START_TEST(refused_contents)
{
    struct rt_buf got = RT_BUF_INIT(1000);
    struct rt_err err = { 0 };
    const char *path = put((struct rt_span) { refusals[_i].bytes, refusals[_i].n });

    ck_assert_msg(read_whole(path, 100, &got, &err) == RT_EIO, "%s", refusals[_i].name);
    ck_assert_msg(
        strstr(err.text, refusals[_i].says), "%s: %s", refusals[_i].name, err.text);
    ck_assert_str_eq(err.source, path);
}
END_TEST

static const struct {
    const char *name, *bytes;
    size_t n;
} plains[] = {
    { "empty", BYTES("") },
    { "one byte", BYTES("t") },
    { "a NUL here and there", BYTES("a\0b\0cd\0e") },
    { "two bytes", BYTES("t\0") },
    { "only NULs", BYTES("\0\0\0\0\0\0") },
    { "half a gzip magic", BYTES("\x1f") },
    { "UTF-8 with mark", BYTES("\xef\xbb\xbftime,event\n") },
    { "63 bytes",
        BYTES("012345678901234567890123456789012345678901234567890123456789abc") },
    { "64 bytes",
        BYTES("012345678901234567890123456789012345678901234567890123456789abcd") },
};

START_TEST(plain_contents)
{
    const char *path = put((struct rt_span) { plains[_i].bytes, plains[_i].n });

    for (size_t step = 1; step < 100; step += 9) {
        struct rt_buf got = RT_BUF_INIT(1000);
        struct rt_err err = { 0 };

        ck_assert_msg(read_whole(path, step, &got, &err) == RT_OK, "%s: %s",
            plains[_i].name, err.text);
        ck_assert_uint_eq(got.n, plains[_i].n);
        if (got.n)
            ck_assert_mem_eq(got.p, plains[_i].bytes, got.n);
        rt_buf_release(&got);
    }
}
END_TEST

START_TEST(no_such_input)
{
    struct rt_input *in = NULL;
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_input_open("/nowhere/at/all.csv", &in, &err), RT_EIO);
    ck_assert_str_eq(err.text, "cannot open: No such file or directory");
    ck_assert_str_eq(err.source, "/nowhere/at/all.csv");
    rt_err_clear(&err);
    ck_assert_int_eq(rt_input_open("/", &in, &err), RT_EIO);
    ck_assert_str_eq(err.text, "is a directory");
    ck_assert_ptr_null(in);
}
END_TEST

static void add_rows(struct rt_buf *out, int n)
{
    for (int i = 0; i < n; i++)
        rt_buf_addf(out, "%d,view,u%d\n", i, i * 7919 % 1000);
}

/* One read fills one buffer, past the first bytes and past a packed file's blocks. */
START_TEST(a_read_fills_the_buffer)
{
    struct rt_buf rows = RT_BUF_INIT(8 << 20);
    struct rt_input *in = NULL;
    char *p = malloc(1 << 20);
    uint64_t device, inode;
    struct stat st;
    const char *path;

    add_rows(&rows, 100000);
    path = put(rt_buf_span(&rows));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(rt_input_open(path, &in, NULL), RT_OK);
    ck_assert_int_eq(rt_input_packing(in), RT_PLAIN);
    ck_assert_uint_eq(rt_input_size_bytes(in), rows.n);
    rt_input_identity(in, &device, &inode);
    ck_assert(device == st.st_dev && inode == st.st_ino);
    ck_assert_int_eq(rt_input_read(in, p, 1 << 20, NULL), 1 << 20);
    ck_assert_mem_eq(p, rows.p, 1 << 20);
    ck_assert_uint_eq(rt_input_taken_bytes(in), 1 << 20);
    ck_assert_int_eq(rt_input_read(in, p, 1 << 20, NULL), (long)rows.n - (1 << 20));
    ck_assert_int_eq(rt_input_read(in, p, 1 << 20, NULL), 0);
    ck_assert_int_eq(rt_input_read(in, p, 1 << 20, NULL), 0);
    rt_input_close(in);
    rt_buf_release(&rows);
    free(p);
}
END_TEST

static const struct {
    const char *parts;
    enum rt_packing packing;
    int texts;
} packs[] = { { "mM", RT_GZIP, 2 }, { "sff", RT_ZSTD, 2 } };

START_TEST(packed_files)
{
    struct rt_buf packed = RT_BUF_INIT(1 << 20), want = RT_BUF_INIT(1 << 20);
    struct rt_buf got = RT_BUF_INIT(1 << 20);
    struct rt_input *in = NULL;
    const char *path;
    char p[100];

    assemble(&packed, packs[_i].parts);
    for (int i = 0; i < packs[_i].texts; i++)
        add_text(&want);
    path = put(rt_buf_span(&packed));
    ck_assert_int_eq(read_whole(path, 1000, &got, NULL), RT_OK);
    ck_assert_uint_eq(got.n, want.n);
    ck_assert_mem_eq(got.p, want.p, want.n);
    ck_assert_int_eq(rt_input_open(path, &in, NULL), RT_OK);
    ck_assert_int_eq(rt_input_packing(in), packs[_i].packing);
    while (rt_input_read(in, p, sizeof p, NULL) > 0)
        ;
    ck_assert_uint_eq(rt_input_taken_bytes(in), packed.n);
    ck_assert_uint_eq(rt_input_size_bytes(in), packed.n);
    rt_input_close(in);
    rt_buf_release(&got);
    rt_buf_release(&packed);
    rt_buf_release(&want);
}
END_TEST

/* A gzip member of stored bytes (RFC 1951, 3.2.4). */
static void add_stored(struct rt_buf *out, struct rt_span bytes)
{
    rt_buf_add(out, "\x1f\x8b\x08\0\0\0\0\0\0\3\1", 11);
    add_le(out, (uint32_t)bytes.n, 2);
    add_le(out, ~(uint32_t)bytes.n, 2);
    rt_buf_add(out, bytes.p, bytes.n);
    add_le(out, crc32_of(bytes.p, bytes.n), 4);
    add_le(out, (uint32_t)bytes.n, 4);
}

START_TEST(what_lies_inside_is_looked_at)
{
    struct rt_buf inner = RT_BUF_INIT(10000), outer = RT_BUF_INIT(10000);
    struct rt_buf got = RT_BUF_INIT(10000);
    struct rt_err err = { 0 };

    add_member(&inner, 0);
    add_stored(&outer, rt_buf_span(&inner));
    ck_assert_int_eq(read_whole(put(rt_buf_span(&outer)), 100, &got, &err), RT_EIO);
    ck_assert_str_eq(err.text, "is packed twice; unpack it once");
    rt_err_clear(&err);
    rt_buf_reset(&outer);
    add_stored(&outer, (struct rt_span) { "\xff\xfet\0i\0", 6 });
    ck_assert_int_eq(read_whole(put(rt_buf_span(&outer)), 100, &got, &err), RT_EIO);
    ck_assert_ptr_nonnull(strstr(err.text, "is UTF-16"));
    rt_buf_release(&inner);
    rt_buf_release(&outer);
}
END_TEST

/* Starts a child that writes the bytes into fd in small pieces. */
static void write_slowly(struct rt_span bytes, const char *path, int fd)
{
    if (fork() != 0)
        return;
    if (path)
        fd = open(path, O_WRONLY);
    for (size_t i = 0; i < bytes.n; i += 11) {
        size_t n = bytes.n - i < 11 ? bytes.n - i : 11;

        if (write(fd, bytes.p + i, n) != (ssize_t)n)
            _exit(1);
    }
    _exit(0);
}

START_TEST(pipes)
{
    struct rt_buf packed = RT_BUF_INIT(10000), want = RT_BUF_INIT(10000);
    struct rt_buf got = RT_BUF_INIT(10000);
    char path[100];
    int ends[2];

    if (_i & 1)
        add_member(&packed, FNAME);
    else
        add_text(&packed);
    add_text(&want);
    if (_i & 2) {
        snprintf(path, sizeof path, "%s/fifo", dir);
        ck_assert_int_eq(mkfifo(path, 0600), 0);
        write_slowly(rt_buf_span(&packed), path, -1);
    } else {
        snprintf(path, sizeof path, "-");
        ck_assert_int_eq(pipe(ends), 0);
        write_slowly(rt_buf_span(&packed), NULL, ends[1]);
        close(ends[1]);
        ck_assert_int_eq(dup2(ends[0], 0), 0);
    }
    ck_assert_int_eq(read_whole(path, 1000, &got, NULL), RT_OK);
    ck_assert_uint_eq(got.n, want.n);
    ck_assert_mem_eq(got.p, want.p, want.n);
    wait(NULL);
    rt_buf_release(&got);
    rt_buf_release(&packed);
    rt_buf_release(&want);
}
END_TEST

START_TEST(closed_standard_input)
{
    struct rt_input *in = NULL;
    struct rt_err err = { 0 };

    close(0);
    ck_assert_int_eq(rt_input_open("-", &in, &err), RT_EIO);
    ck_assert_str_eq(err.source, "standard input");
    ck_assert_str_eq(err.text, "cannot open: Bad file descriptor");
}
END_TEST

START_TEST(no_memory)
{
    struct rt_buf packed = RT_BUF_INIT(10000), got = RT_BUF_INIT(10000);
    const char *path;
    int rc = RT_ENOMEM;

    if (_i == 0)
        add_text(&packed);
    else if (_i == 1)
        add_member(&packed, 0);
    else
        add_frame(&packed);
    path = put(rt_buf_span(&packed));
    ck_assert_int_eq(rt_buf_reserve(&got, 5000), RT_OK);
    for (uint64_t nth = 1; rc != RT_OK; nth++) {
        struct rt_err err = { 0 };

        ck_assert_uint_lt(nth, 10);
        rt_alloc_fail_at(nth, 0);
        rt_buf_reset(&got);
        rc = read_whole(path, 1000, &got, &err);
        rt_alloc_fail_at(0, 0);
        if (rc != RT_OK)
            ck_assert(rc == RT_ENOMEM && err.code == RT_ENOMEM);
    }
    rt_buf_release(&packed);
    rt_buf_release(&got);
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

Suite *input_suite(void)
{
    Suite *s = suite_create("input");
    TCase *streaming = tcase_create("inflate"), *files = tcase_create("files");

    tcase_set_timeout(streaming, 60);
    tcase_add_loop_test(streaming, packed_streams, 0, COUNT(streams));
    tcase_add_loop_test(streaming, every_cut_is_noticed, 0, COUNT(wholes));
    tcase_add_loop_test(streaming, damage_is_noticed, 0, COUNT(damages));
    tcase_add_test(streaming, match_before_the_start);
    tcase_add_loop_test(streaming, zstd_window, 0, COUNT(windows));
    suite_add_tcase(s, streaming);
    tcase_add_checked_fixture(files, make_dir, remove_dir);
    tcase_add_loop_test(files, refused_contents, 0, COUNT(refusals));
    tcase_add_loop_test(files, plain_contents, 0, COUNT(plains));
    tcase_add_test(files, no_such_input);
    tcase_add_test(files, a_read_fills_the_buffer);
    tcase_add_loop_test(files, packed_files, 0, COUNT(packs));
    tcase_add_test(files, what_lies_inside_is_looked_at);
    tcase_add_loop_test(files, pipes, 0, 4);
    tcase_add_test(files, closed_standard_input);
    tcase_add_loop_test(files, no_memory, 0, 3);
    suite_add_tcase(s, files);
    return s;
}
