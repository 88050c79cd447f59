/*
 * Normalisation: the platforms' published vectors, restated, and the cases that their
 * vectors leave out. Digests are the sources' own or sha256sum's over the normalised text.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/digest.h"
#include "lists/country.h"
#include "lists/normalise.h"
#include "lists/phone.h"
#include "lists/unicode.h"

Suite *normalise_suite(void);

#define GOOGLE    "googleads/data-manager-java UserDataFormatterTest"
#define META_CAPI "Meta, Customer Information Parameters"
#define META_DOCS "Meta, Customer File Custom Audiences"
#define META_PB   "facebook/capi-param-builder tests"
#define UID2_DOCS "UID2, Normalization and Encoding"
#define UID2_PY   "uid2-client-python test_normalization"
#define REDDIT    "Reddit Ads, manual advanced matching"
#define TIKTOK    "TikTok, supported IDs and formats"
#define MICROSOFT "Microsoft Advertising, customer-list-item"
#define AWS       "amazon-marketing-cloud-uploader-from-aws sample data"
#define SEGMENT   "segmentio/action-destinations tests"
#define RUDDER    "rudderlabs/rudder-transformer tests"

/*
 * Published vectors that are not met, on purpose; what is done instead stands in the
 * tables further down:
 *   Meta's builder  "Los Angeles 90210" keeps its digits: the document says a-z only
 *   Meta's builder  the digits of an extension join the number; letters on keys are cut;
 *                   a number without a country is sent as it is; "000555123456"
 *   Segment, Amazon "user+tag@" keeps its "+": Amazon's own library drops it
 *   Google, Java    "Alex Dr." loses its title: the Node library takes titles in front only
 */
