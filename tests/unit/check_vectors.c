/*
 * The platforms' published vectors, restated: input, normalised form, its SHA-256, source.
 * Where a source prints the digest it is that one, else sha256sum's over the normalised
 * text. Then what is done instead where two sources contradict each other, and the inputs
 * that the sources refuse.
 *
 * Amazon's sample files beside these rows (61,000 values of nine countries: names, e-mail,
 * street, city, region, postcode) were run once and all agreed.
 */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "io/digest.h"
#include "lists/normalise.h"

Suite *vectors_suite(void);

#define GOOGLE    "googleads/data-manager-java UserDataFormatterTest"
#define META_CAPI "Meta, Customer Information Parameters"
#define META_DOCS "Meta, Customer File Custom Audiences"
#define META_PB   "facebook/capi-param-builder tests"
#define UID2_DOCS "UID2, Normalization and Encoding"
#define UID2_PY   "uid2-client-python test_normalization"
#define REDDIT    "Reddit Ads, manual advanced matching"
#define TIKTOK    "TikTok, supported IDs and formats"
#define MICROSOFT "Microsoft Advertising, customer-list-item"
#define X_DOCS    "X Ads API, Custom Audiences User Data"
#define AWS       "amazon-marketing-cloud-uploader-from-aws sample data"
#define SEGMENT   "segmentio/action-destinations tests"
#define RUDDER    "rudderlabs/rudder-transformer tests"

enum { NONE = RT_DEVICE_UNKNOWN, IDFA = RT_DEVICE_IDFA, AAID = RT_DEVICE_AAID };

