/*
 * Two sorted tables, searched by halves: the codes, and what the countries are called, as
 * rt_unicode_map's bare form writes it (letters alone, lower case, no accents): alpha-3
 * codes, ISO's short and official names, usual ones of several languages.
 */
#include "lists/country.h"

#include <string.h>

#include "lists/unicode.h"

enum { LONGEST_NAME = 128 };

static const char codes[] =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCA"
    "CCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGA"
    "GBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP"
    "KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMS"
    "MTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORS"
    "RURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTW"
    "TZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/* Sorted by name; a test looks each up. */
/* clang-format off */
static const struct country {
    const char *name;
    char code[3];
} countries[] = {
    {"abw", "AW"}, {"afg", "AF"}, {"afghanistan", "AF"}, {"afriquedusud", "ZA"},
    {"ago", "AO"}, {"agypten", "EG"}, {"aia", "AI"}, {"ala", "AX"},
    {"alandislands", "AX"}, {"alb", "AL"}, {"albania", "AL"}, {"albanie", "AL"},
    {"albanien", "AL"}, {"alemanha", "DE"}, {"alemania", "DE"}, {"algeria", "DZ"},
    {"algerie", "DZ"}, {"algerien", "DZ"}, {"allemagne", "DE"}, {"america", "US"},
    {"americansamoa", "AS"}, {"amerika", "US"}, {"and", "AD"}, {"andorra", "AD"},
    {"angola", "AO"}, {"anguilla", "AI"}, {"antarctica", "AQ"},
    {"antiguaandbarbuda", "AG"}, {"antiguabarbuda", "AG"}, {"aotearoa", "NZ"},
    {"arabiasaudita", "SA"}, {"arabiesaoudite", "SA"}, {"arabrepublicofegypt", "EG"},
    {"are", "AE"}, {"arg", "AR"}, {"argelia", "DZ"}, {"argentina", "AR"},
    {"argentine", "AR"}, {"argentinerepublic", "AR"}, {"argentinien", "AR"},
    {"arm", "AM"}, {"armenia", "AM"}, {"armenie", "AM"}, {"armenien", "AM"},
    {"aruba", "AW"}, {"ascensionandtristandacunhasainthelena", "SH"},
    {"ascensionandtristandacunhasthelena", "SH"},
    {"ascensiontristandacunhasainthelena", "SH"}, {"aserbaidschan", "AZ"}, {"asm", "AS"},
    {"ata", "AQ"}, {"atf", "TF"}, {"atg", "AG"}, {"aus", "AU"}, {"australia", "AU"},
    {"australie", "AU"}, {"australien", "AU"}, {"austria", "AT"}, {"aut", "AT"},
    {"autriche", "AT"}, {"aze", "AZ"}, {"azerbaijan", "AZ"}, {"azerbaycan", "AZ"},
    {"bahamas", "BS"}, {"bahrain", "BH"}, {"bangladesh", "BD"}, {"barbados", "BB"},
    {"bdi", "BI"}, {"bel", "BE"}, {"belarus", "BY"}, {"belgia", "BE"}, {"belgica", "BE"},
    {"belgie", "BE"}, {"belgien", "BE"}, {"belgio", "BE"}, {"belgique", "BE"},
    {"belgium", "BE"}, {"belize", "BZ"}, {"ben", "BJ"}, {"benin", "BJ"},
    {"bermuda", "BM"}, {"bes", "BQ"}, {"bfa", "BF"}, {"bgd", "BD"}, {"bgr", "BG"},
    {"bharat", "IN"}, {"bhr", "BH"}, {"bhs", "BS"}, {"bhutan", "BT"},
    {"bielorrusia", "BY"}, {"bielorussie", "BY"}, {"bih", "BA"}, {"blm", "BL"},
    {"blr", "BY"}, {"blz", "BZ"}, {"bmu", "BM"}, {"bol", "BO"},
    {"bolivarianrepublicofvenezuela", "VE"}, {"bolivia", "BO"},
    {"boliviaplurinationalstateof", "BO"}, {"bolivien", "BO"}, {"bonaire", "BQ"},
    {"bonairesinteustatiusandsaba", "BQ"}, {"bonairesinteustatiussaba", "BQ"},
    {"bosnaihercegovina", "BA"}, {"bosnia", "BA"}, {"bosniaandherzegovina", "BA"},
    {"bosniaherzegovina", "BA"}, {"bosnieherzegovine", "BA"}, {"bosnien", "BA"},
    {"bosnienundherzegowina", "BA"}, {"botswana", "BW"}, {"bouvetisland", "BV"},
    {"bra", "BR"}, {"brasil", "BR"}, {"brasile", "BR"}, {"brasilien", "BR"},
    {"brazil", "BR"}, {"brazylia", "BR"}, {"brb", "BB"}, {"brd", "DE"}, {"bresil", "BR"},
    {"britain", "GB"}, {"britishindianoceanterritory", "IO"},
    {"britishvirginislands", "VG"}, {"brn", "BN"}, {"brunei", "BN"},
    {"bruneidarussalam", "BN"}, {"btn", "BT"}, {"bulgaria", "BG"}, {"bulgarie", "BG"},
    {"bulgarien", "BG"}, {"burkinafaso", "BF"}, {"burma", "MM"}, {"burundi", "BI"},
    {"bvt", "BV"}, {"bwa", "BW"}, {"caboverde", "CV"}, {"caf", "CF"}, {"cambodia", "KH"},
    {"cameroon", "CM"}, {"can", "CA"}, {"canada", "CA"}, {"capeverde", "CV"},
    {"caymanislands", "KY"}, {"cck", "CC"}, {"centralafricanrepublic", "CF"},
    {"ceskarepublika", "CZ"}, {"cesko", "CZ"}, {"ceylon", "LK"}, {"chad", "TD"},
    {"che", "CH"}, {"chequia", "CZ"}, {"chile", "CL"}, {"chili", "CL"}, {"china", "CN"},
    {"chine", "CN"}, {"chinesetaipei", "TW"}, {"chipre", "CY"}, {"chl", "CL"},
    {"chn", "CN"}, {"chorwacja", "HR"}, {"christmasisland", "CX"}, {"chypre", "CY"},
    {"cile", "CL"}, {"cina", "CN"}, {"cipro", "CY"}, {"civ", "CI"}, {"cmr", "CM"},
    {"cocosislands", "CC"}, {"cocoskeelingislands", "CC"}, {"cod", "CD"}, {"cog", "CG"},
    {"cok", "CK"}, {"col", "CO"}, {"colombia", "CO"}, {"colombie", "CO"}, {"com", "KM"},
    {"commonwealthofaustralia", "AU"}, {"commonwealthofdominica", "DM"},
    {"commonwealthofthebahamas", "BS"}, {"commonwealthofthenorthernmarianaislands", "MP"},
    {"comoros", "KM"}, {"congo", "CG"}, {"congobrazzaville", "CG"},
    {"congokinshasa", "CD"}, {"congothedemocraticrepublicofthe", "CD"},
    {"cookislands", "CK"}, {"coreadelsud", "KR"}, {"coreadelsur", "KR"},
    {"coreedusud", "KR"}, {"costarica", "CR"}, {"cotedivoire", "CI"}, {"cpv", "CV"},
    {"cri", "CR"}, {"crnagora", "ME"}, {"croacia", "HR"}, {"croatia", "HR"},
    {"croatie", "HR"}, {"croazia", "HR"}, {"cub", "CU"}, {"cuba", "CU"},
    {"curacao", "CW"}, {"cuw", "CW"}, {"cxr", "CX"}, {"cym", "KY"}, {"cyp", "CY"},
    {"cyprus", "CY"}, {"cze", "CZ"}, {"czech", "CZ"}, {"czechia", "CZ"},
    {"czechrepublic", "CZ"}, {"czechy", "CZ"}, {"danemark", "DK"}, {"dania", "DK"},
    {"danimarca", "DK"}, {"danmark", "DK"}, {"democraticpeoplesrepublicofkorea", "KP"},
    {"democraticrepublicofsaotomeandprincipe", "ST"},
    {"democraticrepublicofsaotomeprincipe", "ST"}, {"democraticrepublicofthecongo", "CD"},
    {"democraticrepublicoftimorleste", "TL"},
    {"democraticsocialistrepublicofsrilanka", "LK"}, {"denemarken", "DK"},
    {"denmark", "DK"}, {"deu", "DE"}, {"deutschland", "DE"}, {"dinamarca", "DK"},
    {"dji", "DJ"}, {"djibouti", "DJ"}, {"dma", "DM"}, {"dnk", "DK"}, {"dom", "DO"},
    {"dominica", "DM"}, {"dominicanrepublic", "DO"}, {"dominikanischerepublik", "DO"},
    {"drc", "CD"}, {"drcongo", "CD"}, {"duitsland", "DE"}, {"dza", "DZ"},
    {"easternrepublicofuruguay", "UY"}, {"easttimor", "TL"}, {"ecu", "EC"},
    {"ecuador", "EC"}, {"eesti", "EE"}, {"eeuu", "US"}, {"egipto", "EG"},
    {"egitto", "EG"}, {"egy", "EG"}, {"egypt", "EG"}, {"egypte", "EG"}, {"eire", "IE"},
    {"el", "GR"}, {"elfenbeinkueste", "CI"}, {"elfenbeinkuste", "CI"}, {"ellada", "GR"},
    {"elsalvador", "SV"}, {"emirates", "AE"}, {"emiratosarabesunidos", "AE"},
    {"emiratsarabesunis", "AE"}, {"england", "GB"}, {"englandandwales", "GB"},
    {"englandwales", "GB"}, {"equateur", "EC"}, {"equatorialguinea", "GQ"}, {"eri", "ER"},
    {"eritrea", "ER"}, {"esh", "EH"}, {"eslovaquia", "SK"}, {"eslovenia", "SI"},
    {"esp", "ES"}, {"espagne", "ES"}, {"espana", "ES"}, {"espanha", "ES"}, {"est", "EE"},
    {"estadosunidos", "US"}, {"estadosunidosdeamerica", "US"},
    {"estadosunidosmexicanos", "MX"}, {"estland", "EE"}, {"estonia", "EE"},
    {"estonie", "EE"}, {"eswatini", "SZ"}, {"etatsunis", "US"}, {"eth", "ET"},
    {"ethiopia", "ET"}, {"falklandislands", "FK"}, {"falklandislandsmalvinas", "FK"},
    {"faroeislands", "FO"}, {"federaldemocraticrepublicofethiopia", "ET"},
    {"federaldemocraticrepublicofnepal", "NP"}, {"federalrepublicofgermany", "DE"},
    {"federalrepublicofnigeria", "NG"}, {"federalrepublicofsomalia", "SO"},
    {"federatedstatesofmicronesia", "FM"}, {"federativerepublicofbrazil", "BR"},
    {"fiji", "FJ"}, {"filipinas", "PH"}, {"fin", "FI"}, {"finland", "FI"},
    {"finlande", "FI"}, {"finlandia", "FI"}, {"finnland", "FI"}, {"fji", "FJ"},
    {"flk", "FK"}, {"fra", "FR"}, {"franca", "FR"}, {"france", "FR"}, {"francia", "FR"},
    {"francja", "FR"}, {"frankreich", "FR"}, {"frankrig", "FR"}, {"frankrijk", "FR"},
    {"frankrike", "FR"}, {"frenchguiana", "GF"}, {"frenchpolynesia", "PF"},
    {"frenchrepublic", "FR"}, {"frenchsouthernterritories", "TF"}, {"fro", "FO"},
    {"fsm", "FM"}, {"furstentumliechtenstein", "LI"}, {"fyrom", "MK"}, {"gab", "GA"},
    {"gabon", "GA"}, {"gaboneserepublic", "GA"}, {"gambia", "GM"}, {"gbr", "GB"},
    {"geo", "GE"}, {"georgia", "GE"}, {"georgie", "GE"}, {"georgien", "GE"},
    {"germania", "DE"}, {"germany", "DE"}, {"ggy", "GG"}, {"gha", "GH"}, {"ghana", "GH"},
    {"giappone", "JP"}, {"gib", "GI"}, {"gibraltar", "GI"}, {"gin", "GN"}, {"glp", "GP"},
    {"gmb", "GM"}, {"gnb", "GW"}, {"gnq", "GQ"}, {"granbretagna", "GB"},
    {"granbretana", "GB"}, {"grandduchyofluxembourg", "LU"}, {"grandebretagne", "GB"},
    {"grc", "GR"}, {"grd", "GD"}, {"greatbritain", "GB"}, {"grece", "GR"},
    {"grecia", "GR"}, {"grecja", "GR"}, {"greece", "GR"}, {"greenland", "GL"},
    {"grenada", "GD"}, {"griechenland", "GR"}, {"griekenland", "GR"}, {"grl", "GL"},
    {"grootbrittannie", "GB"}, {"grossbritannien", "GB"}, {"großbritannien", "GB"},
    {"gtm", "GT"}, {"guadeloupe", "GP"}, {"guam", "GU"}, {"guatemala", "GT"},
    {"guernsey", "GG"}, {"guf", "GF"}, {"guinea", "GN"}, {"guineabissau", "GW"},
    {"gum", "GU"}, {"guy", "GY"}, {"guyana", "GY"}, {"haiti", "HT"},
    {"hashemitekingdomofjordan", "JO"}, {"heardislandandmcdonaldislands", "HM"},
    {"heardislandmcdonaldislands", "HM"}, {"hellas", "GR"}, {"hellenicrepublic", "GR"},
    {"hiszpania", "ES"}, {"hkg", "HK"}, {"hmd", "HM"}, {"hnd", "HN"}, {"holanda", "NL"},
    {"holandia", "NL"}, {"holland", "NL"}, {"holysee", "VA"},
    {"holyseevaticancitystate", "VA"}, {"honduras", "HN"}, {"hongarije", "HU"},
    {"hongkong", "HK"}, {"hongkongsar", "HK"}, {"hongkongsarchina", "HK"},
    {"hongkongspecialadministrativeregionofchina", "HK"}, {"hongrie", "HU"},
    {"hrv", "HR"}, {"hrvatska", "HR"}, {"hti", "HT"}, {"hun", "HU"}, {"hungary", "HU"},
    {"hungria", "HU"}, {"iceland", "IS"}, {"idn", "ID"}, {"ierland", "IE"},
    {"ijsland", "IS"}, {"imn", "IM"}, {"ind", "IN"}, {"inde", "IN"},
    {"independentstateofpapuanewguinea", "PG"}, {"independentstateofsamoa", "WS"},
    {"india", "IN"}, {"indien", "IN"}, {"indonesia", "ID"}, {"indonesie", "ID"},
    {"indonesien", "ID"}, {"iot", "IO"}, {"iran", "IR"}, {"iranislamicrepublicof", "IR"},
    {"iraq", "IQ"}, {"ireland", "IE"}, {"irelandrepublicof", "IE"}, {"irl", "IE"},
    {"irland", "IE"}, {"irlanda", "IE"}, {"irlande", "IE"}, {"irlandia", "IE"},
    {"irn", "IR"}, {"irq", "IQ"}, {"isl", "IS"}, {"islamicrepublicofafghanistan", "AF"},
    {"islamicrepublicofiran", "IR"}, {"islamicrepublicofmauritania", "MR"},
    {"islamicrepublicofpakistan", "PK"}, {"island", "IS"}, {"islanda", "IS"},
    {"islande", "IS"}, {"islandia", "IS"}, {"isleofman", "IM"}, {"isr", "IL"},
    {"israel", "IL"}, {"israele", "IL"}, {"ita", "IT"}, {"italia", "IT"},
    {"italianrepublic", "IT"}, {"italie", "IT"}, {"italien", "IT"}, {"italy", "IT"},
    {"ivorycoast", "CI"}, {"jam", "JM"}, {"jamaica", "JM"}, {"japan", "JP"},
    {"japao", "JP"}, {"japon", "JP"}, {"jersey", "JE"}, {"jey", "JE"}, {"jor", "JO"},
    {"jordan", "JO"}, {"jpn", "JP"}, {"kanada", "CA"}, {"kasachstan", "KZ"},
    {"kaz", "KZ"}, {"kazakhstan", "KZ"}, {"ken", "KE"}, {"kenia", "KE"}, {"kenya", "KE"},
    {"kgz", "KG"}, {"khm", "KH"}, {"kibris", "CY"}, {"kingdomofbahrain", "BH"},
    {"kingdomofbelgium", "BE"}, {"kingdomofbhutan", "BT"}, {"kingdomofcambodia", "KH"},
    {"kingdomofdenmark", "DK"}, {"kingdomofeswatini", "SZ"}, {"kingdomoflesotho", "LS"},
    {"kingdomofmorocco", "MA"}, {"kingdomofnorway", "NO"}, {"kingdomofsaudiarabia", "SA"},
    {"kingdomofspain", "ES"}, {"kingdomofsweden", "SE"}, {"kingdomofthailand", "TH"},
    {"kingdomofthenetherlands", "NL"}, {"kingdomoftonga", "TO"}, {"kir", "KI"},
    {"kirgisistan", "KG"}, {"kiribati", "KI"}, {"kna", "KN"}, {"kolumbien", "CO"},
    {"kor", "KR"}, {"korea", "KR"}, {"koreademocraticpeoplesrepublicof", "KP"},
    {"koreanorth", "KP"}, {"korearepublicof", "KR"}, {"koreasouth", "KR"},
    {"kroatie", "HR"}, {"kroatien", "HR"}, {"kuba", "CU"}, {"kuwait", "KW"},
    {"kwt", "KW"}, {"kypros", "CY"}, {"kyrgyzrepublic", "KG"}, {"kyrgyzstan", "KG"},
    {"lao", "LA"}, {"laopeoplesdemocraticrepublic", "LA"}, {"laos", "LA"},
    {"lareunion", "RE"}, {"latvia", "LV"}, {"latvija", "LV"}, {"lbn", "LB"},
    {"lbr", "LR"}, {"lby", "LY"}, {"lca", "LC"}, {"lebaneserepublic", "LB"},
    {"lebanon", "LB"}, {"lesotho", "LS"}, {"letonia", "LV"}, {"lettland", "LV"},
    {"lettonia", "LV"}, {"lettonie", "LV"}, {"letzebuerg", "LU"}, {"liberia", "LR"},
    {"libya", "LY"}, {"lie", "LI"}, {"liechtenstein", "LI"}, {"lietuva", "LT"},
    {"litauen", "LT"}, {"lithuania", "LT"}, {"lituania", "LT"}, {"lituanie", "LT"},
    {"lka", "LK"}, {"lso", "LS"}, {"ltu", "LT"}, {"luksemburg", "LU"},
    {"lussemburgo", "LU"}, {"lux", "LU"}, {"luxembourg", "LU"}, {"luxemburg", "LU"},
    {"luxemburgo", "LU"}, {"lva", "LV"}, {"mac", "MO"}, {"macao", "MO"},
    {"macaosar", "MO"}, {"macaospecialadministrativeregionofchina", "MO"},
    {"macau", "MO"}, {"macausar", "MO"}, {"macedonia", "MK"}, {"madagascar", "MG"},
    {"maf", "MF"}, {"magyarorszag", "HU"}, {"mainlandchina", "CN"}, {"malawi", "MW"},
    {"malaysia", "MY"}, {"maldives", "MV"}, {"mali", "ML"}, {"malta", "MT"},
    {"malte", "MT"}, {"mar", "MA"}, {"maroc", "MA"}, {"marocco", "MA"}, {"marokko", "MA"},
    {"marruecos", "MA"}, {"marshallislands", "MH"}, {"martinique", "MQ"},
    {"mauritania", "MR"}, {"mauritius", "MU"}, {"mayotte", "YT"}, {"mazedonien", "MK"},
    {"mco", "MC"}, {"mda", "MD"}, {"mdg", "MG"}, {"mdv", "MV"}, {"meksyk", "MX"},
    {"messico", "MX"}, {"mex", "MX"}, {"mexico", "MX"}, {"mexiko", "MX"},
    {"mexique", "MX"}, {"mhl", "MH"}, {"micronesia", "FM"},
    {"micronesiafederatedstatesof", "FM"}, {"misr", "EG"}, {"mkd", "MK"}, {"mli", "ML"},
    {"mlt", "MT"}, {"mmr", "MM"}, {"mne", "ME"}, {"mng", "MN"}, {"mnp", "MP"},
    {"moldau", "MD"}, {"moldavia", "MD"}, {"moldavie", "MD"}, {"moldawien", "MD"},
    {"moldova", "MD"}, {"moldovarepublicof", "MD"}, {"monaco", "MC"}, {"mongolia", "MN"},
    {"montenegro", "ME"}, {"montserrat", "MS"}, {"morocco", "MA"}, {"moz", "MZ"},
    {"mozambique", "MZ"}, {"mrt", "MR"}, {"msr", "MS"}, {"mtq", "MQ"}, {"mus", "MU"},
    {"mwi", "MW"}, {"myanmar", "MM"}, {"mys", "MY"}, {"myt", "YT"}, {"nam", "NA"},
    {"namibia", "NA"}, {"nauru", "NR"}, {"ncl", "NC"}, {"nederland", "NL"},
    {"nepal", "NP"}, {"ner", "NE"}, {"netherlands", "NL"}, {"neuseeland", "NZ"},
    {"newcaledonia", "NC"}, {"newzealand", "NZ"}, {"nfk", "NF"}, {"nga", "NG"},
    {"nic", "NI"}, {"nicaragua", "NI"}, {"niederlande", "NL"}, {"niemcy", "DE"},
    {"niger", "NE"}, {"nigeria", "NG"}, {"nihon", "JP"}, {"nippon", "JP"}, {"niu", "NU"},
    {"niue", "NU"}, {"nld", "NL"}, {"noorwegen", "NO"}, {"nor", "NO"},
    {"nordkorea", "KP"}, {"nordmazedonien", "MK"}, {"noreg", "NO"},
    {"norfolkisland", "NF"}, {"norge", "NO"}, {"northernireland", "GB"},
    {"northernmarianaislands", "MP"}, {"northkorea", "KP"}, {"northmacedonia", "MK"},
    {"noruega", "NO"}, {"norvege", "NO"}, {"norvegia", "NO"}, {"norway", "NO"},
    {"norwegen", "NO"}, {"norwegia", "NO"}, {"nouvellezelande", "NZ"}, {"npl", "NP"},
    {"nru", "NR"}, {"nuevazelanda", "NZ"}, {"nuovazelanda", "NZ"}, {"nzl", "NZ"},
    {"oekraine", "UA"}, {"oesterreich", "AT"}, {"olanda", "NL"}, {"oman", "OM"},
    {"omn", "OM"}, {"oostenrijk", "AT"}, {"osterreich", "AT"}, {"osterrike", "AT"},
    {"paesibassi", "NL"}, {"paisesbaixos", "NL"}, {"paisesbajos", "NL"}, {"pak", "PK"},
    {"pakistan", "PK"}, {"palau", "PW"}, {"palestine", "PS"}, {"palestinestateof", "PS"},
    {"palestinianterritories", "PS"}, {"pan", "PA"}, {"panama", "PA"},
    {"papuanewguinea", "PG"}, {"paraguay", "PY"}, {"paysbas", "NL"}, {"pcn", "PN"},
    {"peoplesdemocraticrepublicofalgeria", "DZ"}, {"peoplesrepublicofbangladesh", "BD"},
    {"peoplesrepublicofchina", "CN"}, {"per", "PE"}, {"perou", "PE"}, {"persia", "IR"},
    {"peru", "PE"}, {"philippinen", "PH"}, {"philippines", "PH"}, {"phl", "PH"},
    {"pilipinas", "PH"}, {"pitcairn", "PN"}, {"plurinationalstateofbolivia", "BO"},
    {"plw", "PW"}, {"png", "PG"}, {"pol", "PL"}, {"poland", "PL"}, {"polen", "PL"},
    {"pologne", "PL"}, {"polonia", "PL"}, {"polska", "PL"}, {"portogallo", "PT"},
    {"portugal", "PT"}, {"portugalia", "PT"}, {"portugueserepublic", "PT"}, {"prc", "CN"},
    {"pri", "PR"}, {"principalityofandorra", "AD"}, {"principalityofliechtenstein", "LI"},
    {"principalityofmonaco", "MC"}, {"prk", "KP"}, {"provinceofchinataiwan", "TW"},
    {"prt", "PT"}, {"pry", "PY"}, {"pse", "PS"}, {"puertorico", "PR"}, {"pyf", "PF"},
    {"qat", "QA"}, {"qatar", "QA"}, {"rakousko", "AT"}, {"regnounito", "GB"},
    {"reinounido", "GB"}, {"repubblicaceca", "CZ"}, {"republicacheca", "CZ"},
    {"republicadominicana", "DO"}, {"republicofalbania", "AL"},
    {"republicofangola", "AO"}, {"republicofarmenia", "AM"}, {"republicofaustria", "AT"},
    {"republicofazerbaijan", "AZ"}, {"republicofbelarus", "BY"},
    {"republicofbenin", "BJ"}, {"republicofbosniaandherzegovina", "BA"},
    {"republicofbosniaherzegovina", "BA"}, {"republicofbotswana", "BW"},
    {"republicofbulgaria", "BG"}, {"republicofburundi", "BI"},
    {"republicofcaboverde", "CV"}, {"republicofcameroon", "CM"}, {"republicofchad", "TD"},
    {"republicofchile", "CL"}, {"republicofchina", "TW"}, {"republicofcolombia", "CO"},
    {"republicofcostarica", "CR"}, {"republicofcotedivoire", "CI"},
    {"republicofcroatia", "HR"}, {"republicofcuba", "CU"}, {"republicofcyprus", "CY"},
    {"republicofdjibouti", "DJ"}, {"republicofecuador", "EC"},
    {"republicofelsalvador", "SV"}, {"republicofequatorialguinea", "GQ"},
    {"republicofestonia", "EE"}, {"republicoffiji", "FJ"}, {"republicoffinland", "FI"},
    {"republicofghana", "GH"}, {"republicofguatemala", "GT"}, {"republicofguinea", "GN"},
    {"republicofguineabissau", "GW"}, {"republicofguyana", "GY"},
    {"republicofhaiti", "HT"}, {"republicofhonduras", "HN"}, {"republicoficeland", "IS"},
    {"republicofindia", "IN"}, {"republicofindonesia", "ID"}, {"republicofiraq", "IQ"},
    {"republicofireland", "IE"}, {"republicofkazakhstan", "KZ"},
    {"republicofkenya", "KE"}, {"republicofkiribati", "KI"}, {"republicofkorea", "KR"},
    {"republicoflatvia", "LV"}, {"republicofliberia", "LR"},
    {"republicoflithuania", "LT"}, {"republicofmadagascar", "MG"},
    {"republicofmalawi", "MW"}, {"republicofmaldives", "MV"}, {"republicofmali", "ML"},
    {"republicofmalta", "MT"}, {"republicofmauritius", "MU"}, {"republicofmoldova", "MD"},
    {"republicofmozambique", "MZ"}, {"republicofmyanmar", "MM"},
    {"republicofnamibia", "NA"}, {"republicofnauru", "NR"}, {"republicofnicaragua", "NI"},
    {"republicofnorthmacedonia", "MK"}, {"republicofpalau", "PW"},
    {"republicofpanama", "PA"}, {"republicofparaguay", "PY"}, {"republicofperu", "PE"},
    {"republicofpoland", "PL"}, {"republicofsanmarino", "SM"},
    {"republicofsenegal", "SN"}, {"republicofserbia", "RS"},
    {"republicofseychelles", "SC"}, {"republicofsierraleone", "SL"},
    {"republicofsingapore", "SG"}, {"republicofslovenia", "SI"},
    {"republicofsouthafrica", "ZA"}, {"republicofsouthsudan", "SS"},
    {"republicofsuriname", "SR"}, {"republicoftajikistan", "TJ"},
    {"republicofthecongo", "CG"}, {"republicofthegambia", "GM"},
    {"republicofthemarshallislands", "MH"}, {"republicoftheniger", "NE"},
    {"republicofthephilippines", "PH"}, {"republicofthesudan", "SD"},
    {"republicoftrinidadandtobago", "TT"}, {"republicoftrinidadtobago", "TT"},
    {"republicoftunisia", "TN"}, {"republicofturkiye", "TR"}, {"republicofuganda", "UG"},
    {"republicofuzbekistan", "UZ"}, {"republicofvanuatu", "VU"},
    {"republicofyemen", "YE"}, {"republicofzambia", "ZM"}, {"republicofzimbabwe", "ZW"},
    {"republiquetcheque", "CZ"}, {"reu", "RE"}, {"reunion", "RE"}, {"roemenie", "RO"},
    {"romania", "RO"}, {"rosja", "RU"}, {"rossija", "RU"}, {"rou", "RO"},
    {"roumanie", "RO"}, {"royaumeuni", "GB"}, {"rsa", "ZA"}, {"rumania", "RO"},
    {"rumanien", "RO"}, {"rumunia", "RO"}, {"rus", "RU"}, {"rusia", "RU"},
    {"rusland", "RU"}, {"russia", "RU"}, {"russianfederation", "RU"}, {"russie", "RU"},
    {"russland", "RU"}, {"rwa", "RW"}, {"rwanda", "RW"}, {"rwandeserepublic", "RW"},
    {"saintbarthelemy", "BL"}, {"sainthelenaascensionandtristandacunha", "SH"},
    {"sainthelenaascensiontristandacunha", "SH"}, {"saintkittsandnevis", "KN"},
    {"saintkittsnevis", "KN"}, {"saintlucia", "LC"}, {"saintmartin", "MF"},
    {"saintmartinfrenchpart", "MF"}, {"saintpierreandmiquelon", "PM"},
    {"saintpierremiquelon", "PM"}, {"saintvincentandthegrenadines", "VC"},
    {"saintvincentthegrenadines", "VC"}, {"samoa", "WS"}, {"sanmarino", "SM"},
    {"saotomeandprincipe", "ST"}, {"saotomeprincipe", "ST"}, {"sau", "SA"},
    {"saudi", "SA"}, {"saudiarabia", "SA"}, {"saudiarabien", "SA"}, {"schweden", "SE"},
    {"schweiz", "CH"}, {"schweizsuisse", "CH"}, {"scotland", "GB"}, {"sdn", "SD"},
    {"sen", "SN"}, {"senegal", "SN"}, {"serbia", "RS"}, {"serbie", "RS"},
    {"serbien", "RS"}, {"seychelles", "SC"}, {"sgp", "SG"}, {"sgs", "GS"}, {"shn", "SH"},
    {"shqiperi", "AL"}, {"shqiperia", "AL"}, {"sierraleone", "SL"}, {"singapore", "SG"},
    {"singapour", "SG"}, {"singapur", "SG"}, {"sinteustatiusandsababonaire", "BQ"},
    {"sinteustatiussababonaire", "BQ"}, {"sintmaarten", "SX"},
    {"sintmaartendutchpart", "SX"}, {"sjm", "SJ"}, {"slb", "SB"}, {"sle", "SL"},
    {"slovacchia", "SK"}, {"slovakia", "SK"}, {"slovakrepublic", "SK"},
    {"slovaquie", "SK"}, {"slovenia", "SI"}, {"slovenie", "SI"}, {"slovenija", "SI"},
    {"slovensko", "SK"}, {"slowacja", "SK"}, {"slowakei", "SK"}, {"slowakije", "SK"},
    {"slowenien", "SI"}, {"slv", "SV"}, {"smr", "SM"},
    {"socialistrepublicofvietnam", "VN"}, {"solomonislands", "SB"}, {"som", "SO"},
    {"somalia", "SO"}, {"southafrica", "ZA"},
    {"southgeorgiaandthesouthsandwichislands", "GS"},
    {"southgeorgiathesouthsandwichislands", "GS"}, {"southkorea", "KR"},
    {"southsudan", "SS"}, {"spagna", "ES"}, {"spain", "ES"}, {"spanien", "ES"},
    {"spanje", "ES"}, {"spm", "PM"}, {"srb", "RS"}, {"srbija", "RS"}, {"srilanka", "LK"},
    {"ssd", "SS"}, {"stanyzjednoczone", "US"}, {"stateofisrael", "IL"},
    {"stateofkuwait", "KW"}, {"stateofpalestine", "PS"}, {"stateofqatar", "QA"},
    {"statiuniti", "US"}, {"statiunitidamerica", "US"}, {"stbarthelemy", "BL"},
    {"sthelenaascensionandtristandacunha", "SH"}, {"stkittsandnevis", "KN"},
    {"stlucia", "LC"}, {"stmartin", "MF"}, {"stmartinfrenchpart", "MF"}, {"stp", "ST"},
    {"stpierreandmiquelon", "PM"}, {"stvincentandthegrenadines", "VC"},
    {"sudafrica", "ZA"}, {"sudafrika", "ZA"}, {"sudan", "SD"}, {"sudkorea", "KR"},
    {"suecia", "SE"}, {"suede", "SE"}, {"suica", "CH"}, {"suidafrika", "ZA"},
    {"suisse", "CH"}, {"suiza", "CH"}, {"sultanateofoman", "OM"}, {"suomi", "FI"},
    {"sur", "SR"}, {"suriname", "SR"}, {"svalbardandjanmayen", "SJ"},
    {"svalbardjanmayen", "SJ"}, {"sverige", "SE"}, {"svezia", "SE"}, {"svizra", "CH"},
    {"svizzera", "CH"}, {"svk", "SK"}, {"svn", "SI"}, {"swaziland", "SZ"}, {"swe", "SE"},
    {"sweden", "SE"}, {"swissconfederation", "CH"}, {"switzerland", "CH"}, {"swz", "SZ"},
    {"sxm", "SX"}, {"syc", "SC"}, {"syr", "SY"}, {"syria", "SY"},
    {"syrianarabrepublic", "SY"}, {"syrien", "SY"}, {"szwajcaria", "CH"},
    {"szwecja", "SE"}, {"tailandia", "TH"}, {"taiwan", "TW"},
    {"taiwanprovinceofchina", "TW"}, {"taiwanroc", "TW"}, {"tajikistan", "TJ"},
    {"tansania", "TZ"}, {"tanzania", "TZ"}, {"tanzaniaunitedrepublicof", "TZ"},
    {"tca", "TC"}, {"tcd", "TD"}, {"tchequie", "CZ"}, {"tgo", "TG"}, {"tha", "TH"},
    {"thailand", "TH"}, {"thailande", "TH"}, {"thebahamas", "BS"},
    {"thedemocraticrepublicofthecongo", "CD"},
    {"theformeryugoslavrepublicofmacedonia", "MK"}, {"thegambia", "GM"},
    {"thenetherlands", "NL"}, {"thephilippines", "PH"}, {"thestateoferitrea", "ER"},
    {"thestateofpalestine", "PS"}, {"theunitedstates", "US"}, {"timorleste", "TL"},
    {"tjk", "TJ"}, {"tkl", "TK"}, {"tkm", "TM"}, {"tls", "TL"}, {"togo", "TG"},
    {"togoleserepublic", "TG"}, {"tokelau", "TK"}, {"ton", "TO"}, {"tonga", "TO"},
    {"trinidadandtobago", "TT"}, {"trinidadtobago", "TT"}, {"tschechien", "CZ"},
    {"tschechischerepublik", "CZ"}, {"tsjechie", "CZ"}, {"tto", "TT"}, {"tuerkei", "TR"},
    {"tun", "TN"}, {"tunesien", "TN"}, {"tunez", "TN"}, {"tunisia", "TN"},
    {"tunisie", "TN"}, {"tur", "TR"}, {"turchia", "TR"}, {"turcja", "TR"},
    {"turkei", "TR"}, {"turkey", "TR"}, {"turkije", "TR"}, {"turkiye", "TR"},
    {"turkmenistan", "TM"}, {"turksandcaicosislands", "TC"}, {"turkscaicosislands", "TC"},
    {"turquia", "TR"}, {"turquie", "TR"}, {"tuv", "TV"}, {"tuvalu", "TV"}, {"twn", "TW"},
    {"tyskland", "DE"}, {"tza", "TZ"}, {"uae", "AE"}, {"ucraina", "UA"},
    {"ucrania", "UA"}, {"uga", "UG"}, {"uganda", "UG"}, {"uk", "GB"}, {"ukr", "UA"},
    {"ukraina", "UA"}, {"ukraine", "UA"}, {"umi", "UM"}, {"ungarn", "HU"},
    {"ungheria", "HU"}, {"unionofthecomoros", "KM"}, {"unitedarabemirates", "AE"},
    {"unitedkingdom", "GB"}, {"unitedkingdomofgreatbritainandnorthernireland", "GB"},
    {"unitedkingdomofgreatbritainnorthernireland", "GB"}, {"unitedmexicanstates", "MX"},
    {"unitedrepublicoftanzania", "TZ"}, {"unitedstates", "US"},
    {"unitedstatesminoroutlyingislands", "UM"}, {"unitedstatesofamerica", "US"},
    {"uruguay", "UY"}, {"ury", "UY"}, {"usa", "US"}, {"usvirginislands", "VI"},
    {"uzb", "UZ"}, {"uzbekistan", "UZ"}, {"vanuatu", "VU"}, {"vat", "VA"},
    {"vatican", "VA"}, {"vaticancity", "VA"}, {"vct", "VC"}, {"ven", "VE"},
    {"venezuela", "VE"}, {"venezuelabolivarianrepublicof", "VE"},
    {"vereinigtearabischeemirate", "AE"}, {"vereinigteskonigreich", "GB"},
    {"vereinigtestaaten", "US"}, {"vereinigtestaatenvonamerika", "US"},
    {"verenigdestaten", "US"}, {"verenigdkoninkrijk", "GB"}, {"vgb", "VG"},
    {"vietnam", "VN"}, {"vir", "VI"}, {"virginislandsbritish", "VG"},
    {"virginislandsoftheunitedstates", "VI"}, {"virginislandsus", "VI"}, {"vnm", "VN"},
    {"volksrepublikchina", "CN"}, {"vut", "VU"}, {"wales", "GB"},
    {"wallisandfutuna", "WF"}, {"wallisfutuna", "WF"}, {"wegry", "HU"},
    {"weissrussland", "BY"}, {"weißrussland", "BY"}, {"westernsahara", "EH"},
    {"wielkabrytania", "GB"}, {"wlf", "WF"}, {"wlochy", "IT"}, {"wsm", "WS"},
    {"yem", "YE"}, {"yemen", "YE"}, {"zaf", "ZA"}, {"zaire", "CD"}, {"zambia", "ZM"},
    {"zhongguo", "CN"}, {"zimbabwe", "ZW"}, {"zmb", "ZM"}, {"zwe", "ZW"},
    {"zweden", "SE"}, {"zwitserland", "CH"}, {"zypern", "CY"}, {"ελλαδα", "GR"},
    {"ελλας", "GR"}, {"κυπρος", "CY"}, {"австрия", "AT"}, {"беларусь", "BY"},
    {"бразилия", "BR"}, {"българия", "BG"}, {"великобритания", "GB"}, {"германия", "DE"},
    {"индия", "IN"}, {"испания", "ES"}, {"италия", "IT"}, {"казахстан", "KZ"},
    {"китаи", "CN"}, {"македонија", "MK"}, {"польша", "PL"},
    {"россиискаяфедерация", "RU"}, {"россия", "RU"}, {"сербия", "RS"}, {"србија", "RS"},
    {"сша", "US"}, {"украина", "UA"}, {"украіна", "UA"}, {"франция", "FR"},
    {"швеицария", "CH"}, {"япония", "JP"}, {"қазақстан", "KZ"}, {"հայաստան", "AM"},
    {"ישראל", "IL"}, {"الامارات", "AE"}, {"الجزاير", "DZ"}, {"السعودية", "SA"},
    {"المغرب", "MA"}, {"ایران", "IR"}, {"تونس", "TN"}, {"مصر", "EG"}, {"भरत", "IN"},
    {"ประเทศไทย", "TH"}, {"ไทย", "TH"}, {"საქართველო", "GE"}, {"대한민국", "KR"},
    {"한국", "KR"}, {"アメリカ", "US"}, {"イキリス", "GB"}, {"イタリア", "IT"}, {"スヘイン", "ES"},
    {"トイツ", "DE"}, {"フランス", "FR"}, {"中国", "CN"}, {"中國", "CN"}, {"台湾", "TW"}, {"台灣", "TW"},
    {"德国", "DE"}, {"意大利", "IT"}, {"新加坡", "SG"}, {"日本", "JP"}, {"法国", "FR"}, {"澳門", "MO"},
    {"美国", "US"}, {"臺灣", "TW"}, {"英国", "GB"}, {"西班牙", "ES"}, {"香港", "HK"},
};
/* clang-format on */

