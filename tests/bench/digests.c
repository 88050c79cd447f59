/*
 * What the digests alone cost: N times SHA-256 of a text as long as an e-mail address, as
 * OpenSSL's manual has it be done fast: the algorithm fetched once, a context a thread.
 *
 *     digests N THREADS
 *
 * Prints the last digest of the first thread, so that nothing can be left out.
 */
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 64, TEXT = 24 };

struct share {
    const EVP_MD *sha256;
    unsigned long n;
    unsigned char digest[EVP_MAX_MD_SIZE];
    int failed;
};

static void *work(void *arg)
{
    struct share *share = arg;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    char text[TEXT + 1] = "";

    share->failed = context == NULL;
    for (unsigned long i = 0; i < share->n && !share->failed; i++) {
        unsigned long rest = i;

        for (int k = TEXT; k--; rest /= 10)
            text[k] = (char)('0' + rest % 10);
        share->failed = EVP_DigestInit_ex2(context, share->sha256, NULL) != 1
            || EVP_DigestUpdate(context, text, TEXT) != 1
            || EVP_DigestFinal_ex(context, share->digest, NULL) != 1;
    }
    EVP_MD_CTX_free(context);
    return NULL;
}

int main(int argc, char **argv)
{
    struct share shares[THREADS_MAX] = { { NULL, 0, { 0 }, 0 } };
    pthread_t threads[THREADS_MAX];
    unsigned long n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long nthreads = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    int failed = sha256 == NULL;

    if (n == 0 || nthreads == 0 || nthreads > THREADS_MAX) {
        fprintf(stderr, "usage: digests N THREADS\n");
        return 2;
    }
    for (unsigned long i = 0; i < nthreads && !failed; i++) {
        shares[i].sha256 = sha256;
        shares[i].n = n / nthreads + (i < n % nthreads);
        if (i && pthread_create(&threads[i], NULL, work, &shares[i]) != 0)
            failed = 1;
    }
    if (!failed)
        work(&shares[0]);
    for (unsigned long i = 1; i < nthreads && !failed; i++)
        pthread_join(threads[i], NULL);
    for (unsigned long i = 0; i < nthreads; i++)
        failed |= shares[i].failed;
    for (int i = 0; i < 32; i++)
        printf("%02x", shares[0].digest[i]);
    printf("\n");
    EVP_MD_free(sha256);
    return failed;
}
