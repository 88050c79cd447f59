/* Every nth allocation of an explanation fails, once alone and once with all that follow.
 *
 *   explaining [-s STEP] ROOT
 *
 * Each time it fails with a text, or succeeds with the very text of a good run: where
 * memory was short nothing is left out. Leaks are what the address sanitizer says at the
 * end. STEP looks at every STEPth allocation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "run/explain.h"

static void die(const char *what, uint64_t nth)
{
    fprintf(stderr, "fault: explanation, allocation %llu: %s\n", (unsigned long long)nth,
        what);
    exit(EXIT_FAILURE);
}

static int explain(
    const char *root, uint64_t nth, int every, struct rt_buf *text, struct rt_err *err)
{
    char segments[1024], events[1024], jsonl[1024];
    const struct rt_run_input inputs[] = { { .path = events },
        { .source = "app", .path = jsonl } };
    struct rt_run_options options = { .segments_path = segments,
        .inputs = inputs,
        .ninputs = 2,
        .as_of = "2026-07-01T12:00:00Z",
        .jobs = 1,
        .memory_bytes = 16 << 20,
        .tmpdir = "/tmp" };
    struct rt_explain_style style = { false, false };
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_explanation *explanation = NULL;
    int rc;

    snprintf(segments, sizeof segments, "%s/testdata/demo/segments.json", root);
    snprintf(events, sizeof events, "%s/testdata/demo/events.csv", root);
    snprintf(jsonl, sizeof jsonl, "%s/testdata/demo/events.jsonl", root);
    *err = (struct rt_err) { 0 };
    rt_alloc_fail_at(nth, every);
    rc = rt_run_explain(&options, "client_id:c9", &explanation, &errors, err);
    rt_alloc_fail_at(0, 0);
    if (rc == RT_OK && rt_explanation_text(explanation, style, text) < 0)
        die("no text", nth);
    rt_explanation_free(explanation);
    rt_arena_release(&arena);
    return rc;
}

static bool fail_at(const char *root, uint64_t nth, int every, struct rt_span good)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    struct rt_err err;
    int rc = explain(root, nth, every, &text, &err);

    if (rc == RT_OK && !rt_span_eq(rt_buf_span(&text), good))
        die("succeeds with another text", nth);
    if (rc < 0 && (err.code != rc || !err.text[0]))
        die("fails without a text", nth);
    if (rc < 0 && rc != RT_ENOMEM)
        die(err.text, nth);
    rt_buf_release(&text);
    return rc == RT_OK;
}

int main(int argc, char **argv)
{
    struct rt_buf good = RT_BUF_INIT(1 << 20);
    uint64_t step = 1, before, all, runs = 0, survived = 0;
    struct rt_err err;
    int option;

    while ((option = getopt(argc, argv, "s:")) != -1)
        step = option == 's' ? strtoull(optarg, NULL, 10) : 0;
    if (step == 0 || optind + 1 != argc) {
        fprintf(stderr, "usage: explaining [-s STEP] ROOT\n");
        return 2;
    }
    before = rt_alloc_count();
    if (explain(argv[optind], 0, 0, &good, &err) < 0)
        die(err.text, 0);
    all = rt_alloc_count() - before;
    for (uint64_t nth = 1; nth <= all; nth += step)
        for (int every = 0; every <= 1; every++, runs++)
            survived += fail_at(argv[optind], nth, every, rt_buf_span(&good));
    printf(
        "fault: %llu allocations of an explanation, %llu runs; %llu came to an end all "
        "the same\n",
        (unsigned long long)all, (unsigned long long)runs, (unsigned long long)survived);
    rt_buf_release(&good);
    return EXIT_SUCCESS;
}