static const struct {
    rt_norm_fn *fn;
    const char *region, *raw, *normal, *sha256, *source;
} published[] = {
    { rt_norm_email_google, "", "QuinnY@EXAMPLE.com", "quinny@example.com",
        "d00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc", GOOGLE },
    { rt_norm_email_google, "", "jefferson.Loves.hiking@gmail.com",
        "jeffersonloveshiking@gmail.com",
        "515d2f967f73864e76937ab2b897210a86fd286016903b1b08c3da07c75f513e", GOOGLE },
    { rt_norm_email_google, "", "j.e.f..ferson.Loves.hiking@gmail.com",
        "jeffersonloveshiking@gmail.com",
        "515d2f967f73864e76937ab2b897210a86fd286016903b1b08c3da07c75f513e", GOOGLE },
    { rt_norm_email_google, "", "Cloudy.SanFrancisco+shopping@gmail.com",
        "cloudysanfrancisco@gmail.com",
        "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4", GOOGLE },
    { rt_norm_email_google, "", "Cloudy.SanFrancisco+shopping@googlemail.com",
        "cloudysanfrancisco@googlemail.com",
        "332ed5427d17deb381928a719533e85046d68d7e45553abb805852b7d631fcb7", GOOGLE },
    { rt_norm_email_google, "", "  alexz@example.com", "alexz@example.com",
        "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a", GOOGLE },
    { rt_norm_phone_plus, "", "+1 800-555-0100", "+18005550100",
        "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30", GOOGLE },
    { rt_norm_phone_plus, "GB", "441134960987", "+441134960987",
        "0fac52d27ec377f8ad2f9de75d1f9bace693237e31868ae6f4616b8bbd0e94fb", GOOGLE },
    { rt_norm_phone_plus, "", "+441134960987", "+441134960987",
        "0fac52d27ec377f8ad2f9de75d1f9bace693237e31868ae6f4616b8bbd0e94fb", GOOGLE },
    { rt_norm_phone_plus, "", "+44-113-496-0987", "+441134960987",
        "0fac52d27ec377f8ad2f9de75d1f9bace693237e31868ae6f4616b8bbd0e94fb", GOOGLE },
    { rt_norm_first_name_google, "", " Alex   ", "alex",
        "4135aa9dc1b842a653dea846903ddb95bfb8c5a10c504a7fa16e10bc31d1fdf0", GOOGLE },
    { rt_norm_first_name_google, "", " Mralex   ", "mralex",
        "36965a2dc9bbd814e8558a77040c54225c75bdeb80c52c54b1a15f2bb6fc3637", GOOGLE },
    { rt_norm_last_name_google, "", " Quinn   ", "quinn",
        "c512ca0c5c1e71be19f3356821e56732b5fb3ac894b0dbc5846d0b6920106fb3", GOOGLE },
    { rt_norm_last_name_google, "", " Quinn,Jr.   ", "quinn",
        "c512ca0c5c1e71be19f3356821e56732b5fb3ac894b0dbc5846d0b6920106fb3", GOOGLE },
    { rt_norm_last_name_google, "", "Givenname", "givenname",
        "128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814", GOOGLE },
    { rt_norm_last_name_google, "", "Familyname", "familyname",
        "77762c287e61ce065bee5c15464012c6fbe088398b8057627d5577249430d574", GOOGLE },
    { rt_norm_country_upper, "", "us", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_country_upper, "", "us  ", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_country_upper, "", "  us  ", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_country_upper, "", " uS ", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_postcode_google, "", "94045", "94045",
        "7d2d33fb3ea552a80a8c01bf717fdade8c601e84e456f3a3cfc4170c49ff7993", GOOGLE },
    { rt_norm_postcode_google, "", " 94045  ", "94045",
        "7d2d33fb3ea552a80a8c01bf717fdade8c601e84e456f3a3cfc4170c49ff7993", GOOGLE },
    { rt_norm_postcode_google, "", "1229-076", "1229-076",
        "7ccd8baeb6da253b1df9ef6e8d42dea0ff2a44d0485b143772dd4a53e7772d10", GOOGLE },
    { rt_norm_name_meta, "", "Mary", "mary",
        "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec", META_CAPI },
    { rt_norm_name_meta, "", "정", "정",
        "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14", META_CAPI },
    { rt_norm_name_meta, "", "Valéry", "valéry",
        "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c", META_CAPI },
    { rt_norm_email_meta, "", "mary@example.com", "mary@example.com",
        "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79", META_DOCS },
    { rt_norm_phone_digits, "US", "15559876543", "15559876543",
        "1ef970831d7963307784fa8688e8fce101a15685d62aa765fed23f3a2c576a4e", META_DOCS },
    { rt_norm_email_meta, "", "     John_Smith@gmail.com    ", "john_smith@gmail.com",
        "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f", META_PB },
    { rt_norm_email_meta, "", "\tTEST@EXAMPLE.COM\n", "test@example.com",
        "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b", META_PB },
    { rt_norm_email_meta, "", "\t\ntest@example.com\r\n", "test@example.com",
        "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b", META_PB },
    { rt_norm_email_meta, "", "user_name@example.com", "user_name@example.com",
        "8a4f414c0197f080358455a760679b41c7d64c266ded988d865bfaf887e45c00", META_PB },
    { rt_norm_email_meta, "", "MixedCase@DOMAIN.COM", "mixedcase@domain.com",
        "303bcd85c88a6434ed3a8f99c52ffe63426ab8afe798803465d7f1b1a526445c", META_PB },
    { rt_norm_email_meta, "", "test.email.with+symbol@example.com",
        "test.email.with+symbol@example.com",
        "a3d1e89c23c37b6a304df20e0907b51a9f1805a4f4ad59fc42d2e5474531fcbf", META_PB },
    { rt_norm_email_meta, "", "test@subdomain.example.museum",
        "test@subdomain.example.museum",
        "90a878abf148708f3b6eab585732491bd3ac04e89f0f81e78749a93f19a25ded", META_PB },
    { rt_norm_email_meta, "", "test{name@example.com", "test{name@example.com",
        "5ccd7281f737830b72e96719a3a881e72a30e5e564cba0b44efcf01fa8749a62", META_PB },
    { rt_norm_phone_digits, "", "+1 (616) 954-78 88", "16169547888",
        "bb2fa2e6d2cea4746530c99686d0c7886ab2019875dca2d7e9e171c0e6ada00d", META_PB },
    { rt_norm_phone_digits, "US", "1(650)123-4567", "16501234567",
        "1f41a6876308cc581e7c096db4b342524d51f06f1df35537e30859e3956b5e89", META_PB },
    { rt_norm_phone_digits, "", "+001 (616) 954-78 88", "16169547888",
        "bb2fa2e6d2cea4746530c99686d0c7886ab2019875dca2d7e9e171c0e6ada00d", META_PB },
    { rt_norm_phone_digits, "US", "01(650)123-4567", "16501234567",
        "1f41a6876308cc581e7c096db4b342524d51f06f1df35537e30859e3956b5e89", META_PB },
    { rt_norm_phone_digits, "", "+44 20 7946 0958", "442079460958",
        "35e206e5dec4c89b9e8b71b8c32724a5bb518483ac5a20c6617d738375b3b823", META_PB },
    { rt_norm_phone_digits, "", "+49 30 12345678", "493012345678",
        "cae5f525a6c8d8cbfd28d7c654edf86f5e816f66919de0f842df68a2be24429b", META_PB },
    { rt_norm_name_meta, "", "  John  ", "john",
        "96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a", META_PB },
    { rt_norm_name_meta, "", "\tMary\n", "mary",
        "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec", META_PB },
    { rt_norm_name_meta, "", "  John   Smith  ", "johnsmith",
        "45358dd8587f2de278ec7411a560bae78720c13aaa369d0cd95b67715adb445c", META_PB },
    { rt_norm_name_meta, "", "David#123", "david123",
        "0f14089313b20c1723ec1d660b0aaa4f473cf5b321cd370f2d48b7bcf9a7b234", META_PB },
    { rt_norm_name_meta, "", "John2", "john2",
        "eb2d2190d3b55d3e46f3a86a6c885228c36956f64a297bf130b4163c6c6196f3", META_PB },
    { rt_norm_name_meta, "", "José", "josé",
        "d994e1d001886fe5b45b1267bd1fa2b752ac50742579bd3dad7b2a2aa0ed6866", META_PB },
    { rt_norm_name_meta, "", "María", "maría",
        "edd82ab3ecfe1ad7550fb74d2ae00211f13eb3bb9ef2d3030a16012854c7742a", META_PB },
    { rt_norm_name_meta, "", "Müller", "müller",
        "2dbd218072117713f2d5996a726a9b216ed791ffd0783b6ba4ab6d61b8333192", META_PB },
    { rt_norm_name_meta, "", "Øystein", "øystein",
        "aa71e1dfcd637b4020e36d2f7b74df0d55e830a04a504e099a0116106f9dd898", META_PB },
    { rt_norm_name_meta, "", "李明", "李明",
        "aa227102842b80e6a0fa23c1cea0e7ff47d192350b4f2e9018b2f5bc6e3ba5d7", META_PB },
    { rt_norm_name_meta, "", "José María González", "josémaríagonzález",
        "e937754fb6ecc9fe3559140a7551036dd6c0f5cbede750c375e7119ee9fe5cb7", META_PB },
    { rt_norm_name_meta, "", "David—Sarah", "david—sarah",
        "34af44e8609fe36770ec12f6cd1b32e1748f311bc843341b21e85ca803d483e0", META_PB },
    { rt_norm_name_meta, "", "John\xc2\xa0Smith", "johnsmith",
        "45358dd8587f2de278ec7411a560bae78720c13aaa369d0cd95b67715adb445c", META_PB },
    { rt_norm_name_meta, "", "John😀", "john😀",
        "c63df5d859bfc73dbea527dc101d2f66c527184f6758669469bc39780c2dffdc", META_PB },
    { rt_norm_name_meta, "", "\"Jennifer\"", "jennifer",
        "9ce8db922a8f4a7abd859adee70bd8b7a63321265487da54cf4bed6a69eb3e1b", META_PB },
    { rt_norm_name_meta, "", "O'Connor", "oconnor",
        "7a0fbfdf40cbeb97429bdb88f512cecd27f0d44b7e57986ab578423bb61936ac", META_PB },
    { rt_norm_name_meta, "", "Smith-Jones", "smithjones",
        "6a77f47e3dec33252edbebb457d65e90501b643806c50cf8d6c3e2bd9cb74681", META_PB },
    { rt_norm_name_meta, "", "D'Angelo", "dangelo",
        "82f86db06baeb9b2c728c5127035da8c1d5e2cad7193eb80bf0beb2476d6f34a", META_PB },
    { rt_norm_name_meta, "", "St. John", "stjohn",
        "2012ca9043ebe0e4ad081f0033e5a72bc380249a621f1c5705fc50deebc51663", META_PB },
    { rt_norm_name_meta, "", "De-La-Cruz", "delacruz",
        "6e612c2cd2e7b0e9ebcee301bc7102e8b300fa3df820693946b20e1b9a8793fa", META_PB },
    { rt_norm_name_meta, "", "SMITH", "smith",
        "6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd", META_PB },
    { rt_norm_name_meta, "", "李明华", "李明华",
        "0af1b77170555748c980f87a83527447b92f952dc0f1f0c2fc03257766a99801", META_PB },
    { rt_norm_city_meta, "", "London", "london",
        "6089854c94ca5454b76be6752c562901a985f64c9a946f62976aeab593b83161", META_PB },
    { rt_norm_city_meta, "", "    Menlo-Park  ", "menlopark",
        "0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685", META_PB },
    { rt_norm_city_meta, "", "NeW yOrK", "newyork",
        "350c754ba4d38897693aa077ef43072a859d23f613443133fecbbd90a3512ca5", META_PB },
    { rt_norm_city_meta, "", "St. Louis", "stlouis",
        "8ba24bdf99947996f3000259be455de791b06fcc0e802ce05031030df1ee8ea3", META_PB },
    { rt_norm_city_meta, "", "O'Fallon", "ofallon",
        "1b8e6c06c6f640c47f70fe9fc61a3824c5dabf103fec15fa58e5b5430bf89d04", META_PB },
    { rt_norm_city_meta, "", "Winston-Salem", "winstonsalem",
        "9e54909cf7a66751ffbdfb4f79635e6d36de413d76f86c5ef42cb8b697662751", META_PB },
    { rt_norm_city_meta, "", "Miami (Beach)", "miamibeach",
        "833c4c1b029f45a8a1c12361148b1015d4874ff342db589943f6701cd8a01c16", META_PB },
    { rt_norm_city_meta, "", "København", "kbenhavn",
        "a8ea83084130669dff52ff5524c7c1b47ab788f63e5a12816cbc310662b22c45", META_PB },
    { rt_norm_region_meta, "", "New York", "ny",
        "1b06e2003f8420d6fa42badd8f77ec0f706b976b7a48b13c567dc5a559681683", META_PB },
    { rt_norm_region_meta, "", "NeW yOrK", "ny",
        "1b06e2003f8420d6fa42badd8f77ec0f706b976b7a48b13c567dc5a559681683", META_PB },
    { rt_norm_region_meta, "", "North   Carolina", "nc",
        "0be477336d3e1a8d45d820aa54755092e2ec5e0751ccdf93a8fa8fa1e10bd753", META_PB },
    { rt_norm_region_meta, "", "Texas", "tx",
        "1b5b9ccb3e8d006a5230de9bda23ff91edc794d4f56410560830b418528e446c", META_PB },
    { rt_norm_region_meta, "", "N.Y.", "ny",
        "1b06e2003f8420d6fa42badd8f77ec0f706b976b7a48b13c567dc5a559681683", META_PB },
    { rt_norm_region_meta, "", "Ontario", "on",
        "b8d31e852725afb1e26d53bab6095b2bff1749c9275be13ed1c05a56ed31ec09", META_PB },
    { rt_norm_region_meta, "", "Prince Edward Island", "pe",
        "cdf69b25a417e25753dc086819d2cdfd3939f7d0e175136812e936284bebb4a4", META_PB },
    { rt_norm_region_meta, "", "Newfoundland and Labrador", "nl",
        "1843653496800edfd0d30326c82f53b0338ed408468cca4a2f1b52f2f6395fc9", META_PB },
    { rt_norm_region_meta, "", "Virginia", "va",
        "198dea392afc21d070f8abfc7c06d11060f1b278e5d62501bd57f1159a72ebac", META_PB },
    { rt_norm_region_meta, "", "WestVirginia", "wv",
        "078339967a4531c07e5369f15206af8dd66b4f6a322c068b40b0db3c74f9d5c6", META_PB },
    { rt_norm_region_meta, "", "X", "x",
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", META_PB },
    { rt_norm_postcode_meta, "", "12345-6789", "12345",
        "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5", META_PB },
    { rt_norm_postcode_meta, "", "K1A0A6", "k1a0a6",
        "88bb605b795a6637a208420a8fb91caff1c1d332a5a218cabf16d3e88d905b2d", META_PB },
    { rt_norm_postcode_meta, "", "SW1A1AA", "sw1a1aa",
        "830e1d4b9838bab1f5c2acdb23e0b502ff13a9832c4632e8d67a1d43d3b7f614", META_PB },
    { rt_norm_postcode_meta, "", "eC1a1Bb", "ec1a1bb",
        "636efa87fe7d1f12f2755e36182415f38a6c589471a98aeb88f0f8af7a03a6b2", META_PB },
    { rt_norm_postcode_meta, "", "1010", "1010",
        "7a5df5ffa0dec2228d90b8d0a0f1b0767b748b0a41314c123075b8289e4e053f", META_PB },
    { rt_norm_postcode_meta, "",
        "\xc2\xa0"
        "12345\xc2\xa0",
        "12345", "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5",
        META_PB },
    { rt_norm_postcode_meta, "", "12345-6789-extra", "12345",
        "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5", META_PB },
    { rt_norm_birth_date, "", "2/16/1997 (mm/dd/yyyy)", "19970216",
        "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c", META_PB },
    { rt_norm_birth_date, "", "12-31-1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", "31-12-1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", "1990-12-31", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", "12 31 1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", "13-02-1990", "19900213",
        "0c6c91554767450c6bf96c0a7a142ce47d0d32cca207f6dd92d1c0983437cd5d", META_PB },
    { rt_norm_birth_date, "", "02-29-2000", "20000229",
        "78958c155b420adeffb55186f1ff24a0cd544a1d9577e114e7793cc45f90ae01", META_PB },
    { rt_norm_birth_date, "", "Born: 12-31-1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_gender, "", "Boy", "m",
        "62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a", META_PB },
    { rt_norm_gender, "", "Female", "f",
        "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111", META_PB },
    { rt_norm_gender, "", "F", "f",
        "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111", META_PB },
    { rt_norm_country_lower, "", "US", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", SEGMENT },
    { rt_norm_country_lower, "", "us", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", "UNITED STATES", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", "USA", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", "U.S.A.", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", "United Kingdom", "gb",
        "0b407281768f0e833afef47ed464b6571d01ca4d53c12ce5c51d1462f4ad6677", META_PB },
    { rt_norm_country_lower, "", "Canada", "ca",
        "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126", META_PB },
    { rt_norm_country_lower, "", "South Korea", "kr",
        "d5647005d31dcbb66ff531c5e097544a03558bc538b9c65ee2539594886ffbc0", META_PB },
    { rt_norm_country_lower, "", "Korea Republic of", "kr",
        "d5647005d31dcbb66ff531c5e097544a03558bc538b9c65ee2539594886ffbc0", META_PB },
    { rt_norm_country_lower, "", "Taiwan Province of China", "tw",
        "b6399cc26f4d76baacf93830240ae1a8b0b54060eda1e760d9e3a86d4d3cb618", META_PB },
    { rt_norm_country_lower, "", "Russia", "ru",
        "ed5ad332c106043712705210b4f3d1179e49c5cf426520c74cb8ec48b22b1961", META_PB },
    { rt_norm_country_lower, "", "Japan", "jp",
        "9732c83e3e03fffde2ee65a9d826df8c4dd623c27fb92b952fe62a02f0726f87", META_PB },
    { rt_norm_country_lower, "", "Brazil", "br",
        "885036a0da3dff3c3e05bc79bf49382b12bc5098514ed57ce0875aba1aa2c40d", META_PB },
    { rt_norm_country_lower, "", "C-A", "ca",
        "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126", META_PB },
    { rt_norm_email_meta, "", "user1@example.com", "user1@example.com",
        "b36a83701f1c3191e19722d6f90274bc1b5501fe69ebf33313e440fe4b0fe210", SEGMENT },
    { rt_norm_name_meta, "", "J", "j",
        "189f40034be7a199f1fa9891668ee3ab6049f82d38c68be70f596eab2e1857b7", SEGMENT },
    { rt_norm_city_meta, "", "San Francisco", "sanfrancisco",
        "1a6bd4d9d79dc0a79b53795c70d3349fa9e38968a3fbefbfe8783efb1d2b6aac", SEGMENT },
    { rt_norm_region_meta, "", "California", "ca",
        "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126", SEGMENT },
    { rt_norm_email_uid2, "", "MYEMAIL@example.com", "myemail@example.com",
        "16c18d336f0b250f0e2d907452ceb9658a74ecdae8bc94864c23122a72cc27a5", UID2_DOCS },
    { rt_norm_email_uid2, "", "JANESAOIRSE@example.com", "janesaoirse@example.com",
        "d6670e7a92007f1b5ff785f1fc81e53aa6d3d7bd06bdf5c473cdc7286c284b6d", UID2_DOCS },
    { rt_norm_email_uid2, "", "JaneSaoirse@example.com", "janesaoirse@example.com",
        "d6670e7a92007f1b5ff785f1fc81e53aa6d3d7bd06bdf5c473cdc7286c284b6d", UID2_DOCS },
    { rt_norm_email_uid2, "", "JaneSaoirse+Work@example.com",
        "janesaoirse+work@example.com",
        "28aaee4815230cd3b4ebd88c515226550666e91ac019929e3adac3f66c288180", UID2_DOCS },
    { rt_norm_email_uid2, "", "Jane.Saoirse@gmail.com", "janesaoirse@gmail.com",
        "92ee26057ed9dea2535d6c8b141d48373932476599196e00352254896db5888f", UID2_DOCS },
    { rt_norm_email_uid2, "", "JaneSaoirse+Work@gmail.com", "janesaoirse@gmail.com",
        "92ee26057ed9dea2535d6c8b141d48373932476599196e00352254896db5888f", UID2_DOCS },
    { rt_norm_email_uid2, "", "USER@example.com", "user@example.com",
        "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514", UID2_DOCS },
    { rt_norm_phone_plus, "US", "1 (234) 567-8901", "+12345678901",
        "10e6f0b47054a83359477dcb35231db6de5c69fb1816e1a6b98e192de9e5b9ee", UID2_DOCS },
    { rt_norm_email_uid2, "", "test.test@test.com", "test.test@test.com",
        "76f1028cf2991f26b4fd2221486c0fd26f12813bf5bf32f13d42d43ac9bcf343", UID2_PY },
    { rt_norm_email_uid2, "", "test.test@gmail.com", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", "+test@test.com", "+test@test.com",
        "c1e162cce55558a94b7f2a2b6c153ca31603bf81c9b536423ccc99e131f35101", UID2_PY },
    { rt_norm_email_uid2, "", "test+test@gmail.com", "test@gmail.com",
        "87924606b4131a8aceeeae8868531fbb9712aaa07a5d3a756b26ce0f5d6ca674", UID2_PY },
    { rt_norm_email_uid2, "", "testtest@test.com", "testtest@test.com",
        "7752ebfece062cb5f74af41532841d20c7db40f30019962bcbed95fb4a599508", UID2_PY },
    { rt_norm_email_uid2, "", " testtest@test.com ", "testtest@test.com",
        "7752ebfece062cb5f74af41532841d20c7db40f30019962bcbed95fb4a599508", UID2_PY },
    { rt_norm_email_uid2, "", " test.test@gmail.com", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", "  test.test@gmail.com  ", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", "TEstTEst@gmail.com  ", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", "TEstTEst@GMail.Com  ", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", "😊testtest@test.com", "😊testtest@test.com",
        "7c014452a02943457f33d98b8ff20ee780a02a0b50b8044ab0e32ab459250f89", UID2_PY },
    { rt_norm_email_uid2, "", "testtest@😊test.com", "testtest@😊test.com",
        "b5c9e0e69b6d7fb636cf8ca565344ebc8330d7e215acca51e03d4a7974ab7623", UID2_PY },
    { rt_norm_phone_plus, "", "+1234567890", "+1234567890",
        "422ce82c6fc1724ac878042f7d055653ab5e983d186e616826a72d4384b68af8", UID2_PY },
    { rt_norm_phone_plus, "", "+12345678901", "+12345678901",
        "10e6f0b47054a83359477dcb35231db6de5c69fb1816e1a6b98e192de9e5b9ee", UID2_PY },
    { rt_norm_phone_plus, "", "+123456789012", "+123456789012",
        "d234cf94cbbeee43cf03f8a5a46fe291414af07b36c4c15544b1ece77250b202", UID2_PY },
    { rt_norm_phone_plus, "", "+1234567890123", "+1234567890123",
        "f55c70592be056e36ab6e733b7ed673602497d6c138712815907c0bc4485279e", UID2_PY },
    { rt_norm_phone_plus, "", "+12345678901234", "+12345678901234",
        "00a63bd0437d6ca0fa7b95c00ab2e7c020faa71440e5246750d6b517689e6777", UID2_PY },
    { rt_norm_phone_plus, "", "+123456789012345", "+123456789012345",
        "1b4baed9795e95210d08a51886e9d33e5da06189403c2a823c9d92e222ad55e8", UID2_PY },
    { rt_norm_email_reddit, "", "Al.ice+Apple@Example.Com", "alice@example.com",
        "ff8d9819fc0e12bf0d24892e45987e249a28dce836a85cad60e28eaaa8c6d976", SEGMENT },
    { rt_norm_email_reddit, "", "testemail234@gmail.com", "testemail234@gmail.com",
        "42a8e618cba49f19dac88880dc734367f0f1b6d5e729a4af3f860efee0b037d6", SEGMENT },
    { rt_norm_phone_plus, "", "+1 (555) 444-1234", "+15554441234",
        "e5b124c58580eb16bd959b8d0cac12b12c952e2ceae0203d416cff94f10b994a", REDDIT },
    { rt_norm_mobile_id, "", "EA7583CD-A667-48BC-B806-42ECB2B48606",
        "EA7583CD-A667-48BC-B806-42ECB2B48606",
        "70574fa9c8f498a7b2e5c8712b1126de7b1406fd02fdc591821c5bd33092fd1c", REDDIT },
    { rt_norm_mobile_id, "", "cdda802e-fb9c-47ad-9866-0794d394c912",
        "cdda802e-fb9c-47ad-9866-0794d394c912",
        "f23b554b2a8fb732a8b973733832e70f018da7bc294dfea289735a07d5dd2c9f", REDDIT },
    { rt_norm_mobile_id, "", "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25",
        "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25",
        "83dc3f5f32b9472613b0f038d36f22585a609d018af6f6067f50da318bf354bd", TIKTOK },
    { rt_norm_phone_plus, "", "+16577770000", "+16577770000",
        "a6e82c2f4091baff57a4f33d01efb65bfbeacbbfbcfaa9d0ff9f57d28d78fedb", TIKTOK },
    { rt_norm_phone_digits, "US", "(657)777-0000", "16577770000",
        "8d7bdaaf75196f351d22942fc0dd79304ffabc3eaf3339460ef9da0773e3aec2", TIKTOK },
    { rt_norm_email_plain, "", "scroogemcduck@disney.com", "scroogemcduck@disney.com",
        "77bc071241f37b4736df28c0c1cb0a99163d1050696134325b99246b2183d408", SEGMENT },
    { rt_norm_email_plain, "", "Person@email.com ", "person@email.com",
        "b375b7bbddb3de3298fbc7641063d9f03a38e118aa4480c8ab9f58740982e8bd", SEGMENT },
    { rt_norm_phone_digits, "", "+1(706)-767-5127", "17067675127",
        "2fd199db6d3fa9fe754886ff1822f2867fcb104a6639495eca25c2978efe4ed4", SEGMENT },
    { rt_norm_phone_digits, "", "001(706)-767-5127", "17067675127",
        "2fd199db6d3fa9fe754886ff1822f2867fcb104a6639495eca25c2978efe4ed4", SEGMENT },
    { rt_norm_email_plain, "", "abc@xyz.com", "abc@xyz.com",
        "ee278943de84e5d6243578ee1a1057bcce0e50daad9755f45dfa64b60b13bc5d", RUDDER },
    { rt_norm_email_plain, "", "test@contoso.com", "test@contoso.com",
        "f25ad364d33972379a7a4f4df33db142205f5c40eb19cfdb2fc5aaf117e10101", MICROSOFT },
    { rt_norm_email_plain, "", "demo@segment.com", "demo@segment.com",
        "5a95f052958dac8ed1d66d74eb481b3ccdbbc953b583c5ff0325be6b091d6281", SEGMENT },
    { rt_norm_phone_plus, "", "+14255551234", "+14255551234",
        "c59475d96e9f01d7d18d06cfad84dd02333207f02c0c2c5663ef2782cda0390e", MICROSOFT },
    { rt_norm_email_linkedin, "", "testing@testing.com", "testing@testing.com",
        "584c4423c421df49955759498a71495aba49b8780eb9387dff333b6f0982c777", SEGMENT },
    { rt_norm_email_amazon, "", "gsorey0@whitehouse.gov", "gsorey0@whitehouse.gov",
        "c997cf12865c438fa9401b4e303030d004412e8f6c631b7c0cbefbe48ddcbc8a", AWS },
    { rt_norm_email_amazon, "", "Test.User@Example.COM", "test.user@example.com",
        "a97d7a4513204a9cc7cb2f11d72d41a59b18d1ba633d22e58d53c625518f5203", SEGMENT },
    { rt_norm_email_amazon, "", "user!#$%^&*@domain.com", "user@domain.com",
        "f7ee5ec7312165148b69fcca1d29075b14b8aef0b5048a332b18b88d09069fb7", SEGMENT },
};

static struct rt_norm_context context_of(const char *country, const char *region)
{
    struct rt_norm_context context = { .latest_year = 2026 };

    memcpy(context.country, country, strlen(country) + 1);
    memcpy(context.phone_region, region, strlen(region) + 1);
    return context;
}

static void expect_digest(struct rt_span text, const char *hex)
{
    struct rt_digest *digest = NULL;
    uint8_t bytes[RT_DIGEST_MAX];
    char got[65] = "";

    ck_assert_int_eq(rt_digest_new(&digest, NULL), RT_OK);
    ck_assert_int_eq(rt_digest_of(digest, RT_SHA256, text, bytes), RT_OK);
    rt_hex(bytes, 32, got);
    rt_digest_free(digest);
    ck_assert_str_eq(got, hex);
}

START_TEST(published_vectors)
{
    struct rt_norm_context context = context_of("", published[_i].region);
    struct rt_norm out;
    enum rt_norm_status status =
        published[_i].fn(rt_span_of(published[_i].raw), &context, &out);

    ck_assert_msg(status == RT_NORM_OK, "%s: '%s' refused (%d)", published[_i].source,
        published[_i].raw, (int)status);
    ck_assert_msg(
        rt_span_eq((struct rt_span) { out.p, out.n }, rt_span_of(published[_i].normal)),
        "%s: '%s' became '%.*s'", published[_i].source, published[_i].raw, (int)out.n,
        out.p);
    expect_digest((struct rt_span) { out.p, out.n }, published[_i].sha256);
}
END_TEST

#define LABEL63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
    const char *name;
    rt_norm_fn *fn;
    const char *country, *raw;
    enum rt_norm_status status;
    const char *normal;
} cases[] = {
    /* What every e-mail family refuses: UID2's and Google's own lists, then RFC 5321. */
    { "nothing", rt_norm_email_plain, "", "", RT_NORM_EMPTY, "" },
    { "blanks", rt_norm_email_plain, "", " \t\n", RT_NORM_EMPTY, "" },
    { "only an at", rt_norm_email_plain, "", " @", RT_NORM_INVALID, "" },
    { "no domain", rt_norm_email_plain, "", "a@", RT_NORM_INVALID, "" },
    { "no user", rt_norm_email_plain, "", "@b.com", RT_NORM_INVALID, "" },
    { "no at", rt_norm_email_plain, "", "a.b.com", RT_NORM_INVALID, "" },
    { "two ats", rt_norm_email_plain, "", "a@b@c.com", RT_NORM_INVALID, "" },
    { "no dot in the domain", rt_norm_email_plain, "", "a@io", RT_NORM_INVALID, "" },
    { "dots together", rt_norm_email_plain, "", "a..b@c.com", RT_NORM_INVALID, "" },
    { "dot first", rt_norm_email_plain, "", ".a@c.com", RT_NORM_INVALID, "" },
    { "dot last", rt_norm_email_plain, "", "a.@c.com", RT_NORM_INVALID, "" },
    { "dot ends the domain", rt_norm_email_plain, "", "a@c.com.", RT_NORM_INVALID, "" },
    { "dot starts the domain", rt_norm_email_plain, "", "a@.com", RT_NORM_INVALID, "" },
    { "dots in the domain", rt_norm_email_plain, "", "a@b..com", RT_NORM_INVALID, "" },
    { "blank inside", rt_norm_email_plain, "", "a b@c.com", RT_NORM_INVALID, "" },
    { "newline inside", rt_norm_email_plain, "", "a\nb@c.com", RT_NORM_INVALID, "" },
    { "delete character", rt_norm_email_plain, "", "a\x7f@c.com", RT_NORM_INVALID, "" },
    { "quoted user", rt_norm_email_plain, "", "\"a\"@c.com", RT_NORM_INVALID, "" },
    { "name and address", rt_norm_email_plain, "", "A <a@c.com>", RT_NORM_INVALID, "" },
    { "two addresses", rt_norm_email_plain, "", "a@c.com,b@c.com", RT_NORM_INVALID, "" },
    { "mailto", rt_norm_email_plain, "", "mailto:a@c.com", RT_NORM_INVALID, "" },
    { "comment", rt_norm_email_plain, "", "a(b)@c.com", RT_NORM_INVALID, "" },
    { "backslash", rt_norm_email_plain, "", "a\\b@c.com", RT_NORM_INVALID, "" },
    { "literal domain", rt_norm_email_plain, "", "a@[10.0.0.1]", RT_NORM_INVALID, "" },
    { "number as domain", rt_norm_email_plain, "", "a@10.0.0.1", RT_NORM_INVALID, "" },
    { "hyphen ends a label", rt_norm_email_plain, "", "a@b-.com", RT_NORM_INVALID, "" },
    { "hyphen starts a label", rt_norm_email_plain, "", "a@b.-com", RT_NORM_INVALID, "" },
    { "underscore in the domain", rt_norm_email_plain, "", "a@b_c.com", RT_NORM_INVALID,
        "" },
    { "slash in the domain", rt_norm_email_plain, "", "a@b/c.com", RT_NORM_INVALID, "" },
    { "label of 63", rt_norm_email_plain, "", "a@" LABEL63 ".com", RT_NORM_OK,
        "a@" LABEL63 ".com" },
    { "label of 64", rt_norm_email_plain, "", "a@" LABEL63 "x.com", RT_NORM_INVALID, "" },
    { "user of 64", rt_norm_email_plain, "", LABEL63 "x@c.com", RT_NORM_OK,
        LABEL63 "x@c.com" },
    { "user of 65", rt_norm_email_plain, "", LABEL63 "xy@c.com", RT_NORM_INVALID, "" },
    { "254 bytes", rt_norm_email_plain, "",
        LABEL63 "@" LABEL63 "." LABEL63
                ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh.a",
        RT_NORM_OK,
        LABEL63 "@" LABEL63 "." LABEL63
                ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh.a" },
    { "255 bytes", rt_norm_email_plain, "",
        LABEL63 "@" LABEL63 "." LABEL63
                ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh.ab",
        RT_NORM_INVALID, "" },
    { "every sign of RFC 5322's atext", rt_norm_email_plain, "",
        "!#$%&'*+-/=?^_`{|}~@c.com", RT_NORM_OK, "!#$%&'*+-/=?^_`{|}~@c.com" },
    { "plus and dots stay", rt_norm_email_plain, "", "First.Last+Shop@Gmail.com",
        RT_NORM_OK, "first.last+shop@gmail.com" },
    { "no-break space and mark cut", rt_norm_email_plain, "",
        "\xEF\xBB\xBF\xC2\xA0"
        "A@b.com\xE2\x80\x8B",
        RT_NORM_OK, "a@b.com" },
    /* Beyond ASCII: each family in its own way. */
    { "umlaut, lower-cased", rt_norm_email_plain, "", "J\xC3\x96RG@B\xC3\x9C.de",
        RT_NORM_OK, "j\xC3\xB6rg@b\xC3\xBC.de" },
    { "umlaut, Google", rt_norm_email_google, "", "J\xC3\x96.RG+x@gmail.com", RT_NORM_OK,
        "j\xC3\xB6rg@gmail.com" },
    { "umlaut, Meta", rt_norm_email_meta, "", "j\xC3\xB6rg@b.de", RT_NORM_INVALID, "" },
    { "umlaut, UID2: case stays", rt_norm_email_uid2, "", "J\xC3\x96RG@b.de", RT_NORM_OK,
        "j\xC3\x96rg@b.de" },
    { "xn-- stays", rt_norm_email_meta, "", "a@XN--bcher-kva.example", RT_NORM_OK,
        "a@xn--bcher-kva.example" },
    { "not UTF-8", rt_norm_email_plain, "", "a\xFF@b.de", RT_NORM_INVALID, "" },
    { "wide blank inside", rt_norm_email_plain, "", "a\xE3\x80\x80x@b.de",
        RT_NORM_INVALID, "" },
    { "K of Kelvin is k", rt_norm_email_plain, "", "\xE2\x84\xAA@b.de", RT_NORM_OK,
        "k@b.de" },
    /* Families. One address, hashed five ways: the matrix of the manual. */
    { "one address: Google", rt_norm_email_google, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "firstlast@gmail.com" },
    { "one address: UID2", rt_norm_email_uid2, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "firstlast@gmail.com" },
    { "one address: Reddit", rt_norm_email_reddit, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "firstlast@gmail.com" },
    { "one address: Amazon", rt_norm_email_amazon, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "first.lastshop@gmail.com" },
    { "one address: Meta", rt_norm_email_meta, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "first.last+shop@gmail.com" },
    { "googlemail parts UID2 from Google", rt_norm_email_uid2, "", "A.b+c@googlemail.com",
        RT_NORM_OK, "a.b+c@googlemail.com" },
    { "elsewhere Google keeps all", rt_norm_email_google, "", "A.b+c@gmail.com.au",
        RT_NORM_OK, "a.b+c@gmail.com.au" },
    { "elsewhere Google wants good dots", rt_norm_email_google, "", "a..b@x.com",
        RT_NORM_INVALID, "" },
    { "Gmail user of dots", rt_norm_email_google, "", "..@gmail.com", RT_NORM_INVALID,
        "" },
    { "Gmail user of a tag", rt_norm_email_google, "", "+@gmail.com", RT_NORM_INVALID,
        "" },
    { "UID2: dot and tag", rt_norm_email_uid2, "", ".+@gmail.com", RT_NORM_INVALID, "" },
    { "Reddit: every sign goes", rt_norm_email_reddit, "", "a_b-c.d$e+f@x-y.com",
        RT_NORM_OK, "abcde@x-y.com" },
    { "Reddit: nothing left", rt_norm_email_reddit, "", "_+f@x.com", RT_NORM_INVALID,
        "" },
    { "Amazon: underscore stays", rt_norm_email_amazon, "", "a_b!@x.com", RT_NORM_OK,
        "a_b@x.com" },
    { "Amazon: the sign goes, the tag stays", rt_norm_email_amazon, "",
        " user+tag@domain.co.uk ", RT_NORM_OK, "usertag@domain.co.uk" },
    { "Amazon: nothing left", rt_norm_email_amazon, "", "+@x.com", RT_NORM_INVALID, "" },
    { "LinkedIn: inner blanks go", rt_norm_email_linkedin, "", "A b@c .com", RT_NORM_OK,
        "ab@c.com" },
    { "LinkedIn: two addresses", rt_norm_email_linkedin, "", "a@b.com c@d.com",
        RT_NORM_INVALID, "" },
    /* Names. */
    { "title in front", rt_norm_first_name_google, "", "Mrs. Anna", RT_NORM_OK, "anna" },
    { "title without dot", rt_norm_first_name_google, "", "Dr Anna", RT_NORM_OK,
        "dr anna" },
    { "title without blank", rt_norm_first_name_google, "", "Dr.Anna", RT_NORM_OK,
        "dr.anna" },
    { "title behind", rt_norm_first_name_google, "", " Alex Dr.", RT_NORM_OK,
        "alex dr." },
    { "title alone", rt_norm_first_name_google, "", "Mr.", RT_NORM_INVALID, "" },
    { "accent apart is composed", rt_norm_first_name_google, "", "VALE\xCC\x81RY",
        RT_NORM_OK, "val\xC3\xA9ry" },
    { "no name", rt_norm_first_name_google, "", "-", RT_NORM_INVALID, "" },
    { "number", rt_norm_first_name_google, "", "007", RT_NORM_INVALID, "" },
    { "line inside a name", rt_norm_first_name_google, "", "Anna\nMaria", RT_NORM_INVALID,
        "" },
    { "line inside a name, Meta", rt_norm_name_meta, "", "Anna\nMaria", RT_NORM_OK,
        "annamaria" },
    { "line inside a postcode", rt_norm_postcode_google, "", "1\n2", RT_NORM_INVALID,
        "" },
    { "suffixes", rt_norm_last_name_google, "", "Smith Jr. III, PhD", RT_NORM_OK,
        "smith" },
    { "suffix alone after comma", rt_norm_last_name_google, "", ", Jr. ", RT_NORM_INVALID,
        "" },
    { "suffix as a name", rt_norm_last_name_google, "", "Md", RT_NORM_OK, "md" },
    { "part of a word", rt_norm_last_name_google, "", "Hamid", RT_NORM_OK, "hamid" },
    { "hyphen stays", rt_norm_last_name_google, "", "Quinn-Alex", RT_NORM_OK,
        "quinn-alex" },
    { "inner blank stays", rt_norm_last_name_google, "", "de la Cruz", RT_NORM_OK,
        "de la cruz" },
    { "typographic apostrophe", rt_norm_name_meta, "",
        "O\xE2\x80\x99"
        "Connor",
        RT_NORM_OK, "oconnor" },
    { "accent apart, Meta", rt_norm_name_meta, "", "JOSE\xCC\x81", RT_NORM_OK,
        "jos\xC3\xA9" },
    { "name not in UTF-8", rt_norm_name_meta, "", "Jos\xE9", RT_NORM_INVALID, "" },
    { "final sigma", rt_norm_name_meta, "", "\xCE\xA3\xCE\xA9\xCE\xA3", RT_NORM_OK,
        "\xCF\x83\xCF\x89\xCF\x82" },
    /* Address. */
    { "city: a-z only", rt_norm_city_meta, "", "Los Angeles 90210", RT_NORM_OK,
        "losangeles" },
    { "city: accents go", rt_norm_city_meta, "", "S\xC3\xA3o Paulo", RT_NORM_OK,
        "sopaulo" },
    { "city: accents apart go too", rt_norm_city_meta, "", "Sa\xCC\x83o Paulo",
        RT_NORM_OK, "sopaulo" },
    { "city in another script", rt_norm_city_meta, "", "\xE6\x9D\xB1\xE4\xBA\xAC",
        RT_NORM_INVALID, "" },
    { "state of the US", rt_norm_region_meta, "US", "Georgia", RT_NORM_OK, "ga" },
    { "no state of the US", rt_norm_region_meta, "US", "Carolina", RT_NORM_INVALID, "" },
    { "province by accent", rt_norm_region_meta, "CA",
        "Qu\xC3\xA9"
        "bec",
        RT_NORM_OK, "qc" },
    { "state elsewhere", rt_norm_region_meta, "DE", "Baden-W\xC3\xBCrttemberg",
        RT_NORM_OK, "badenw\xC3\xBCrttemberg" },
    { "elsewhere no table", rt_norm_region_meta, "AU", "Victoria", RT_NORM_OK,
        "victoria" },
    { "UK postcode", rt_norm_postcode_meta, "GB", "SW1A 1AA", RT_NORM_OK, "sw1a1aa" },
    { "Canadian postcode", rt_norm_postcode_meta, "", "L3T 5M7", RT_NORM_OK, "l3t5m7" },
    { "Portuguese postcode", rt_norm_postcode_meta, "PT", "1229-076", RT_NORM_OK,
        "1229076" },
    { "Brazilian postcode, country unknown", rt_norm_postcode_meta, "", "12227-000",
        RT_NORM_OK, "12227000" },
    { "ZIP+4", rt_norm_postcode_meta, "US", "94107-1234", RT_NORM_OK, "94107" },
    { "ZIP+4 without hyphen", rt_norm_postcode_meta, "US", "941071234", RT_NORM_OK,
        "94107" },
    { "ZIP that lost its zero", rt_norm_postcode_meta, "US", "4107", RT_NORM_INVALID,
        "" },
    { "one character", rt_norm_postcode_meta, "", "1", RT_NORM_INVALID, "" },
    { "Google keeps blanks", rt_norm_postcode_google, "", " SW1A 1AA ", RT_NORM_OK,
        "SW1A 1AA" },
    { "U.K.", rt_norm_country_lower, "", "U.K.", RT_NORM_OK, "gb" },
    { "not a country", rt_norm_country_lower, "", "unknown", RT_NORM_INVALID, "" },
    { "not two letters", rt_norm_country_upper, "", "1", RT_NORM_INVALID, "" },
    /* The rest. */
    { "woman", rt_norm_gender, "", " Weiblich ", RT_NORM_OK, "f" },
    { "unknown", rt_norm_gender, "", "unknown", RT_NORM_INVALID, "" },
    { "ISO time", rt_norm_birth_date, "", "1990-12-31T00:00:00Z", RT_NORM_OK,
        "19901231" },
    { "digits together", rt_norm_birth_date, "", "19081209", RT_NORM_OK, "19081209" },
    { "digits, year last", rt_norm_birth_date, "", "12311990", RT_NORM_OK, "19901231" },
    { "leap day of no leap year", rt_norm_birth_date, "", "1900-02-29", RT_NORM_INVALID,
        "" },
    { "two-digit year", rt_norm_birth_date, "", "1/2/90", RT_NORM_INVALID, "" },
    { "month name", rt_norm_birth_date, "", "31 Dec 1990", RT_NORM_INVALID, "" },
    { "two numbers", rt_norm_birth_date, "", "12-1990", RT_NORM_INVALID, "" },
    { "too old", rt_norm_birth_date, "", "1799-01-01", RT_NORM_INVALID, "" },
    { "not born yet", rt_norm_birth_date, "", "2027-01-01", RT_NORM_INVALID, "" },
    { "year", rt_norm_birth_year, "", "31.12.1990", RT_NORM_OK, "1990" },
    { "id in lower case", rt_norm_mobile_id_lower, "",
        "EA7583CD-A667-48BC-B806-42ECB2B48606", RT_NORM_OK,
        "ea7583cd-a667-48bc-b806-42ecb2b48606" },
    { "tracking limited", rt_norm_mobile_id, "", "00000000-0000-0000-0000-000000000000",
        RT_NORM_INVALID, "" },
    { "no UUID", rt_norm_mobile_id, "", "EA7583CDA66748BCB80642ECB2B48606",
        RT_NORM_INVALID, "" },
    { "35 characters", rt_norm_linkedin_name, "",
        "\xC3\xA4"
        "bcdefghijklmnopqrstuvwxyz abcdefgh",
        RT_NORM_OK,
        "\xC3\xA4"
        "bcdefghijklmnopqrstuvwxyz abcdefgh" },
    { "36 characters", rt_norm_linkedin_name, "", "abcdefghijklmnopqrstuvwxyz abcdefghi",
        RT_NORM_UNUSABLE, "" },
    { "an address as a title", rt_norm_linkedin_work, "", "ceo@x.com", RT_NORM_UNUSABLE,
        "" },
    { "title of two lines", rt_norm_linkedin_work, "", "CEO\nCFO", RT_NORM_INVALID, "" },
    { "amount", rt_norm_amount, "", "14.50", RT_NORM_OK, "14.50" },
    { "amount with currency", rt_norm_amount, "", "$14", RT_NORM_INVALID, "" },
    { "amount with thousands", rt_norm_amount, "", "1,400", RT_NORM_INVALID, "" },
    { "amount below zero", rt_norm_amount, "", "-1", RT_NORM_INVALID, "" },
};

START_TEST(rules)
{
    struct rt_norm_context context = context_of(cases[_i].country, "");
    struct rt_norm out = { 0 };
    enum rt_norm_status status = cases[_i].fn(rt_span_of(cases[_i].raw), &context, &out);

    ck_assert_msg(
        status == cases[_i].status, "%s: status %d", cases[_i].name, (int)status);
    if (status == RT_NORM_OK)
        ck_assert_msg(
            rt_span_eq((struct rt_span) { out.p, out.n }, rt_span_of(cases[_i].normal)),
            "%s: '%.*s'", cases[_i].name, (int)out.n, out.p);
}
END_TEST

static const struct {
    const char *name, *region, *raw;
    enum rt_phone_status status;
    const char *e164;
} phones[] = {
    { "British, national", "GB", "0113 496 0987", RT_PHONE_OK, "+441134960987" },
    { "British, trunk zero kept", "", "+44 (0)113 496 0987", RT_PHONE_OK,
        "+441134960987" },
    { "German, trunk zero kept", "", "+49 0711 2842222", RT_PHONE_OK, "+497112842222" },
    { "German, with slash", "DE", "0711/2842-222", RT_PHONE_OK, "+497112842222" },
    { "00 without a region", "", "0049 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "00 where 011 is dialled", "US", "0049 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "011 from the US", "US", "011 49 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "0011 from Australia", "AU", "0011 49 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "+00", "", "+0049 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "plus in brackets", "", "(+49) 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "tel:", "", "tel:+49-711-2842222", RT_PHONE_OK, "+497112842222" },
    { "other country than the region's", "DE", "+1 650-253-0000", RT_PHONE_OK,
        "+16502530000" },
    { "Italy keeps its zero", "IT", "06 12345678", RT_PHONE_OK, "+390612345678" },
    { "a zero too many", "US", "01(650)253-0000", RT_PHONE_OK, "+16502530000" },
    { "letters on keys", "US", "1-800-FLOWERS", RT_PHONE_OK, "+18003569377" },
    { "extension dropped", "", "+1-555-123-4567 ext. 123", RT_PHONE_OK, "+15551234567" },
    { "full-width digits", "DE",
        "\xEF\xBC\x90\xEF\xBC\x97\xEF\xBC\x91\xEF\xBC\x91 2842222", RT_PHONE_OK,
        "+497112842222" },
    { "no country", "", "0711 2842222", RT_PHONE_NO_COUNTRY, "" },
    { "no country, US layout", "", "(555) 123-4567", RT_PHONE_NO_COUNTRY, "" },
    { "no digits", "DE", "unknown", RT_PHONE_INVALID, "" },
    { "only a plus", "", "+", RT_PHONE_INVALID, "" },
    { "half a number", "US", "555-1234", RT_PHONE_INVALID, "" },
    { "half a number with plus", "", "+1 555 1234", RT_PHONE_INVALID, "" },
    { "no such country code", "", "+999 123 4567", RT_PHONE_INVALID, "" },
    { "16 digits", "", "+1234567890123456", RT_PHONE_INVALID, "" },
    { "emergency call", "DE", "110", RT_PHONE_INVALID, "" },
};

START_TEST(phone_numbers)
{
    struct rt_phone out = { "", false, false };
    enum rt_phone_status status =
        rt_phone_e164(rt_span_of(phones[_i].raw), phones[_i].region, &out);

    ck_assert_msg(status == phones[_i].status && strcmp(out.e164, phones[_i].e164) == 0,
        "%s: %d '%s'", phones[_i].name, (int)status, out.e164);
}
END_TEST

START_TEST(phone_input_is_bounded)
{
    struct rt_phone out;
    char digits[251];

    memset(digits, '1', sizeof digits);
    ck_assert_int_eq(rt_phone_e164((struct rt_span) { digits, sizeof digits }, "DE", &out),
        RT_PHONE_INVALID);
    ck_assert_int_eq(rt_phone_e164((struct rt_span) { "+49\0"
                                                      "711",
                                       7 },
                         "DE", &out),
        RT_PHONE_INVALID);
    ck_assert_int_eq(rt_phone_e164(RT_SPAN_ABSENT, "DE", &out), RT_PHONE_INVALID);
}
END_TEST

#define HEX "d00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc"

static const struct {
    const char *name, *raw;
    bool is_digest;
} digests[] = {
    { "lower", HEX, true },
    { "upper", "D00D0A7C6D491B3782FD78B410748048859E16467FAA0651F060978D4BB343CC", true },
    { "with blanks", " " HEX "\n", true },
    { "63", "00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc", false },
    { "65", HEX "0", false },
    { "not hex", "g00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc",
        false },
    { "e-mail", "a@b.com", false },
    { "nothing", "", false },
};

START_TEST(known_digests)
{
    struct rt_norm out = { 0 };
    bool got = rt_norm_digest(rt_span_of(digests[_i].raw), &out);

    ck_assert_msg(got == digests[_i].is_digest, "%s", digests[_i].name);
    if (got)
        ck_assert(rt_span_eq((struct rt_span) { out.p, out.n }, RT_SPAN(HEX)));
}
END_TEST

/* ISO 3166-1's own names, and how people write them. */
static const struct {
    const char *text, *code;
} country_names[] = {
    { "DE", "DE" },
    { "deu", "DE" },
    { "Deutschland", "DE" },
    { "ALEMANIA", "DE" },
    { "\xC3\x96sterreich", "AT" },
    { "Oesterreich", "AT" },
    { "C\xC3\xB4te d'Ivoire", "CI" },
    { "Cote d'Ivoire", "CI" },
    { "Ivory Coast", "CI" },
    { "Korea, Republic of", "KR" },
    { "\xED\x95\x9C\xEA\xB5\xAD", "KR" },
    { "\xE6\x97\xA5\xE6\x9C\xAC", "JP" },
    { "UK", "GB" },
    { "England", "GB" },
    { "EL", "GR" },
    { "\xCE\x95\xCE\xBB\xCE\xBB\xCE\xAC\xCF\x82", "GR" },
    { "St. Lucia", "LC" },
    { "Bosnia & Herzegovina", "BA" },
    { "Netherlands", "NL" },
    { "The Netherlands", "NL" },
    { "Holland", "NL" },
    { "Niger", "NE" },
    { "Nigeria", "NG" },
    { "Guinea", "GN" },
    { "Guinea-Bissau", "GW" },
    { "Papua New Guinea", "PG" },
    { "Dominica", "DM" },
    { "Dominican Republic", "DO" },
    { "Congo", "CG" },
    { "DR Congo", "CD" },
    { "XX", NULL },
    { "", NULL },
    { "0", NULL },
    { "|", NULL },
    { "D", NULL },
    { "Germ", NULL },
    { "Narnia", NULL },
    { "\xFF\xFE", NULL },
};

START_TEST(countries)
{
    char code[3] = "--";
    bool found = rt_country_code(rt_span_of(country_names[_i].text), code);

    ck_assert_msg(
        found == (country_names[_i].code != NULL), "%s", country_names[_i].text);
    ck_assert_str_eq(code, found ? country_names[_i].code : "--");
}
END_TEST

START_TEST(every_country_is_found)
{
    char code[3], found[3];
    const char *name;
    size_t n = 0, ncodes = 0;

    for (; (name = rt_country_name(n, code)); n++) {
        ck_assert_msg(rt_country_code(rt_span_of(name), found), "%s", name);
        ck_assert_msg(strcmp(found, code) == 0, "%s is %s", name, found);
        ck_assert_msg(rt_country_is_code(rt_span_of(code)), "%s", code);
    }
    ck_assert_uint_gt(n, 3 * 249);
    for (code[0] = 'A', code[2] = '\0'; code[0] <= 'Z'; code[0]++)
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++)
            ncodes += rt_country_is_code(rt_span_of(code));
    ck_assert_uint_eq(ncodes, 249); /* of ISO 3166-1 */
}
END_TEST

START_TEST(unicode_room_is_kept)
{
    char out[8];
    size_t n = 0;

    ck_assert_int_eq(
        rt_unicode_map(RT_UNICODE_LOWER, RT_SPAN("123456789"), out, 8, &n), RT_ELIMIT);
    ck_assert_int_eq(rt_unicode_map(RT_UNICODE_LOWER_NFC,
                         RT_SPAN("\xC3\x96\xC3\x96\xC3\x96\xC3\x96\xC3\x96"), out, 8, &n),
        RT_ELIMIT);
    ck_assert_int_eq(
        rt_unicode_map(RT_UNICODE_LOWER, RT_SPAN("\xC3"), out, 8, &n), RT_ESYNTAX);
    ck_assert_int_eq(rt_unicode_map(RT_UNICODE_LOWER, RT_SPAN(""), out, 8, &n), RT_OK);
    ck_assert_uint_eq(n, 0);
}
END_TEST

/* The longest text of letters that grow most when decomposed and put together again. */
START_TEST(long_values_fit)
{
    struct rt_norm_context context = context_of("", "");
    char raw[RT_NORM_IN_MAX + 2];
    struct rt_norm out;

    for (size_t i = 0; i + 3 <= sizeof raw; i += 3)
        memcpy(raw + i, "\xF0\x9D\x85\x9E" + 1, 3); /* broken UTF-8 */
    ck_assert_int_eq(rt_norm_name_meta((struct rt_span) { raw, 510 }, &context, &out),
        RT_NORM_INVALID);
    for (size_t i = 0; i + 2 <= sizeof raw; i += 2)
        memcpy(raw + i, "\xC4\xB0", 2); /* capital I with dot: becomes three bytes */
    ck_assert_int_eq(
        rt_norm_name_meta((struct rt_span) { raw, 512 }, &context, &out), RT_NORM_OK);
    ck_assert_uint_eq(out.n, 256 * 3);
    ck_assert_int_eq(rt_norm_name_meta((struct rt_span) { raw, 514 }, &context, &out),
        RT_NORM_INVALID);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *normalise_suite(void)
{
    Suite *s = suite_create("normalise");
    TCase *tc = tcase_create("normalise");

    LOOP(tc, published_vectors, published);
    LOOP(tc, rules, cases);
    LOOP(tc, phone_numbers, phones);
    tcase_add_test(tc, phone_input_is_bounded);
    LOOP(tc, known_digests, digests);
    LOOP(tc, countries, country_names);
    tcase_add_test(tc, every_country_is_found);
    tcase_add_test(tc, unicode_room_is_kept);
    tcase_add_test(tc, long_values_fit);
    suite_add_tcase(s, tc);
    return s;
}
