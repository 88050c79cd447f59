/* The error record: first report wins, texts are cut to fit. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static void fill(struct rt_err *err, int code, const char *source, uint64_t line,
    uint32_t col, const char *fmt, va_list ap)
{
    err->code = code;
    err->line = line;
    err->col = col;
    snprintf(err->source, sizeof err->source, "%s", source ? source : "");
    vsnprintf(err->text, sizeof err->text, fmt, ap);
}

int rt_err_set(struct rt_err *err, int code, const char *fmt, ...)
{
    if (err && err->code == RT_OK) {
        va_list ap;

        va_start(ap, fmt);
        fill(err, code, NULL, 0, 0, fmt, ap);
        va_end(ap);
    }
    return code;
}

int rt_err_at(struct rt_err *err, int code, const char *source, uint64_t line,
    uint32_t col, const char *fmt, ...)
{
    if (err && err->code == RT_OK) {
        va_list ap;

        va_start(ap, fmt);
        fill(err, code, source, line, col, fmt, ap);
        va_end(ap);
    }
    return code;
}

int rt_err_sys(
    struct rt_err *err, int code, const char *source, int errnum, const char *fmt, ...)
{
    if (err && err->code == RT_OK) {
        size_t used;
        char text[128];
        const char *what;
        va_list ap;

        va_start(ap, fmt);
        fill(err, code, source, 0, 0, fmt, ap);
        va_end(ap);
        used = strlen(err->text);
        what = strerror_r(errnum, text, sizeof text); /* the GNU form: returns the text */
        snprintf(err->text + used, sizeof err->text - used, ": %s", what);
    }
    return code;
}

void rt_err_clear(struct rt_err *err)
{
    memset(err, 0, sizeof *err);
}
