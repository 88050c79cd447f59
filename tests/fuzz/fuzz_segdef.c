/*
 * Fuzz target for the segment file (libFuzzer's entry point; any driver that calls it will
 * do): bytes to a tree or to errors, and each segment of a tree to its sentence.
 *
 * What must hold beyond not crashing: a tree exactly when nothing is wrong; errors in the
 * order of the file, each with a place and a text; conditions only where segments have them.
 */
#include <stdint.h>
#include <stdlib.h>

#include "plan/sentence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const platforms[] = { "ids", "google-ads", "meta" };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_errors(const struct rt_json_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct rt_json_error *error = &errors->errors[i];

        must(error->text[0] != '\0');
        must(error->line > 0 && error->col > 0);
        must(i == 0 || error->line > error[-1].line
            || (error->line == error[-1].line && error->col >= error[-1].col));
    }
}

static void check_tree(const struct rt_defs *defs)
{
    struct rt_buf out = RT_BUF_INIT(1 << 20);

    must(defs->zone && defs->nsegments > 0);
    for (uint32_t i = 0; i < defs->nsegments; i++) {
        int rc;

        must(defs->segments[i].name.p && defs->segments[i].match);
        must(rt_defs_segment(defs, defs->segments[i].name) == (long)i);
        rt_buf_reset(&out);
        rc = rt_sentence(defs, i, &out);
        must(rc == RT_OK || rc == RT_ELIMIT);
    }
    rt_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_err err = { 0 };
    struct rt_defs *defs = NULL;
    struct rt_span text = { (const char *)data, size };
    int rc = rt_defs_parse(text, "conf/s.json", platforms, 3, &defs, &errors, &err);

    must(rc == RT_OK || rc == RT_EDEFS);
    must((defs != NULL) == (rc == RT_OK));
    must((errors.n > 0) == (rc == RT_EDEFS));
    must(err.code == rc);
    check_errors(&errors);
    if (defs)
        check_tree(defs);
    rt_defs_free(defs);
    rt_arena_release(&arena);
    return 0;
}