/* country is the row's: where numbers are at home, whose table of regions goes. */
static const struct {
    rt_norm_fn *fn;
    const char *country;
    int device;
    const char *raw, *normal, *sha256, *source;
} published[] = {
    /* ---- e-mail */
    { rt_norm_email_google, "", NONE, "QuinnY@EXAMPLE.com", "quinny@example.com",
        "d00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc", GOOGLE },
    { rt_norm_email_google, "", NONE, "jefferson.Loves.hiking@gmail.com",
        "jeffersonloveshiking@gmail.com",
        "515d2f967f73864e76937ab2b897210a86fd286016903b1b08c3da07c75f513e", GOOGLE },
    { rt_norm_email_google, "", NONE, "j.e.f..ferson.Loves.hiking@gmail.com",
        "jeffersonloveshiking@gmail.com",
        "515d2f967f73864e76937ab2b897210a86fd286016903b1b08c3da07c75f513e", GOOGLE },
    { rt_norm_email_google, "", NONE, "Cloudy.SanFrancisco+shopping@gmail.com",
        "cloudysanfrancisco@gmail.com",
        "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4", GOOGLE },
    { rt_norm_email_google, "", NONE, "Cloudy.SanFrancisco+shopping@googlemail.com",
        "cloudysanfrancisco@googlemail.com",
        "332ed5427d17deb381928a719533e85046d68d7e45553abb805852b7d631fcb7", GOOGLE },
    { rt_norm_email_google, "", NONE, "  alexz@example.com", "alexz@example.com",
        "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a", GOOGLE },
    { rt_norm_email_meta, "", NONE, "mary@example.com", "mary@example.com",
        "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79", META_DOCS },
    { rt_norm_email_meta, "", NONE, "     John_Smith@gmail.com    ",
        "john_smith@gmail.com",
        "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f", META_PB },
    { rt_norm_email_meta, "", NONE, "\tTEST@EXAMPLE.COM\n", "test@example.com",
        "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b", META_PB },
    { rt_norm_email_meta, "", NONE, "\t\ntest@example.com\r\n", "test@example.com",
        "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b", META_PB },
    { rt_norm_email_meta, "", NONE, "user_name@example.com", "user_name@example.com",
        "8a4f414c0197f080358455a760679b41c7d64c266ded988d865bfaf887e45c00", META_PB },
    { rt_norm_email_meta, "", NONE, "MixedCase@DOMAIN.COM", "mixedcase@domain.com",
        "303bcd85c88a6434ed3a8f99c52ffe63426ab8afe798803465d7f1b1a526445c", META_PB },
    { rt_norm_email_meta, "", NONE, "test.email.with+symbol@example.com",
        "test.email.with+symbol@example.com",
        "a3d1e89c23c37b6a304df20e0907b51a9f1805a4f4ad59fc42d2e5474531fcbf", META_PB },
    { rt_norm_email_meta, "", NONE, "test@subdomain.example.museum",
        "test@subdomain.example.museum",
        "90a878abf148708f3b6eab585732491bd3ac04e89f0f81e78749a93f19a25ded", META_PB },
    { rt_norm_email_meta, "", NONE, "test{name@example.com", "test{name@example.com",
        "5ccd7281f737830b72e96719a3a881e72a30e5e564cba0b44efcf01fa8749a62", META_PB },
    { rt_norm_email_meta, "", NONE, "user1@example.com", "user1@example.com",
        "b36a83701f1c3191e19722d6f90274bc1b5501fe69ebf33313e440fe4b0fe210", SEGMENT },
    { rt_norm_email_uid2, "", NONE, "MYEMAIL@example.com", "myemail@example.com",
        "16c18d336f0b250f0e2d907452ceb9658a74ecdae8bc94864c23122a72cc27a5", UID2_DOCS },
    { rt_norm_email_uid2, "", NONE, "JANESAOIRSE@example.com", "janesaoirse@example.com",
        "d6670e7a92007f1b5ff785f1fc81e53aa6d3d7bd06bdf5c473cdc7286c284b6d", UID2_DOCS },
    { rt_norm_email_uid2, "", NONE, "JaneSaoirse@example.com", "janesaoirse@example.com",
        "d6670e7a92007f1b5ff785f1fc81e53aa6d3d7bd06bdf5c473cdc7286c284b6d", UID2_DOCS },
    { rt_norm_email_uid2, "", NONE, "JaneSaoirse+Work@example.com",
        "janesaoirse+work@example.com",
        "28aaee4815230cd3b4ebd88c515226550666e91ac019929e3adac3f66c288180", UID2_DOCS },
    { rt_norm_email_uid2, "", NONE, "Jane.Saoirse@gmail.com", "janesaoirse@gmail.com",
        "92ee26057ed9dea2535d6c8b141d48373932476599196e00352254896db5888f", UID2_DOCS },
    { rt_norm_email_uid2, "", NONE, "JaneSaoirse+Work@gmail.com", "janesaoirse@gmail.com",
        "92ee26057ed9dea2535d6c8b141d48373932476599196e00352254896db5888f", UID2_DOCS },
    { rt_norm_email_uid2, "", NONE, "USER@example.com", "user@example.com",
        "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514", UID2_DOCS },
    { rt_norm_email_uid2, "", NONE, "test.test@test.com", "test.test@test.com",
        "76f1028cf2991f26b4fd2221486c0fd26f12813bf5bf32f13d42d43ac9bcf343", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "test.test@gmail.com", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "+test@test.com", "+test@test.com",
        "c1e162cce55558a94b7f2a2b6c153ca31603bf81c9b536423ccc99e131f35101", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "test+test@gmail.com", "test@gmail.com",
        "87924606b4131a8aceeeae8868531fbb9712aaa07a5d3a756b26ce0f5d6ca674", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "testtest@test.com", "testtest@test.com",
        "7752ebfece062cb5f74af41532841d20c7db40f30019962bcbed95fb4a599508", UID2_PY },
    { rt_norm_email_uid2, "", NONE, " testtest@test.com ", "testtest@test.com",
        "7752ebfece062cb5f74af41532841d20c7db40f30019962bcbed95fb4a599508", UID2_PY },
    { rt_norm_email_uid2, "", NONE, " test.test@gmail.com", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "  test.test@gmail.com  ", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "TEstTEst@gmail.com  ", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "TEstTEst@GMail.Com  ", "testtest@gmail.com",
        "2e42df16bbadf1373787f7c8bd80e204a49b68c89abbf0ed68b04f418b3374cc", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "😊testtest@test.com", "😊testtest@test.com",
        "7c014452a02943457f33d98b8ff20ee780a02a0b50b8044ab0e32ab459250f89", UID2_PY },
    { rt_norm_email_uid2, "", NONE, "testtest@😊test.com", "testtest@😊test.com",
        "b5c9e0e69b6d7fb636cf8ca565344ebc8330d7e215acca51e03d4a7974ab7623", UID2_PY },
    { rt_norm_email_reddit, "", NONE, "Al.ice+Apple@Example.Com", "alice@example.com",
        "ff8d9819fc0e12bf0d24892e45987e249a28dce836a85cad60e28eaaa8c6d976", SEGMENT },
    { rt_norm_email_reddit, "", NONE, "testemail234@gmail.com", "testemail234@gmail.com",
        "42a8e618cba49f19dac88880dc734367f0f1b6d5e729a4af3f860efee0b037d6", SEGMENT },
    { rt_norm_email_linkedin, "", NONE, "scroogemcduck@disney.com",
        "scroogemcduck@disney.com",
        "77bc071241f37b4736df28c0c1cb0a99163d1050696134325b99246b2183d408", SEGMENT },
    { rt_norm_email_plain, "", NONE, "Person@email.com ", "person@email.com",
        "b375b7bbddb3de3298fbc7641063d9f03a38e118aa4480c8ab9f58740982e8bd", SEGMENT },
    { rt_norm_email_linkedin, "", NONE, "abc@xyz.com", "abc@xyz.com",
        "ee278943de84e5d6243578ee1a1057bcce0e50daad9755f45dfa64b60b13bc5d", RUDDER },
    { rt_norm_email_plain, "", NONE, "test@contoso.com", "test@contoso.com",
        "f25ad364d33972379a7a4f4df33db142205f5c40eb19cfdb2fc5aaf117e10101", MICROSOFT },
    { rt_norm_email_plain, "", NONE, "demo@segment.com", "demo@segment.com",
        "5a95f052958dac8ed1d66d74eb481b3ccdbbc953b583c5ff0325be6b091d6281", SEGMENT },
    { rt_norm_email_plain, "", NONE, "john@contoso.com", "john@contoso.com",
        "ec81f3ac7b2b19675bab9d54cf416f9f18cff87c97da5cca82c0f0891bc40602", MICROSOFT },
    { rt_norm_email_linkedin, "", NONE, "testing@testing.com", "testing@testing.com",
        "584c4423c421df49955759498a71495aba49b8780eb9387dff333b6f0982c777", SEGMENT },
    { rt_norm_email_amazon, "", NONE, "gsorey0@whitehouse.gov", "gsorey0@whitehouse.gov",
        "c997cf12865c438fa9401b4e303030d004412e8f6c631b7c0cbefbe48ddcbc8a", AWS },
    { rt_norm_email_amazon, "", NONE, "Test.User@Example.COM", "test.user@example.com",
        "a97d7a4513204a9cc7cb2f11d72d41a59b18d1ba633d22e58d53c625518f5203", SEGMENT },
    { rt_norm_email_amazon, "", NONE, "user!#$%^&*@domain.com", "user@domain.com",
        "f7ee5ec7312165148b69fcca1d29075b14b8aef0b5048a332b18b88d09069fb7", SEGMENT },
    /* ---- telephone */
    { rt_norm_phone_plus, "", NONE, "+1 800-555-0100", "+18005550100",
        "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30", GOOGLE },
    { rt_norm_phone_plus, "GB", NONE, "441134960987", "+441134960987",
        "0fac52d27ec377f8ad2f9de75d1f9bace693237e31868ae6f4616b8bbd0e94fb", GOOGLE },
    { rt_norm_phone_plus, "", NONE, "+441134960987", "+441134960987",
        "0fac52d27ec377f8ad2f9de75d1f9bace693237e31868ae6f4616b8bbd0e94fb", GOOGLE },
    { rt_norm_phone_plus, "", NONE, "+44-113-496-0987", "+441134960987",
        "0fac52d27ec377f8ad2f9de75d1f9bace693237e31868ae6f4616b8bbd0e94fb", GOOGLE },
    { rt_norm_phone_digits, "US", NONE, "15559876543", "15559876543",
        "1ef970831d7963307784fa8688e8fce101a15685d62aa765fed23f3a2c576a4e", META_DOCS },
    { rt_norm_phone_digits, "", NONE, "+1 (616) 954-78 88", "16169547888",
        "bb2fa2e6d2cea4746530c99686d0c7886ab2019875dca2d7e9e171c0e6ada00d", META_PB },
    { rt_norm_phone_digits, "US", NONE, "1(650)123-4567", "16501234567",
        "1f41a6876308cc581e7c096db4b342524d51f06f1df35537e30859e3956b5e89", META_PB },
    { rt_norm_phone_digits, "", NONE, "+001 (616) 954-78 88", "16169547888",
        "bb2fa2e6d2cea4746530c99686d0c7886ab2019875dca2d7e9e171c0e6ada00d", META_PB },
    { rt_norm_phone_digits, "US", NONE, "01(650)123-4567", "16501234567",
        "1f41a6876308cc581e7c096db4b342524d51f06f1df35537e30859e3956b5e89", META_PB },
    { rt_norm_phone_digits, "", NONE, "+44 20 7946 0958", "442079460958",
        "35e206e5dec4c89b9e8b71b8c32724a5bb518483ac5a20c6617d738375b3b823", META_PB },
    { rt_norm_phone_digits, "", NONE, "+49 30 12345678", "493012345678",
        "cae5f525a6c8d8cbfd28d7c654edf86f5e816f66919de0f842df68a2be24429b", META_PB },
    { rt_norm_phone_uid2, "US", NONE, "1 (234) 567-8901", "+12345678901",
        "10e6f0b47054a83359477dcb35231db6de5c69fb1816e1a6b98e192de9e5b9ee", UID2_DOCS },
    { rt_norm_phone_uid2, "", NONE, "+1234567890", "+1234567890",
        "422ce82c6fc1724ac878042f7d055653ab5e983d186e616826a72d4384b68af8", UID2_PY },
    { rt_norm_phone_uid2, "", NONE, "+12345678901", "+12345678901",
        "10e6f0b47054a83359477dcb35231db6de5c69fb1816e1a6b98e192de9e5b9ee", UID2_PY },
    { rt_norm_phone_uid2, "", NONE, "+123456789012", "+123456789012",
        "d234cf94cbbeee43cf03f8a5a46fe291414af07b36c4c15544b1ece77250b202", UID2_PY },
    { rt_norm_phone_uid2, "", NONE, "+1234567890123", "+1234567890123",
        "f55c70592be056e36ab6e733b7ed673602497d6c138712815907c0bc4485279e", UID2_PY },
    { rt_norm_phone_uid2, "", NONE, "+12345678901234", "+12345678901234",
        "00a63bd0437d6ca0fa7b95c00ab2e7c020faa71440e5246750d6b517689e6777", UID2_PY },
    { rt_norm_phone_uid2, "", NONE, "+123456789012345", "+123456789012345",
        "1b4baed9795e95210d08a51886e9d33e5da06189403c2a823c9d92e222ad55e8", UID2_PY },
    { rt_norm_phone_plus, "", NONE, "+1 (555) 444-1234", "+15554441234",
        "e5b124c58580eb16bd959b8d0cac12b12c952e2ceae0203d416cff94f10b994a", REDDIT },
    { rt_norm_phone_plus, "", NONE, "+16577770000", "+16577770000",
        "a6e82c2f4091baff57a4f33d01efb65bfbeacbbfbcfaa9d0ff9f57d28d78fedb", TIKTOK },
    { rt_norm_phone_digits, "US", NONE, "(657)777-0000", "16577770000",
        "8d7bdaaf75196f351d22942fc0dd79304ffabc3eaf3339460ef9da0773e3aec2", TIKTOK },
    { rt_norm_phone_digits, "", NONE, "+1(706)-767-5127", "17067675127",
        "2fd199db6d3fa9fe754886ff1822f2867fcb104a6639495eca25c2978efe4ed4", SEGMENT },
    { rt_norm_phone_digits, "", NONE, "001(706)-767-5127", "17067675127",
        "2fd199db6d3fa9fe754886ff1822f2867fcb104a6639495eca25c2978efe4ed4", SEGMENT },
    { rt_norm_phone_plus, "", NONE, "+14255551234", "+14255551234",
        "c59475d96e9f01d7d18d06cfad84dd02333207f02c0c2c5663ef2782cda0390e", MICROSOFT },
    /* ---- names */
    { rt_norm_first_name_google, "", NONE, " Alex   ", "alex",
        "4135aa9dc1b842a653dea846903ddb95bfb8c5a10c504a7fa16e10bc31d1fdf0", GOOGLE },
    { rt_norm_first_name_google, "", NONE, " Mralex   ", "mralex",
        "36965a2dc9bbd814e8558a77040c54225c75bdeb80c52c54b1a15f2bb6fc3637", GOOGLE },
    { rt_norm_last_name_google, "", NONE, " Quinn   ", "quinn",
        "c512ca0c5c1e71be19f3356821e56732b5fb3ac894b0dbc5846d0b6920106fb3", GOOGLE },
    { rt_norm_last_name_google, "", NONE, " Quinn,Jr.   ", "quinn",
        "c512ca0c5c1e71be19f3356821e56732b5fb3ac894b0dbc5846d0b6920106fb3", GOOGLE },
    { rt_norm_last_name_google, "", NONE, "Givenname", "givenname",
        "128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814", GOOGLE },
    { rt_norm_last_name_google, "", NONE, "Familyname", "familyname",
        "77762c287e61ce065bee5c15464012c6fbe088398b8057627d5577249430d574", GOOGLE },
    { rt_norm_name_meta, "", NONE, "Mary", "mary",
        "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec", META_CAPI },
    { rt_norm_name_meta, "", NONE, "정", "정",
        "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14", META_CAPI },
    { rt_norm_name_meta, "", NONE, "Valéry", "valéry",
        "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c", META_CAPI },
    { rt_norm_name_meta, "", NONE, "  John  ", "john",
        "96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a", META_PB },
    { rt_norm_name_meta, "", NONE, "\tMary\n", "mary",
        "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec", META_PB },
    { rt_norm_name_meta, "", NONE, "  John   Smith  ", "johnsmith",
        "45358dd8587f2de278ec7411a560bae78720c13aaa369d0cd95b67715adb445c", META_PB },
    { rt_norm_name_meta, "", NONE, "David#123", "david123",
        "0f14089313b20c1723ec1d660b0aaa4f473cf5b321cd370f2d48b7bcf9a7b234", META_PB },
    { rt_norm_name_meta, "", NONE, "John2", "john2",
        "eb2d2190d3b55d3e46f3a86a6c885228c36956f64a297bf130b4163c6c6196f3", META_PB },
    { rt_norm_name_meta, "", NONE, "José", "josé",
        "d994e1d001886fe5b45b1267bd1fa2b752ac50742579bd3dad7b2a2aa0ed6866", META_PB },
    { rt_norm_name_meta, "", NONE, "María", "maría",
        "edd82ab3ecfe1ad7550fb74d2ae00211f13eb3bb9ef2d3030a16012854c7742a", META_PB },
    { rt_norm_name_meta, "", NONE, "Müller", "müller",
        "2dbd218072117713f2d5996a726a9b216ed791ffd0783b6ba4ab6d61b8333192", META_PB },
    { rt_norm_name_meta, "", NONE, "Øystein", "øystein",
        "aa71e1dfcd637b4020e36d2f7b74df0d55e830a04a504e099a0116106f9dd898", META_PB },
    { rt_norm_name_meta, "", NONE, "李明", "李明",
        "aa227102842b80e6a0fa23c1cea0e7ff47d192350b4f2e9018b2f5bc6e3ba5d7", META_PB },
    { rt_norm_name_meta, "", NONE, "José María González", "josémaríagonzález",
        "e937754fb6ecc9fe3559140a7551036dd6c0f5cbede750c375e7119ee9fe5cb7", META_PB },
    { rt_norm_name_meta, "", NONE, "David—Sarah", "david—sarah",
        "34af44e8609fe36770ec12f6cd1b32e1748f311bc843341b21e85ca803d483e0", META_PB },
    { rt_norm_name_meta, "", NONE, "John\xc2\xa0Smith", "johnsmith",
        "45358dd8587f2de278ec7411a560bae78720c13aaa369d0cd95b67715adb445c", META_PB },
    { rt_norm_name_meta, "", NONE, "John😀", "john😀",
        "c63df5d859bfc73dbea527dc101d2f66c527184f6758669469bc39780c2dffdc", META_PB },
    { rt_norm_name_meta, "", NONE, "\"Jennifer\"", "jennifer",
        "9ce8db922a8f4a7abd859adee70bd8b7a63321265487da54cf4bed6a69eb3e1b", META_PB },
    { rt_norm_name_meta, "", NONE, "O'Connor", "oconnor",
        "7a0fbfdf40cbeb97429bdb88f512cecd27f0d44b7e57986ab578423bb61936ac", META_PB },
    { rt_norm_name_meta, "", NONE, "Smith-Jones", "smithjones",
        "6a77f47e3dec33252edbebb457d65e90501b643806c50cf8d6c3e2bd9cb74681", META_PB },
    { rt_norm_name_meta, "", NONE, "D'Angelo", "dangelo",
        "82f86db06baeb9b2c728c5127035da8c1d5e2cad7193eb80bf0beb2476d6f34a", META_PB },
    { rt_norm_name_meta, "", NONE, "St. John", "stjohn",
        "2012ca9043ebe0e4ad081f0033e5a72bc380249a621f1c5705fc50deebc51663", META_PB },
    { rt_norm_name_meta, "", NONE, "De-La-Cruz", "delacruz",
        "6e612c2cd2e7b0e9ebcee301bc7102e8b300fa3df820693946b20e1b9a8793fa", META_PB },
    { rt_norm_name_meta, "", NONE, "SMITH", "smith",
        "6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd", META_PB },
    { rt_norm_name_meta, "", NONE, "李明华", "李明华",
        "0af1b77170555748c980f87a83527447b92f952dc0f1f0c2fc03257766a99801", META_PB },
    { rt_norm_name_meta, "", NONE, "J", "j",
        "189f40034be7a199f1fa9891668ee3ab6049f82d38c68be70f596eab2e1857b7", SEGMENT },
    { rt_norm_name_amazon, "", NONE, "Faulkner", "faulkner",
        "77f53c97d937d5b146f99f9dae5017853c76cde577f8dd9d986bbeec238ae0f0", AWS },
    { rt_norm_name_amazon, "", NONE, "La verne", "laverne",
        "b3d1a7f15b4dd9d3f3eb5fb0059b92460b1f5157890c79670d6a9d00e4b33a7d", AWS },
    { rt_norm_name_amazon, "", NONE, "Mc Andrew", "mcandrew",
        "9aed324a4d3eb6125c45f4e6b0e2de090db56cf52110cfe9d896ed6c3fff87df", AWS },
    { rt_norm_name_amazon, "", NONE, "De La Hay", "delahay",
        "3df468ed340823b2291aa7458d217d2908cb66aee95ee37583f999be7356595d", AWS },
    { rt_norm_name_amazon, "", NONE, "St. Hill", "sthill",
        "7f92fc35ff037da7d3661d0bb8323d2722372af24a25edc242d9fc734d01face", AWS },
    /* ---- places */
    { rt_norm_country_upper, "", NONE, "us", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_country_upper, "", NONE, "us  ", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_country_upper, "", NONE, "  us  ", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_country_upper, "", NONE, " uS ", "US",
        "9b202ecbc6d45c6d8901d989a918878397a3eb9d00e8f48022fc051b19d21a1d", GOOGLE },
    { rt_norm_postcode_google, "", NONE, "94045", "94045",
        "7d2d33fb3ea552a80a8c01bf717fdade8c601e84e456f3a3cfc4170c49ff7993", GOOGLE },
    { rt_norm_postcode_google, "", NONE, " 94045  ", "94045",
        "7d2d33fb3ea552a80a8c01bf717fdade8c601e84e456f3a3cfc4170c49ff7993", GOOGLE },
    { rt_norm_postcode_google, "", NONE, "1229-076", "1229-076",
        "7ccd8baeb6da253b1df9ef6e8d42dea0ff2a44d0485b143772dd4a53e7772d10", GOOGLE },
    { rt_norm_city_meta, "", NONE, "London", "london",
        "6089854c94ca5454b76be6752c562901a985f64c9a946f62976aeab593b83161", META_PB },
    { rt_norm_city_meta, "", NONE, "    Menlo-Park  ", "menlopark",
        "0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685", META_PB },
    { rt_norm_city_meta, "", NONE, "NeW yOrK", "newyork",
        "350c754ba4d38897693aa077ef43072a859d23f613443133fecbbd90a3512ca5", META_PB },
    { rt_norm_city_meta, "", NONE, "St. Louis", "stlouis",
        "8ba24bdf99947996f3000259be455de791b06fcc0e802ce05031030df1ee8ea3", META_PB },
    { rt_norm_city_meta, "", NONE, "O'Fallon", "ofallon",
        "1b8e6c06c6f640c47f70fe9fc61a3824c5dabf103fec15fa58e5b5430bf89d04", META_PB },
    { rt_norm_city_meta, "", NONE, "Winston-Salem", "winstonsalem",
        "9e54909cf7a66751ffbdfb4f79635e6d36de413d76f86c5ef42cb8b697662751", META_PB },
    { rt_norm_city_meta, "", NONE, "Miami (Beach)", "miamibeach",
        "833c4c1b029f45a8a1c12361148b1015d4874ff342db589943f6701cd8a01c16", META_PB },
    { rt_norm_city_meta, "", NONE, "København", "kbenhavn",
        "a8ea83084130669dff52ff5524c7c1b47ab788f63e5a12816cbc310662b22c45", META_PB },
    { rt_norm_region_meta, "", NONE, "New York", "ny",
        "1b06e2003f8420d6fa42badd8f77ec0f706b976b7a48b13c567dc5a559681683", META_PB },
    { rt_norm_region_meta, "", NONE, "NeW yOrK", "ny",
        "1b06e2003f8420d6fa42badd8f77ec0f706b976b7a48b13c567dc5a559681683", META_PB },
    { rt_norm_region_meta, "", NONE, "North   Carolina", "nc",
        "0be477336d3e1a8d45d820aa54755092e2ec5e0751ccdf93a8fa8fa1e10bd753", META_PB },
    { rt_norm_region_meta, "", NONE, "Texas", "tx",
        "1b5b9ccb3e8d006a5230de9bda23ff91edc794d4f56410560830b418528e446c", META_PB },
    { rt_norm_region_meta, "", NONE, "N.Y.", "ny",
        "1b06e2003f8420d6fa42badd8f77ec0f706b976b7a48b13c567dc5a559681683", META_PB },
    { rt_norm_region_meta, "", NONE, "Ontario", "on",
        "b8d31e852725afb1e26d53bab6095b2bff1749c9275be13ed1c05a56ed31ec09", META_PB },
    { rt_norm_region_meta, "", NONE, "Prince Edward Island", "pe",
        "cdf69b25a417e25753dc086819d2cdfd3939f7d0e175136812e936284bebb4a4", META_PB },
    { rt_norm_region_meta, "", NONE, "Newfoundland and Labrador", "nl",
        "1843653496800edfd0d30326c82f53b0338ed408468cca4a2f1b52f2f6395fc9", META_PB },
    { rt_norm_region_meta, "", NONE, "Virginia", "va",
        "198dea392afc21d070f8abfc7c06d11060f1b278e5d62501bd57f1159a72ebac", META_PB },
    { rt_norm_region_meta, "", NONE, "WestVirginia", "wv",
        "078339967a4531c07e5369f15206af8dd66b4f6a322c068b40b0db3c74f9d5c6", META_PB },
    { rt_norm_region_meta, "", NONE, "X", "x",
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", META_PB },
    { rt_norm_postcode_meta, "", NONE, "12345-6789", "12345",
        "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5", META_PB },
    { rt_norm_postcode_meta, "", NONE, "K1A0A6", "k1a0a6",
        "88bb605b795a6637a208420a8fb91caff1c1d332a5a218cabf16d3e88d905b2d", META_PB },
    { rt_norm_postcode_meta, "", NONE, "SW1A1AA", "sw1a1aa",
        "830e1d4b9838bab1f5c2acdb23e0b502ff13a9832c4632e8d67a1d43d3b7f614", META_PB },
    { rt_norm_postcode_meta, "", NONE, "eC1a1Bb", "ec1a1bb",
        "636efa87fe7d1f12f2755e36182415f38a6c589471a98aeb88f0f8af7a03a6b2", META_PB },
    { rt_norm_postcode_meta, "", NONE, "1010", "1010",
        "7a5df5ffa0dec2228d90b8d0a0f1b0767b748b0a41314c123075b8289e4e053f", META_PB },
    { rt_norm_postcode_meta, "", NONE,
        "\xc2\xa0"
        "12345\xc2\xa0",
        "12345", "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5",
        META_PB },
    { rt_norm_postcode_meta, "", NONE, "12345-6789-extra", "12345",
        "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5", META_PB },
    { rt_norm_country_lower, "", NONE, "US", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", SEGMENT },
    { rt_norm_country_lower, "", NONE, "us", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", NONE, "UNITED STATES", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", NONE, "USA", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", NONE, "U.S.A.", "us",
        "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621", META_PB },
    { rt_norm_country_lower, "", NONE, "United Kingdom", "gb",
        "0b407281768f0e833afef47ed464b6571d01ca4d53c12ce5c51d1462f4ad6677", META_PB },
    { rt_norm_country_lower, "", NONE, "Canada", "ca",
        "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126", META_PB },
    { rt_norm_country_lower, "", NONE, "South Korea", "kr",
        "d5647005d31dcbb66ff531c5e097544a03558bc538b9c65ee2539594886ffbc0", META_PB },
    { rt_norm_country_lower, "", NONE, "Korea Republic of", "kr",
        "d5647005d31dcbb66ff531c5e097544a03558bc538b9c65ee2539594886ffbc0", META_PB },
    { rt_norm_country_lower, "", NONE, "Taiwan Province of China", "tw",
        "b6399cc26f4d76baacf93830240ae1a8b0b54060eda1e760d9e3a86d4d3cb618", META_PB },
    { rt_norm_country_lower, "", NONE, "Russia", "ru",
        "ed5ad332c106043712705210b4f3d1179e49c5cf426520c74cb8ec48b22b1961", META_PB },
    { rt_norm_country_lower, "", NONE, "Japan", "jp",
        "9732c83e3e03fffde2ee65a9d826df8c4dd623c27fb92b952fe62a02f0726f87", META_PB },
    { rt_norm_country_lower, "", NONE, "Brazil", "br",
        "885036a0da3dff3c3e05bc79bf49382b12bc5098514ed57ce0875aba1aa2c40d", META_PB },
    { rt_norm_country_lower, "", NONE, "C-A", "ca",
        "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126", META_PB },
    { rt_norm_city_meta, "", NONE, "San Francisco", "sanfrancisco",
        "1a6bd4d9d79dc0a79b53795c70d3349fa9e38968a3fbefbfe8783efb1d2b6aac", SEGMENT },
    { rt_norm_region_meta, "", NONE, "California", "ca",
        "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126", SEGMENT },
    { rt_norm_city_amazon, "", NONE, "Dallas", "dallas",
        "fa2115f8d576a6ab722956697fc759c31d1cd6b93c8336bfebf73ed5cba2ff49", AWS },
    { rt_norm_city_amazon, "", NONE, "El Paso", "elpaso",
        "8cc1e101ac1aaca232d169c9ffc319401ec9f35c60b0de3c53caa10731b789ff", AWS },
    { rt_norm_city_amazon, "", NONE, "Saint Paul", "saintpaul",
        "e652ccf3633322c0baf419ee61a101c84ed9e5682493430a1b86be42cff5d8df", AWS },
    { rt_norm_city_amazon, "", NONE, "Düsseldorf", "dsseldorf",
        "9bc8ec323982536b7b193ee09d1219d362e9a57a6c7b9e8a311b0329a3031c59", AWS },
    { rt_norm_city_amazon, "", NONE, "Nîmes", "nmes",
        "964c017501e59920786ef005c80f3fb27c6782ce3e6f2a22d108b479e20a4cb4", AWS },
    { rt_norm_city_amazon, "", NONE, "Montréal", "montral",
        "2abd5a0ea18903167c89851d426918b490bac57f0dd6c70cd746fb6e9a56a9b3", AWS },
    { rt_norm_city_amazon, "", NONE, "L'Épiphanie", "lpiphanie",
        "74792671b9e63f6e05c0afba3f26ffca09db76258eacfc169f4d23d76f6d007d", AWS },
    { rt_norm_city_amazon, "", NONE, "Cap-Santé", "capsant",
        "769d0bb8b4524acdd2f0ac51b7bd2388c7a404c9f1175b5c504c268479315f2e", AWS },
    { rt_norm_city_amazon, "", NONE, "Coruña, A", "coruaa",
        "09a722bbb271a71c8d4aac5a391f813fe84478ce037623b4af7c0bd1e1793734", AWS },
    { rt_norm_city_amazon, "", NONE, "Vitoria-Gasteiz", "vitoriagasteiz",
        "d6dfae74e26aaa422ed6b2d4a624458ab1c0a9fb54d1e45f71b2db2de67fabad", AWS },
    { rt_norm_city_amazon, "", NONE, "Pamplona/Iruña", "pamplonairua",
        "d8228112b739385ef16eb001719ca024439e7c42e9fce48785b88a75529a2131", AWS },
    { rt_norm_city_amazon, "", NONE, "Ōita", "ita",
        "6b383ac7c46b2fe4d0db55baa344904ff022baa3afe961e6d188d787859416a6", AWS },
    { rt_norm_region_amazon, "US", NONE, "Texas", "tx",
        "1b5b9ccb3e8d006a5230de9bda23ff91edc794d4f56410560830b418528e446c", AWS },
    { rt_norm_region_amazon, "US", NONE, "NEW MEXICO", "nm",
        "2ca7289b5248632c8fe5386b972e8fde6585068c5cb8e2948489e10e7be6d4d8", AWS },
    { rt_norm_region_amazon, "US", NONE, "north dakota", "nd",
        "051603900bc7a27051b385299b0ef6c3dd2da3c6216845df7f501d9e4337cbcd", AWS },
    { rt_norm_region_amazon, "US", NONE, "west virginia", "wv",
        "078339967a4531c07e5369f15206af8dd66b4f6a322c068b40b0db3c74f9d5c6", AWS },
    { rt_norm_region_amazon, "CA", NONE, "British Columbia", "bc",
        "1e0bbd6c686ba050b8eb03ffeedc64fdc9d80947fce821abbe5d6dc8d252c5ac", AWS },
    { rt_norm_region_amazon, "CA", NONE, "Newfoundland and Labrador", "nl",
        "1843653496800edfd0d30326c82f53b0338ed408468cca4a2f1b52f2f6395fc9", AWS },
    { rt_norm_region_amazon, "DE", NONE, "Baden-Württemberg", "ba",
        "970f519c2cadbcefb1e81694f904bc6229dd2a8300e98c6d0d4fc4bfca584140", AWS },
    { rt_norm_region_amazon, "FR", NONE, "Rhône-Alpes", "rh",
        "064369b841ea15785385cdcc3b6a9564150abb1e663150cbb928e9080cf2d803", AWS },
    { rt_norm_region_amazon, "FR", NONE, "Île-de-France", "le",
        "61098a4bf2a5e216533e5f2994d8f290308b310f2efa046548a96302afe412ea", AWS },
    { rt_norm_region_amazon, "FR", NONE, "Champagne-Ardenne", "cg",
        "2a5988d63699a93036742fe758b96d958194aece61be9ee17874f49b3791ef7d", AWS },
    { rt_norm_region_amazon, "ES", NONE, "La Rioja", "lo",
        "9294ab38039f60d2ec53822fb46b52c663af7ea478f4d17bf43da44ede5e166c", AWS },
    { rt_norm_region_amazon, "IT", NONE, "Campania", "ca",
        "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126", AWS },
    { rt_norm_region_amazon, "IT", NONE, "Emilia-Romagna", "em",
        "84a47f61dd341ce731390149a904abcd58a6044263071abf44a475cf91563029", AWS },
    { rt_norm_region_amazon, "IN", NONE, "Gujarat", "gu",
        "6152d43caa491abea69c0001c468166366618867baf85f1f5fc9b26e00966a24", AWS },
    { rt_norm_region_amazon, "IN", NONE, "Uttar Pradesh", "ut",
        "469cc643a19fb75901e5d331b8dc14befa8b98810b246c2fb22fff0c382dc39e", AWS },
    { rt_norm_postcode_amazon, "US", NONE, "75236-9599", "75236",
        "91b6147da4928d5742bb8ddb035e75f9fe77a7f88881906ac7417abf8a46effa", AWS },
    { rt_norm_postcode_amazon, "FR", NONE, "77304 CEDEX", "77304",
        "13e81496205ee18f729655918cea4cd8af71db0ccede58bceef8188e064085bc", AWS },
    { rt_norm_postcode_amazon, "JP", NONE, "787-0150", "7870150",
        "3514118185299f8e6cadb3b93ca559e3c2cf73f2f72261851f597891709ff1b3", AWS },
    { rt_norm_postcode_amazon, "JP", NONE, "990-2332", "9902332",
        "2549be9baa9a916630d109b09cf8eb65e53227dc8efe2560543bc843f02b0c81", AWS },
    { rt_norm_street_amazon, "US", NONE, "4 Cody Junction", "4codyjct",
        "298f6d3e8245ff74a4c14df3f3709137a3e35b81e9c57dbd0626d76a4326b5ea", AWS },
    { rt_norm_street_amazon, "US", NONE, "31 Fisk Plaza", "31fiskplz",
        "bc52fc2f15ba8470a03c66781fecd9fdac0750c272ec4b19807dfa23fecea16a", AWS },
    { rt_norm_street_amazon, "GB", NONE, "5180 Merchant Pass", "5180merchantpass",
        "1e6abe1949eddf64322d2f4579b57929f8dd193f6763d54cdb74833f06b88a23", AWS },
    { rt_norm_street_amazon, "GB", NONE, "7914 CORSCOT STREET", "7914corscotst",
        "0510a6d094cb010ca310139419f20686cab7245cc43840bf5345d09a088096f6", AWS },
    { rt_norm_street_amazon, "DE", NONE, "233 Mendota Street", "233mendotast",
        "e44d3727f760b2f62b9f46ec0836eeddff5bb410c327d41091a95a0473913a19", AWS },
    { rt_norm_street_amazon, "FR", NONE, "48377 Pepper Wood Circle", "48377pepperwoodcir",
        "9add52809d06313f29275493792f991f53745fddc20787be360370d621f23f2a", AWS },
    { rt_norm_street_amazon, "CA", NONE, "16724 Sherman Lane", "16724shermanln",
        "7a37822f0e2e02f2edd0e3c3ea3f650b1a007ec75947a22493b3eb37d3e8431f", AWS },
    { rt_norm_street_amazon, "CA", NONE, "66067 Sage Road", "66067sagerd",
        "e3d7212323be6e3d426ed37ed807a7ef8f42138bea3b4bd1f03455b0f28475be", AWS },
    { rt_norm_street_amazon, "CA", NONE, "2 Pawling Junction", "2pawlingjunction",
        "00ebb1e5a3eff43295391390fb431abe32e2deb429764005659695d67e757e60", AWS },
    { rt_norm_postcode_amazon, "US", NONE, " 123 45 ", "12345",
        "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5", SEGMENT },
    /* ---- the rest */
    { rt_norm_birth_date, "", NONE, "2/16/1997 (mm/dd/yyyy)", "19970216",
        "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c", META_PB },
    { rt_norm_birth_date, "", NONE, "12-31-1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", NONE, "31-12-1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", NONE, "1990-12-31", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", NONE, "12 31 1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_birth_date, "", NONE, "13-02-1990", "19900213",
        "0c6c91554767450c6bf96c0a7a142ce47d0d32cca207f6dd92d1c0983437cd5d", META_PB },
    { rt_norm_birth_date, "", NONE, "02-29-2000", "20000229",
        "78958c155b420adeffb55186f1ff24a0cd544a1d9577e114e7793cc45f90ae01", META_PB },
    { rt_norm_birth_date, "", NONE, "Born: 12-31-1990", "19901231",
        "e34847671d257b92802553ecff8091c5e218044431fd84ce1ce573e530710c83", META_PB },
    { rt_norm_gender, "", NONE, "Boy", "m",
        "62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a", META_PB },
    { rt_norm_gender, "", NONE, "Female", "f",
        "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111", META_PB },
    { rt_norm_gender, "", NONE, "F", "f",
        "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111", META_PB },
    { rt_norm_birth_month, "", NONE, "01", "01",
        "938db8c9f82c8cb58d3f3ef4fd250036a48d26a712753d2fde5abd03a85cabf4", SEGMENT },
    { rt_norm_birth_day, "", NONE, "15", "15",
        "e629fa6598d732768f7c726b4b621285f9c3b85303900aa912017db7617d8bdb", SEGMENT },
    { rt_norm_mobile_id_by_kind, "", IDFA, "EA7583CD-A667-48BC-B806-42ECB2B48606",
        "EA7583CD-A667-48BC-B806-42ECB2B48606",
        "70574fa9c8f498a7b2e5c8712b1126de7b1406fd02fdc591821c5bd33092fd1c", REDDIT },
    { rt_norm_mobile_id_by_kind, "", AAID, "cdda802e-fb9c-47ad-9866-0794d394c912",
        "cdda802e-fb9c-47ad-9866-0794d394c912",
        "f23b554b2a8fb732a8b973733832e70f018da7bc294dfea289735a07d5dd2c9f", REDDIT },
    { rt_norm_mobile_id_lower, "", NONE, "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25",
        "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25",
        "83dc3f5f32b9472613b0f038d36f22585a609d018af6f6067f50da318bf354bd", TIKTOK },
    { rt_norm_username_x, "", NONE, "@AdsAPI", "adsapi",
        "49e0be2aeccfb51a8dee4c945c8a70a9ac500cf6f5cb08112575f74db9b1470d", X_DOCS },
};

static struct rt_norm_context context_of(const char *country, int device)
{
    struct rt_norm_context context = { .latest_year = 2026, .device = device };

    memcpy(context.country, country, strlen(country) + 1);
    memcpy(context.phone_region, country, strlen(country) + 1);
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
    struct rt_norm_context context =
        context_of(published[_i].country, published[_i].device);
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

/* What UID2 takes is the digest's 32 bytes in Base64, not its hex text: as its page on
 * normalisation and encoding has them. */
START_TEST(published_base64)
{
    static const struct {
        rt_norm_fn *fn;
        const char *raw, *base64;
    } uid2[] = {
        { rt_norm_email_uid2, "USER@example.com",
            "tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ=" },
        { rt_norm_phone_uid2, "1 (234) 567-8901",
            "EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4=" },
    };
    struct rt_digest *digest = NULL;

    ck_assert_int_eq(rt_digest_new(&digest, NULL), RT_OK);
    for (size_t i = 0; i < sizeof uid2 / sizeof *uid2; i++) {
        struct rt_norm_context context = context_of("US", NONE);
        uint8_t bytes[RT_DIGEST_MAX];
        char text[45] = "";
        struct rt_norm out;

        ck_assert_int_eq(uid2[i].fn(rt_span_of(uid2[i].raw), &context, &out), RT_NORM_OK);
        ck_assert_int_eq(
            rt_digest_of(digest, RT_SHA256, (struct rt_span) { out.p, out.n }, bytes),
            RT_OK);
        ck_assert_uint_eq(rt_base64(bytes, 32, text), 44);
        ck_assert_str_eq(text, uid2[i].base64);
        ck_assert_uint_eq(rt_norm_hashed(rt_span_of(text), RT_HASHED_SHA256_BASE64, &out),
            RT_HASHED_SHA256_BASE64);
    }
    rt_digest_free(digest);
}
END_TEST

/* Vectors that are not met, and why. */
static const struct {
    rt_norm_fn *fn;
    const char *country, *raw, *theirs;
    enum rt_norm_status status;
    const char *ours, *source, *reason;
} departures[] = {
    { rt_norm_phone_digits, "", "(555) 123-4567", "5551234567", RT_NORM_NO_COUNTRY, "",
        META_PB, "the document wants the country code" },
    { rt_norm_phone_digits, "US", "(555) 123-4567", "5551234567", RT_NORM_OK,
        "15551234567", META_PB, "the document wants the country code" },
    { rt_norm_phone_digits, "US", "Phone: 555-123-4567", "5551234567", RT_NORM_OK,
        "15551234567", META_PB, "the document wants the country code" },
    { rt_norm_phone_digits, "US", "000555123456", "555123456", RT_NORM_INVALID, "",
        META_PB, "no telephone number of any country" },
    { rt_norm_phone_digits, "", "+1-555-123-4567 ext. 123", "15551234567123", RT_NORM_OK,
        "15551234567", META_PB, "an extension is no part of a number in E.164" },
    { rt_norm_phone_digits, "US", "1-800-FLOWERS", "1800", RT_NORM_OK, "18003569377",
        META_PB, "letters stand for the digits of their keys" },
    { rt_norm_city_meta, "", "Los Angeles 90210", "losangeles90210", RT_NORM_OK,
        "losangeles", META_PB, "the document for audiences says a-z only" },
    { rt_norm_first_name_google, "", " Alex Dr.", "alex", RT_NORM_OK, "alex dr.", GOOGLE,
        "its twin in Node takes titles in front only, and keeps this one" },
    { rt_norm_email_amazon, "", " user+tag@domain.co.uk ", "user+tag@domain.co.uk",
        RT_NORM_OK, "usertag@domain.co.uk", SEGMENT,
        "Amazon's own uploader drops the sign" },
};

START_TEST(contradicted_vectors)
{
    struct rt_norm_context context = context_of(departures[_i].country, NONE);
    struct rt_norm out = { 0 };
    enum rt_norm_status status =
        departures[_i].fn(rt_span_of(departures[_i].raw), &context, &out);

    ck_assert_msg(status == departures[_i].status, "%s: '%s' is %d: %s",
        departures[_i].source, departures[_i].raw, (int)status, departures[_i].reason);
    if (status == RT_NORM_OK)
        ck_assert_msg(rt_span_eq((struct rt_span) { out.p, out.n },
                          rt_span_of(departures[_i].ours)),
            "'%s' became '%.*s'", departures[_i].raw, (int)out.n, out.p);
    ck_assert_str_ne(departures[_i].ours, departures[_i].theirs);
}
END_TEST

/* What the sources refuse, or make an empty string of. */
static const struct {
    rt_norm_fn *fn;
    const char *country, *raw, *source;
} refused[] = {
    { rt_norm_email_google, "", "@example.com", GOOGLE },
    { rt_norm_email_google, "", "quinn@", GOOGLE },
    { rt_norm_email_google, "", "quinn", GOOGLE },
    { rt_norm_email_google, "", "...@gmail.com", GOOGLE },
    { rt_norm_email_google, "", "+tag@gmail.com", GOOGLE },
    { rt_norm_email_uid2, "", "", UID2_PY },
    { rt_norm_email_uid2, "", " @", UID2_PY },
    { rt_norm_email_uid2, "", "@", UID2_PY },
    { rt_norm_email_uid2, "", "a@", UID2_PY },
    { rt_norm_email_uid2, "", "@b", UID2_PY },
    { rt_norm_email_uid2, "", "@b.com", UID2_PY },
    { rt_norm_email_uid2, "", "+", UID2_PY },
    { rt_norm_email_uid2, "", " ", UID2_PY },
    { rt_norm_email_uid2, "", "+@gmail.com", UID2_PY },
    { rt_norm_email_uid2, "", ".+@gmail.com", UID2_PY },
    { rt_norm_email_uid2, "", "a@ba@z.com", UID2_PY },
    { rt_norm_email_meta, "", "test@example", META_PB },
    { rt_norm_email_meta, "", "te..st@example.com", META_PB },
    { rt_norm_email_meta, "", "test@example..com", META_PB },
    { rt_norm_email_meta, "", ".test@example.com", META_PB },
    { rt_norm_email_meta, "", "test.@example.com", META_PB },
    { rt_norm_email_meta, "", "test@.example.com", META_PB },
    { rt_norm_email_meta, "", "test@example.com.", META_PB },
    { rt_norm_email_meta, "", "te st@example.com", META_PB },
    { rt_norm_email_meta, "", "test@exam ple.com", META_PB },
    { rt_norm_email_meta, "", "test@@example.com", META_PB },
    { rt_norm_email_meta, "", "te(st@example.com", META_PB },
    { rt_norm_email_meta, "", "te)st@example.com", META_PB },
    { rt_norm_email_meta, "", "te<st@example.com", META_PB },
    { rt_norm_email_meta, "", "te>st@example.com", META_PB },
    { rt_norm_email_meta, "", "te,st@example.com", META_PB },
    { rt_norm_email_meta, "", "te;st@example.com", META_PB },
    { rt_norm_email_meta, "", "te:st@example.com", META_PB },
    { rt_norm_email_meta, "", "te\"st@example.com", META_PB },
    { rt_norm_email_meta, "", "te[st@example.com", META_PB },
    { rt_norm_email_meta, "", "te]st@example.com", META_PB },
    { rt_norm_email_meta, "", "te\\st@example.com", META_PB },
    { rt_norm_email_meta, "", "tést@example.com", META_PB },
    { rt_norm_email_meta, "", "test@exämple.com", META_PB },
    { rt_norm_phone_plus, "US", "abcd", GOOGLE },
    { rt_norm_phone_plus, "US", "-", GOOGLE },
    { rt_norm_phone_uid2, "", "+123456789", UID2_PY },
    { rt_norm_phone_uid2, "", "+1234567890123456", UID2_PY },
    { rt_norm_phone_uid2, "", "1234567890", UID2_PY },
    { rt_norm_phone_uid2, "", "asdaksjdakfj", UID2_PY },
    { rt_norm_phone_uid2, "", "+12345678a1", UID2_PY },
    { rt_norm_phone_uid2, "", "+", UID2_PY },
    { rt_norm_phone_uid2, "", "", UID2_PY },
    { rt_norm_last_name_google, "", ", Jr. ", GOOGLE },
    { rt_norm_first_name_google, "", "Mr.", GOOGLE },
    { rt_norm_country_upper, "", "u", GOOGLE },
    { rt_norm_country_upper, "", "usx", GOOGLE },
    { rt_norm_postcode_meta, "", "1", META_PB },
    { rt_norm_postcode_meta, "", "-12345", META_PB },
    { rt_norm_birth_date, "", "1/2/90", META_PB },
    { rt_norm_birth_date, "", "01-01-1790", META_PB },
    { rt_norm_birth_date, "", "01-01-2099", META_PB },
    { rt_norm_birth_date, "", "Dec 31 1990", META_PB },
    { rt_norm_birth_date, "", "12-1990", META_PB },
    { rt_norm_birth_date, "", "13-13-1990", META_PB },
    { rt_norm_birth_date, "", "02-30-1990", META_PB },
    { rt_norm_gender, "", "other", META_PB },
    { rt_norm_gender, "", "unknown", META_PB },
    { rt_norm_gender, "", "1", META_PB },
    { rt_norm_postcode_amazon, "US", "7523", AWS },
    { rt_norm_postcode_amazon, "CA", "J9T", AWS },
    { rt_norm_postcode_amazon, "GB", "WF9", AWS },
    { rt_norm_postcode_amazon, "GB", "AA11AA6", AWS },
    { rt_norm_postcode_amazon, "JP", "787-015", AWS },
};

START_TEST(refused_inputs)
{
    struct rt_norm_context context = context_of(refused[_i].country, NONE);
    struct rt_norm out;

    ck_assert_msg(
        refused[_i].fn(rt_span_of(refused[_i].raw), &context, &out) != RT_NORM_OK,
        "%s: '%s' was taken", refused[_i].source, refused[_i].raw);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *vectors_suite(void)
{
    Suite *s = suite_create("vectors");
    TCase *tc = tcase_create("vectors");

    LOOP(tc, published_vectors, published);
    tcase_add_test(tc, published_base64);
    LOOP(tc, contradicted_vectors, departures);
    LOOP(tc, refused_inputs, refused);
    suite_add_tcase(s, tc);
    return s;
}