enum { COUNTRIES = sizeof countries / sizeof *countries };

bool rt_country_is_code(struct rt_span code)
{
    size_t low = 0, high = (sizeof codes - 1) / 2;

    if (code.n != 2)
        return false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = memcmp(code.p, codes + 2 * mid, 2);

        if (c == 0)
            return true;
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return false;
}

static const struct country *find(struct rt_span name)
{
    size_t low = 0, high = COUNTRIES;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = rt_span_cmp(name, rt_span_of(countries[mid].name));

        if (c == 0)
            return &countries[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const char *rt_country_name(size_t i, char code[3])
{
    if (i >= COUNTRIES)
        return NULL;
    memcpy(code, countries[i].code, 3);
    return countries[i].name;
}

bool rt_country_code(struct rt_span text, char code[3])
{
    char bare[4 * LONGEST_NAME];
    const struct country *country;
    size_t n = 0;

    if (text.n > LONGEST_NAME
        || rt_unicode_map(RT_UNICODE_BARE, text, bare, sizeof bare, &n) < 0 || n < 2)
        return false;
    if (n == 2) {
        char upper[3] = { (char)(bare[0] & ~0x20), (char)(bare[1] & ~0x20), '\0' };

        if (rt_country_is_code((struct rt_span) { upper, 2 })) {
            memcpy(code, upper, 3);
            return true;
        }
    }
    country = find((struct rt_span) { bare, n });
    if (!country)
        return false;
    memcpy(code, country->code, 3);
    return true;
}
