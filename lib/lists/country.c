/*
 * One line a country: its code, then its names as rt_unicode_map's bare form writes them
 * (letters alone, lower case, no accents), each between bars. A look-up walks the table,
 * 2 us; the callers remember the last few answers.
 */
#include "lists/country.h"

#include <string.h>

#include "lists/unicode.h"

enum { LONGEST_NAME = 128 };

static const struct {
    char code[3];
    const char *names;
} countries[] = {
    { "AD", "|andorra|principalityofandorra|and|" },
    { "AE",
        "|unitedarabemirates|are|uae|emirates|vereinigtearabischeemirate|"
        "emiratsarabesunis|emiratosarabesunidos|الامارات|" },
    { "AF", "|afghanistan|islamicrepublicofafghanistan|afg|" },
    { "AG", "|antiguaandbarbuda|antiguabarbuda|atg|" },
    { "AI", "|anguilla|aia|" },
    { "AL", "|albania|republicofalbania|alb|albanien|shqiperia|shqiperi|albanie|" },
    { "AM", "|armenia|republicofarmenia|arm|armenien|armenie|հայաստան|" },
    { "AO", "|angola|republicofangola|ago|" },
    { "AQ", "|antarctica|ata|" },
    { "AR", "|argentina|argentinerepublic|arg|argentinien|argentine|" },
    { "AS", "|americansamoa|asm|" },
    { "AT",
        "|austria|republicofaustria|aut|osterreich|oesterreich|autriche|"
        "rakousko|oostenrijk|osterrike|австрия|" },
    { "AU", "|australia|aus|australien|australie|commonwealthofaustralia|" },
    { "AW", "|aruba|abw|" },
    { "AX", "|alandislands|ala|" },
    { "AZ", "|azerbaijan|republicofazerbaijan|aze|aserbaidschan|azerbaycan|" },
    { "BA",
        "|bosniaandherzegovina|bosniaherzegovina|"
        "republicofbosniaandherzegovina|republicofbosniaherzegovina|bih|"
        "bosnien|bosnia|bosnienundherzegowina|bosnaihercegovina|"
        "bosnieherzegovine|" },
    { "BB", "|barbados|brb|" },
    { "BD", "|bangladesh|peoplesrepublicofbangladesh|bgd|" },
    { "BE",
        "|belgium|kingdomofbelgium|bel|belgien|belgie|belgique|belgio|belgica|"
        "belgia|" },
    { "BF", "|burkinafaso|bfa|" },
    { "BG", "|bulgaria|republicofbulgaria|bgr|bulgarien|bulgarie|българия|" },
    { "BH", "|bahrain|kingdomofbahrain|bhr|" },
    { "BI", "|burundi|republicofburundi|bdi|" },
    { "BJ", "|benin|republicofbenin|ben|" },
    { "BL", "|saintbarthelemy|stbarthelemy|blm|" },
    { "BM", "|bermuda|bmu|" },
    { "BN", "|bruneidarussalam|brn|brunei|" },
    { "BO",
        "|boliviaplurinationalstateof|bolivia|plurinationalstateofbolivia|bol|"
        "bolivien|" },
    { "BQ",
        "|bonairesinteustatiusandsaba|bonairesinteustatiussaba|bes|bonaire|"
        "sinteustatiusandsababonaire|sinteustatiussababonaire|" },
    { "BR",
        "|brazil|federativerepublicofbrazil|bra|brasilien|brasil|bresil|"
        "brasile|brazylia|бразилия|" },
    { "BS", "|bahamas|commonwealthofthebahamas|bhs|thebahamas|" },
    { "BT", "|bhutan|kingdomofbhutan|btn|" },
    { "BV", "|bouvetisland|bvt|" },
    { "BW", "|botswana|republicofbotswana|bwa|" },
    { "BY",
        "|belarus|republicofbelarus|blr|weißrussland|weissrussland|беларусь|"
        "bielorussie|bielorrusia|" },
    { "BZ", "|belize|blz|" },
    { "CA", "|canada|can|kanada|" },
    { "CC", "|cocoskeelingislands|cck|cocosislands|" },
    { "CD",
        "|congothedemocraticrepublicofthe|cod|drcongo|drc|"
        "democraticrepublicofthecongo|congokinshasa|zaire|"
        "thedemocraticrepublicofthecongo|" },
    { "CF", "|centralafricanrepublic|caf|" },
    { "CG", "|congo|republicofthecongo|cog|congobrazzaville|" },
    { "CH",
        "|switzerland|swissconfederation|che|schweiz|suisse|svizzera|svizra|"
        "suiza|suica|zwitserland|szwajcaria|schweizsuisse|швеицария|" },
    { "CI",
        "|cotedivoire|republicofcotedivoire|civ|ivorycoast|elfenbeinkuste|"
        "elfenbeinkueste|" },
    { "CK", "|cookislands|cok|" },
    { "CL", "|chile|republicofchile|chl|cile|chili|" },
    { "CM", "|cameroon|republicofcameroon|cmr|" },
    { "CN",
        "|china|peoplesrepublicofchina|chn|volksrepublikchina|prc|zhongguo|中国|"
        "中國|chine|cina|mainlandchina|китаи|" },
    { "CO", "|colombia|republicofcolombia|col|kolumbien|colombie|" },
    { "CR", "|costarica|republicofcostarica|cri|" },
    { "CU", "|cuba|republicofcuba|cub|kuba|" },
    { "CV", "|caboverde|republicofcaboverde|cpv|capeverde|" },
    { "CW", "|curacao|cuw|" },
    { "CX", "|christmasisland|cxr|" },
    { "CY",
        "|cyprus|republicofcyprus|cyp|zypern|kypros|κυπρος|kibris|chypre|"
        "chipre|cipro|" },
    { "CZ",
        "|czechia|czechrepublic|cze|tschechien|tschechischerepublik|cesko|"
        "ceskarepublika|tchequie|republiquetcheque|republicacheca|chequia|"
        "repubblicaceca|tsjechie|czechy|czech|" },
    { "DE",
        "|germany|federalrepublicofgermany|deu|deutschland|allemagne|alemania|"
        "germania|alemanha|duitsland|niemcy|tyskland|brd|германия|德国|トイツ|" },
    { "DJ", "|djibouti|republicofdjibouti|dji|" },
    { "DK",
        "|denmark|kingdomofdenmark|dnk|danemark|danmark|dinamarca|danimarca|"
        "denemarken|dania|" },
    { "DM", "|dominica|commonwealthofdominica|dma|" },
    { "DO", "|dominicanrepublic|dom|dominikanischerepublik|republicadominicana|" },
    { "DZ",
        "|algeria|peoplesdemocraticrepublicofalgeria|dza|algerien|algerie|"
        "argelia|الجزاير|" },
    { "EC", "|ecuador|republicofecuador|ecu|equateur|" },
    { "EE", "|estonia|republicofestonia|est|estland|eesti|estonie|" },
    { "EG", "|egypt|arabrepublicofegypt|egy|agypten|misr|egypte|egipto|egitto|مصر|" },
    { "EH", "|westernsahara|esh|" },
    { "ER", "|eritrea|thestateoferitrea|eri|" },
    { "ES",
        "|spain|kingdomofspain|esp|spanien|espana|espagne|spagna|espanha|"
        "spanje|hiszpania|испания|スヘイン|西班牙|" },
    { "ET", "|ethiopia|federaldemocraticrepublicofethiopia|eth|" },
    { "FI", "|finland|republicoffinland|fin|finnland|suomi|finlande|finlandia|" },
    { "FJ", "|fiji|republicoffiji|fji|" },
    { "FK", "|falklandislandsmalvinas|flk|falklandislands|" },
    { "FM",
        "|micronesiafederatedstatesof|federatedstatesofmicronesia|fsm|"
        "micronesia|" },
    { "FO", "|faroeislands|fro|" },
    { "FR",
        "|france|frenchrepublic|fra|frankreich|francia|franca|frankrijk|"
        "francja|frankrig|frankrike|франция|法国|フランス|" },
    { "GA", "|gabon|gaboneserepublic|gab|" },
    { "GB",
        "|unitedkingdom|unitedkingdomofgreatbritainandnorthernireland|"
        "unitedkingdomofgreatbritainnorthernireland|gbr|uk|greatbritain|"
        "britain|england|scotland|wales|northernireland|"
        "vereinigteskonigreich|großbritannien|grossbritannien|royaumeuni|"
        "grandebretagne|reinounido|granbretana|regnounito|granbretagna|"
        "verenigdkoninkrijk|grootbrittannie|wielkabrytania|englandandwales|"
        "englandwales|英国|イキリス|великобритания|" },
    { "GD", "|grenada|grd|" },
    { "GE", "|georgia|geo|georgien|georgie|საქართველო|" },
    { "GF", "|frenchguiana|guf|" },
    { "GG", "|guernsey|ggy|" },
    { "GH", "|ghana|republicofghana|gha|" },
    { "GI", "|gibraltar|gib|" },
    { "GL", "|greenland|grl|" },
    { "GM", "|gambia|republicofthegambia|gmb|thegambia|" },
    { "GN", "|guinea|republicofguinea|gin|" },
    { "GP", "|guadeloupe|glp|" },
    { "GQ", "|equatorialguinea|republicofequatorialguinea|gnq|" },
    { "GR",
        "|greece|hellenicrepublic|grc|el|griechenland|ellada|hellas|ελλαδα|"
        "ελλας|grece|grecia|griekenland|grecja|" },
    { "GS",
        "|southgeorgiaandthesouthsandwichislands|"
        "southgeorgiathesouthsandwichislands|sgs|" },
    { "GT", "|guatemala|republicofguatemala|gtm|" },
    { "GU", "|guam|gum|" },
    { "GW", "|guineabissau|republicofguineabissau|gnb|" },
    { "GY", "|guyana|republicofguyana|guy|" },
    { "HK",
        "|hongkong|hongkongspecialadministrativeregionofchina|hkg|hongkongsar|"
        "hongkongsarchina|香港|" },
    { "HM", "|heardislandandmcdonaldislands|heardislandmcdonaldislands|hmd|" },
    { "HN", "|honduras|republicofhonduras|hnd|" },
    { "HR",
        "|croatia|republicofcroatia|hrv|kroatien|hrvatska|croatie|croacia|"
        "croazia|kroatie|chorwacja|" },
    { "HT", "|haiti|republicofhaiti|hti|" },
    { "HU",
        "|hungary|hun|ungarn|magyarorszag|hongrie|hungria|ungheria|hongarije|"
        "wegry|" },
    { "ID", "|indonesia|republicofindonesia|idn|indonesien|indonesie|" },
    { "IE",
        "|ireland|irl|irland|eire|irlande|irlanda|ierland|irlandia|"
        "republicofireland|irelandrepublicof|" },
    { "IL", "|israel|stateofisrael|isr|ישראל|israele|" },
    { "IM", "|isleofman|imn|" },
    { "IN", "|india|republicofindia|ind|indien|bharat|inde|भरत|индия|" },
    { "IO", "|britishindianoceanterritory|iot|" },
    { "IQ", "|iraq|republicofiraq|irq|" },
    { "IR", "|iranislamicrepublicof|iran|islamicrepublicofiran|irn|persia|ایران|" },
    { "IS", "|iceland|republicoficeland|isl|island|islande|islandia|islanda|ijsland|" },
    { "IT",
        "|italy|italianrepublic|ita|italien|italia|italie|wlochy|италия|イタリア|"
        "意大利|" },
    { "JE", "|jersey|jey|" },
    { "JM", "|jamaica|jam|" },
    { "JO", "|jordan|hashemitekingdomofjordan|jor|" },
    { "JP", "|japan|jpn|nippon|nihon|日本|giappone|japon|japao|япония|" },
    { "KE", "|kenya|republicofkenya|ken|kenia|" },
    { "KG", "|kyrgyzstan|kyrgyzrepublic|kgz|kirgisistan|" },
    { "KH", "|cambodia|kingdomofcambodia|khm|" },
    { "KI", "|kiribati|republicofkiribati|kir|" },
    { "KM", "|comoros|unionofthecomoros|com|" },
    { "KN", "|saintkittsandnevis|saintkittsnevis|stkittsandnevis|kna|" },
    { "KP",
        "|koreademocraticpeoplesrepublicof|northkorea|"
        "democraticpeoplesrepublicofkorea|prk|nordkorea|koreanorth|" },
    { "KR",
        "|korearepublicof|southkorea|kor|korea|koreasouth|republicofkorea|"
        "sudkorea|coreedusud|coreadelsur|coreadelsud|한국|대한민국|" },
    { "KW", "|kuwait|stateofkuwait|kwt|" },
    { "KY", "|caymanislands|cym|" },
    { "KZ", "|kazakhstan|republicofkazakhstan|kaz|kasachstan|казахстан|қазақстан|" },
    { "LA", "|laopeoplesdemocraticrepublic|laos|lao|" },
    { "LB", "|lebanon|lebaneserepublic|lbn|" },
    { "LC", "|saintlucia|stlucia|lca|" },
    { "LI", "|liechtenstein|principalityofliechtenstein|lie|furstentumliechtenstein|" },
    { "LK", "|srilanka|democraticsocialistrepublicofsrilanka|lka|ceylon|" },
    { "LR", "|liberia|republicofliberia|lbr|" },
    { "LS", "|lesotho|kingdomoflesotho|lso|" },
    { "LT", "|lithuania|republicoflithuania|ltu|litauen|lietuva|lituanie|lituania|" },
    { "LU",
        "|luxembourg|grandduchyofluxembourg|lux|luxemburg|letzebuerg|"
        "lussemburgo|luxemburgo|luksemburg|" },
    { "LV",
        "|latvia|republicoflatvia|lva|lettland|latvija|lettonie|letonia|"
        "lettonia|" },
    { "LY", "|libya|lby|" },
    { "MA", "|morocco|kingdomofmorocco|mar|marokko|maroc|marruecos|marocco|المغرب|" },
    { "MC", "|monaco|principalityofmonaco|mco|" },
    { "MD",
        "|moldovarepublicof|moldova|republicofmoldova|mda|moldawien|moldau|"
        "moldavia|moldavie|" },
    { "ME", "|montenegro|mne|crnagora|" },
    { "MF", "|saintmartinfrenchpart|stmartinfrenchpart|maf|saintmartin|stmartin|" },
    { "MG", "|madagascar|republicofmadagascar|mdg|" },
    { "MH", "|marshallislands|republicofthemarshallislands|mhl|" },
    { "MK",
        "|northmacedonia|republicofnorthmacedonia|mkd|mazedonien|"
        "nordmazedonien|macedonia|fyrom|македонија|"
        "theformeryugoslavrepublicofmacedonia|" },
    { "ML", "|mali|republicofmali|mli|" },
    { "MM", "|myanmar|republicofmyanmar|mmr|burma|" },
    { "MN", "|mongolia|mng|" },
    { "MO",
        "|macao|macaospecialadministrativeregionofchina|mac|macau|macaosar|"
        "macausar|澳門|" },
    { "MP", "|northernmarianaislands|commonwealthofthenorthernmarianaislands|mnp|" },
    { "MQ", "|martinique|mtq|" },
    { "MR", "|mauritania|islamicrepublicofmauritania|mrt|" },
    { "MS", "|montserrat|msr|" },
    { "MT", "|malta|republicofmalta|mlt|malte|" },
    { "MU", "|mauritius|republicofmauritius|mus|" },
    { "MV", "|maldives|republicofmaldives|mdv|" },
    { "MW", "|malawi|republicofmalawi|mwi|" },
    { "MX",
        "|mexico|unitedmexicanstates|mex|mexiko|mexique|messico|meksyk|"
        "estadosunidosmexicanos|" },
    { "MY", "|malaysia|mys|" },
    { "MZ", "|mozambique|republicofmozambique|moz|" },
    { "NA", "|namibia|republicofnamibia|nam|" },
    { "NC", "|newcaledonia|ncl|" },
    { "NE", "|niger|republicoftheniger|ner|" },
    { "NF", "|norfolkisland|nfk|" },
    { "NG", "|nigeria|federalrepublicofnigeria|nga|" },
    { "NI", "|nicaragua|republicofnicaragua|nic|" },
    { "NL",
        "|netherlands|kingdomofthenetherlands|nld|niederlande|nederland|"
        "holland|thenetherlands|paysbas|paisesbajos|paesibassi|paisesbaixos|"
        "holandia|olanda|holanda|" },
    { "NO",
        "|norway|kingdomofnorway|nor|norwegen|norge|noreg|norvege|noruega|"
        "norvegia|noorwegen|norwegia|" },
    { "NP", "|nepal|federaldemocraticrepublicofnepal|npl|" },
    { "NR", "|nauru|republicofnauru|nru|" },
    { "NU", "|niue|niu|" },
    { "NZ",
        "|newzealand|nzl|neuseeland|aotearoa|nouvellezelande|nuevazelanda|"
        "nuovazelanda|" },
    { "OM", "|oman|sultanateofoman|omn|" },
    { "PA", "|panama|republicofpanama|pan|" },
    { "PE", "|peru|republicofperu|per|perou|" },
    { "PF", "|frenchpolynesia|pyf|" },
    { "PG", "|papuanewguinea|independentstateofpapuanewguinea|png|" },
    { "PH",
        "|philippines|republicofthephilippines|phl|philippinen|thephilippines|"
        "pilipinas|filipinas|" },
    { "PK", "|pakistan|islamicrepublicofpakistan|pak|" },
    { "PL", "|poland|republicofpoland|pol|polen|polska|pologne|polonia|польша|" },
    { "PM", "|saintpierreandmiquelon|saintpierremiquelon|stpierreandmiquelon|spm|" },
    { "PN", "|pitcairn|pcn|" },
    { "PR", "|puertorico|pri|" },
    { "PS",
        "|palestinestateof|thestateofpalestine|pse|palestine|"
        "palestinianterritories|stateofpalestine|" },
    { "PT", "|portugal|portugueserepublic|prt|portogallo|portugalia|" },
    { "PW", "|palau|republicofpalau|plw|" },
    { "PY", "|paraguay|republicofparaguay|pry|" },
    { "QA", "|qatar|stateofqatar|qat|" },
    { "RE", "|reunion|reu|lareunion|" },
    { "RO", "|romania|rou|rumanien|roumanie|rumania|roemenie|rumunia|" },
    { "RS", "|serbia|republicofserbia|srb|serbien|srbija|serbie|србија|сербия|" },
    { "RU",
        "|russianfederation|rus|russland|russia|rossija|россия|russie|rusia|"
        "rusland|rosja|россиискаяфедерация|" },
    { "RW", "|rwanda|rwandeserepublic|rwa|" },
    { "SA",
        "|saudiarabia|kingdomofsaudiarabia|sau|saudiarabien|saudi|"
        "arabiesaoudite|arabiasaudita|السعودية|" },
    { "SB", "|solomonislands|slb|" },
    { "SC", "|seychelles|republicofseychelles|syc|" },
    { "SD", "|sudan|republicofthesudan|sdn|" },
    { "SE",
        "|sweden|kingdomofsweden|swe|schweden|sverige|suede|suecia|svezia|"
        "zweden|szwecja|" },
    { "SG", "|singapore|republicofsingapore|sgp|singapur|singapour|新加坡|" },
    { "SH",
        "|sainthelenaascensionandtristandacunha|"
        "sainthelenaascensiontristandacunha|"
        "sthelenaascensionandtristandacunha|shn|"
        "ascensionandtristandacunhasainthelena|"
        "ascensiontristandacunhasainthelena|"
        "ascensionandtristandacunhasthelena|" },
    { "SI",
        "|slovenia|republicofslovenia|svn|slowenien|slovenija|slovenie|"
        "eslovenia|" },
    { "SJ", "|svalbardandjanmayen|svalbardjanmayen|sjm|" },
    { "SK",
        "|slovakia|slovakrepublic|svk|slowakei|slovensko|slovaquie|eslovaquia|"
        "slovacchia|slowacja|slowakije|" },
    { "SL", "|sierraleone|republicofsierraleone|sle|" },
    { "SM", "|sanmarino|republicofsanmarino|smr|" },
    { "SN", "|senegal|republicofsenegal|sen|" },
    { "SO", "|somalia|federalrepublicofsomalia|som|" },
    { "SR", "|suriname|republicofsuriname|sur|" },
    { "SS", "|southsudan|republicofsouthsudan|ssd|" },
    { "ST",
        "|saotomeandprincipe|saotomeprincipe|"
        "democraticrepublicofsaotomeandprincipe|"
        "democraticrepublicofsaotomeprincipe|stp|" },
    { "SV", "|elsalvador|republicofelsalvador|slv|" },
    { "SX", "|sintmaartendutchpart|sxm|sintmaarten|" },
    { "SY", "|syrianarabrepublic|syria|syr|syrien|" },
    { "SZ", "|eswatini|kingdomofeswatini|swz|swaziland|" },
    { "TC", "|turksandcaicosislands|turkscaicosislands|tca|" },
    { "TD", "|chad|republicofchad|tcd|" },
    { "TF", "|frenchsouthernterritories|atf|" },
    { "TG", "|togo|togoleserepublic|tgo|" },
    { "TH", "|thailand|kingdomofthailand|tha|ประเทศไทย|ไทย|tailandia|thailande|" },
    { "TJ", "|tajikistan|republicoftajikistan|tjk|" },
    { "TK", "|tokelau|tkl|" },
    { "TL", "|timorleste|democraticrepublicoftimorleste|tls|easttimor|" },
    { "TM", "|turkmenistan|tkm|" },
    { "TN", "|tunisia|republicoftunisia|tun|tunesien|tunisie|tunez|تونس|" },
    { "TO", "|tonga|kingdomoftonga|ton|" },
    { "TR",
        "|turkiye|republicofturkiye|tur|turkei|tuerkei|turkey|turquie|turquia|"
        "turchia|turkije|turcja|" },
    { "TT",
        "|trinidadandtobago|trinidadtobago|republicoftrinidadandtobago|"
        "republicoftrinidadtobago|tto|" },
    { "TV", "|tuvalu|tuv|" },
    { "TW",
        "|taiwanprovinceofchina|taiwan|twn|taiwanroc|republicofchina|臺灣|台灣|台湾|"
        "chinesetaipei|provinceofchinataiwan|" },
    { "TZ",
        "|tanzaniaunitedrepublicof|tanzania|unitedrepublicoftanzania|tza|"
        "tansania|" },
    { "UA", "|ukraine|ukr|ukraina|украіна|украина|ucrania|ucraina|oekraine|" },
    { "UG", "|uganda|republicofuganda|uga|" },
    { "UM", "|unitedstatesminoroutlyingislands|umi|" },
    { "US",
        "|unitedstates|unitedstatesofamerica|usa|america|theunitedstates|"
        "estadosunidos|estadosunidosdeamerica|etatsunis|vereinigtestaaten|"
        "vereinigtestaatenvonamerika|statiuniti|statiunitidamerica|"
        "verenigdestaten|stanyzjednoczone|сша|美国|アメリカ|eeuu|amerika|" },
    { "UY", "|uruguay|easternrepublicofuruguay|ury|" },
    { "UZ", "|uzbekistan|republicofuzbekistan|uzb|" },
    { "VA", "|holyseevaticancitystate|vat|vatican|vaticancity|holysee|" },
    { "VC",
        "|saintvincentandthegrenadines|saintvincentthegrenadines|"
        "stvincentandthegrenadines|vct|" },
    { "VE",
        "|venezuelabolivarianrepublicof|venezuela|"
        "bolivarianrepublicofvenezuela|ven|" },
    { "VG", "|virginislandsbritish|britishvirginislands|vgb|" },
    { "VI", "|virginislandsus|virginislandsoftheunitedstates|vir|usvirginislands|" },
    { "VN", "|vietnam|socialistrepublicofvietnam|vnm|" },
    { "VU", "|vanuatu|republicofvanuatu|vut|" },
    { "WF", "|wallisandfutuna|wallisfutuna|wlf|" },
    { "WS", "|samoa|independentstateofsamoa|wsm|" },
    { "YE", "|yemen|republicofyemen|yem|" },
    { "YT", "|mayotte|myt|" },
    { "ZA",
        "|southafrica|republicofsouthafrica|zaf|sudafrika|rsa|afriquedusud|"
        "sudafrica|suidafrika|" },
    { "ZM", "|zambia|republicofzambia|zmb|" },
    { "ZW", "|zimbabwe|republicofzimbabwe|zwe|" },
};

bool rt_country_is_code(struct rt_span code)
{
    if (code.n != 2)
        return false;
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++)
        if (memcmp(countries[i].code, code.p, 2) == 0)
            return true;
    return false;
}

/* Whether names holds |name|. */
static bool has_name(const char *names, const char *name, size_t n)
{
    for (const char *p = names + 1; *p; p = strchr(p, '|') + 1)
        if (strncmp(p, name, n) == 0 && p[n] == '|')
            return true;
    return false;
}

bool rt_country_code(struct rt_span text, char code[3])
{
    char bare[4 * LONGEST_NAME + 1];
    size_t n = 0;

    if (text.n > LONGEST_NAME
        || rt_unicode_map(RT_UNICODE_BARE, text, bare, sizeof bare - 1, &n) < 0 || n < 2)
        return false;
    bare[n] = '\0';
    if (n == 2) {
        char upper[3] = { (char)(bare[0] & ~0x20), (char)(bare[1] & ~0x20), '\0' };

        if (rt_country_is_code((struct rt_span) { upper, 2 })) {
            memcpy(code, upper, 3);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++)
        if (has_name(countries[i].names, bare, n)) {
            memcpy(code, countries[i].code, 3);
            return true;
        }
    return false;
}
