/*
 * Status codes and the error record.
 *
 * A function that can fail returns RT_OK or a negative enum rt_status. What went wrong,
 * and where, goes into a struct rt_err; the first report wins and passes up untouched.
 * Texts are lower case, without a full stop, and never show a field's value: what the
 * program reads is personal data.
 */
#ifndef RT_ERR_H
#define RT_ERR_H

#include <stdarg.h>
#include <stdint.h>

enum rt_status {
    RT_OK = 0,
    RT_EUSAGE = -1,   /* the command line is wrong: exit status 2 */
    RT_EDEFS = -2,    /* the definitions are wrong: exit status 3 */
    RT_EREJECTS = -3, /* too many rejects, or a warning under --strict: exit status 4 */
    RT_EIO = -4,      /* reading or writing failed */
    RT_ENOMEM = -5,   /* no memory left */
    RT_ELIMIT = -6,   /* a stated limit was passed */
    RT_ELOCKED = -7,  /* another run holds the lock */
    RT_ESYNTAX = -8,  /* a text is not of the form asked for */
    RT_ERANGE = -9,   /* a value outside its range */
    RT_ESTOP = -10,   /* told to stop: a signal, or another thread failed */
    RT_EPIPE = -11    /* the reader of our output went away */
};

struct rt_err {
    int code;          /* enum rt_status; RT_OK while nothing is reported */
    uint64_t line;     /* from 1; 0 when there is none */
    uint32_t col;      /* in bytes, from 1; 0 when there is none */
    char source[1024]; /* file name as the user gave it; "" when there is none */
    char text[768];    /* what is wrong, and what to do about it */
};

/* Each reports code with a printf text unless err (may be NULL) already holds a report,
 * and returns code, so that `return rt_err_set(err, RT_EIO, ...)` reads well. Texts that
 * do not fit are cut. */
int rt_err_set(struct rt_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int rt_err_at(struct rt_err *err, int code, const char *source, uint64_t line,
    uint32_t col, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* As rt_err_at, followed by ": " and the system's text for errnum. */
int rt_err_sys(struct rt_err *err, int code, const char *source, int errnum,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Makes err empty again. */
void rt_err_clear(struct rt_err *err);

#endif
